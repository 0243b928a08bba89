using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Curator.Core;
using Curator.Learning.Networks;
using Curator.Learning.Optimizers;
using Curator.Learning.Views;

namespace Curator.Learning.Training;

/// <summary>How to learn without labels.</summary>
public enum LearningMethod
{
    /// <summary>Contrast against the other images of the batch. Chen et al. 2020.</summary>
    Simclr,

    /// <summary>Each view predicts the other; no negatives. Chen and He 2021.</summary>
    Simsiam,

    /// <summary>Each view predicts what a slowly following copy says of the other. Grill et al. 2020.</summary>
    Byol,

    /// <summary>Dimensions that say the same of both views and nothing of one another. Zbontar et al. 2021.</summary>
    BarlowTwins,

    /// <summary>Alike views, spread and uncorrelated dimensions. Bardes et al. 2022.</summary>
    Vicreg,

    /// <summary>Many small patches of each image agree: few steps do. Tong et al. 2023.</summary>
    Emp,

    /// <summary>SimSiam with many views: few steps do. Pototzky et al. 2022.</summary>
    FastSiam,
}

/// <summary>Arithmetic of the forward and backward pass.</summary>
public enum TrainingPrecision
{
    /// <summary>bfloat16 on a GPU, and on a processor that has instructions for it; else single. Single too where bfloat16 is found to be wrong.</summary>
    Auto,

    /// <summary>32 bit.</summary>
    Fp32,

    /// <summary>Single, with products of 19 bits on a GPU's matrix units; as Fp32 on the processor.</summary>
    Tf32,

    /// <summary>16 bit with single's range; weights, optimiser and loss stay single.</summary>
    Bf16,
}

/// <summary>Settings of <c>curator train</c>, section <c>train</c>.</summary>
public sealed record TrainOptions
{
    /// <summary>The budget when none is given.</summary>
    public const double DefaultMinutes = 10;

    [Description("Name of the encoder; each training makes its next version. The default is the method.")]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9-]{0,63}", ErrorMessage = "The name has letters, digits and dashes only.")]
    public string? Name { get; init; }

    /// <summary><see cref="Name"/>, or the method's.</summary>
    internal string EncoderName => Name ?? MethodName;

    /// <summary>As on the command line.</summary>
    internal string MethodName => Core.Settings.SettingsResolver.Kebab(Method.ToString());

    [Description("How to learn without labels.")]
    public LearningMethod Method { get; init; } = LearningMethod.Simclr;

    [Description("Network: small-cnn, or a ResNet; those called small keep the resolution, for pictures below 64 pixels.")]
    public Architecture Architecture { get; init; } = Architecture.Resnet18;

    [Range(16, 512)]
    [Description("Channels of the network's first stage, a multiple of 16; 32 is half of the published ResNet-18.")]
    public int Width { get; init; } = 32;

    [Description("Begin with the weights of this encoder (name or name@version) or file (safetensors, PyTorch state dict) instead of random ones; same architecture and width.")]
    public string? From { get; init; }

    [Range(2, 4096)]
    [Description("Length of what the network contributes to an embedding (at most 8 times the width, 32 times for resnet50; any for small-cnn).")]
    public int EmbeddingSize { get; init; } = 128;

    [Range(32, 512)]
    [Description("Side to which pictures are resized, pixels, a multiple of 32; of 64 when joined with the statistics.")]
    public int ImageSize { get; init; } = 64;

    /// <summary>The batch size when none is given and no trial finds another clearly quicker.</summary>
    public const int DefaultBatchSize = 256;

    [Range(4, 4096)]
    [Description("Images a step; each gives two views. The default is 256, less where memory does not reach; with --minutes a short trial takes another that is clearly quicker an image.")]
    public int? BatchSize { get; init; }

    [Range(0.01, 10_080)]
    [Description("Train for about so many minutes. The number of steps is planned by a short trial, follows the time they take, and is recorded. The default is 10 when no budget is given.")]
    public double? Minutes { get; init; }

    [Range(1, 1_000_000_000_000)]
    [Description("Train on so many images (an image seen twice counts twice); exactly repeatable.")]
    public long? Budget { get; init; }

    [Range(0.001, 100_000)]
    [Description("Train so many times through the images; exactly repeatable.")]
    public double? Epochs { get; init; }

    [Range(4, 100_000_000)]
    [Description("Most images to learn from: a random sample of the archive is decoded once and kept while training.")]
    public int Pool { get; init; } = 50_000;

    [Range(1e-8, 10)]
    [Description("Peak learning rate; about 0.05 for sgd, and 1 and more for lars.")]
    public double LearningRate { get; init; } = 1e-3;

    [Description("What moves the weights.")]
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adamw;

    [Range(1, 1024)]
    [Description("Batches whose gradients are added up before a step: a larger batch in the same memory (negatives stay within a batch).")]
    public int Accumulate { get; init; } = 1;

    [Range(0, 1)]
    [Description("Weight decay; decoupled with adamw.")]
    public double WeightDecay { get; init; } = 1e-4;

    [Range(0.01, 10)]
    [Description("Temperature of the contrastive loss.")]
    public double Temperature { get; init; } = 0.2;

    [Range(2, 4096)]
    [Description("Length of the projection that the loss sees.")]
    public int Projection { get; init; } = 128;

    [Range(2, 64)]
    [Description("Views of each image a step, for emp and fast-siam.")]
    public int Patches { get; init; } = 6;

    [Range(0, 512)]
    [Description("Side of the views for emp and fast-siam, pixels, a multiple of 32; 0 for half of the image size.")]
    public int PatchSide { get; init; }

    [Range(0.5, 1.0)]
    [Description("How slowly the copy follows at the start, for byol.")]
    public double Momentum { get; init; } = 0.99;

    [Range(0, 0.9)]
    [Description("Share of the steps over which the learning rate rises.")]
    public double WarmUp { get; init; } = 0.05;

    [Description("Kind of imagery, which decides how views are made; each of the numbers below replaces the preset's.")]
    public ViewPreset Preset { get; init; } = ViewPreset.Satellite;

    [Range(0.01, 1.0)]
    [Description("Views: least share of the picture's area that a crop keeps.")]
    public float? MinArea { get; init; }

    [Range(0.01, 1.0)]
    [Description("Views: greatest share of the picture's area that a crop keeps.")]
    public float? MaxArea { get; init; }

    [Range(1.0, 10.0)]
    [Description("Views: greatest ratio of a crop's sides.")]
    public float? MaxAspect { get; init; }

    [Range(0.0, 180.0)]
    [Description("Views: greatest rotation to either side, degrees; corners are filled with the picture reflected.")]
    public float? Rotation { get; init; }

    [Description("Views: mirror left and right.")]
    public bool? FlipHorizontal { get; init; }

    [Description("Views: mirror up and down.")]
    public bool? FlipVertical { get; init; }

    [Range(0.0, 1.0)]
    [Description("Views: greatest change of the brightness, as a share.")]
    public float? Brightness { get; init; }

    [Range(0.0, 1.0)]
    [Description("Views: greatest change of the contrast, as a share.")]
    public float? Contrast { get; init; }

    [Range(0.0, 1.0)]
    [Description("Views: greatest change of the saturation, as a share.")]
    public float? Saturation { get; init; }

    [Range(0.0, 0.5)]
    [Description("Views: greatest turn of the hue, as a share of the circle.")]
    public float? Hue { get; init; }

    [Range(0.0, 1.0)]
    [Description("Views: probability of losing all colour.")]
    public float? Grey { get; init; }

    [Range(0.0, 1.0)]
    [Description("Views: probability of a blur.")]
    public float? Blur { get; init; }

    [Range(0.1, 10.0)]
    [Description("Views: greatest standard deviation of the blur, pixels.")]
    public float? BlurDeviation { get; init; }

    [Range(0.0, 1.0)]
    [Description("Views: probability of losing one channel.")]
    public float? ChannelDrop { get; init; }

    [Range(0, int.MaxValue)]
    [Description("Seed of everything random.")]
    public int Seed { get; init; } = 1;

    [Range(0, 1024)]
    [Description("Threads; 0 for one a core, or fewer where a short trial (with --minutes) finds them quicker. With 1 thread the same seed gives the same bytes.")]
    public int Threads { get; init; }

    [Description("Where to train: auto (a GPU when there is one that the libtorch in use can reach), cpu, cuda, or several such as cuda:0,cuda:1, each with its part of every batch.")]
    [RegularExpression(Native.ComputeDevice.Pattern, ErrorMessage = "The device is auto, cpu, cuda, cuda:N, or several of them with commas.")]
    public string Device { get; init; } = "auto";

    [Description("Arithmetic: auto, fp32, tf32 (GPU only) or bf16.")]
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;

    [Description("Fill parts without data (large regions of exactly black pixels) with what lies around, before the encoder sees them. The default is the preset's: not for natural and microscopy.")]
    public bool? FillGaps { get; init; }

    [Description("Bands of TIFFs to learn from, any number, such as 2,3,4,8; every picture must have them, and queries too. The default is the picture in colour. See --preset multispectral.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Bands { get; init; }

    [Description("With --bands: samples that become 0 and 255, one pair such as 0:3000 for all bands or one a band. The default is the whole range of 8 or 16 bits.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Stretch { get; init; }

    /// <summary>How pictures are prepared, for training and ever after.</summary>
    public string Preprocessing => Bands is not null ? Encoders.Preparation.OfBands(Bands, Stretch) : FillGaps ?? Preset is not (ViewPreset.Natural or ViewPreset.Microscopy) ? Encoders.EncoderCard.FillAndStretch : Encoders.EncoderCard.Stretch;

    [Description("Where the manifest tells place and date, take the same place at another date for every other view.")]
    public bool Pairs { get; init; } = true;

    [Range(0, 1000)]
    [Description("Stop after so many validations (twenty a training, on pictures kept back) without a better one; the best weights are kept in any case. 0 never stops.")]
    public int EarlyStop { get; init; } = 10;

    [Range(1, 86_400)]
    [Description("Seconds between checkpoints.")]
    public int CheckpointSeconds { get; init; } = 60;

    [Range(1, 1_000_000)]
    [Description("Also write a checkpoint every so many steps.")]
    public int? EverySteps { get; init; }

    [Description("Join the learned features with the training-free statistics, which look at colours; better than either alone. Never with --bands.")]
    public bool JoinStatistics { get; init; } = true;

    [Range(0.0, 0.99)]
    [Description("Share of the statistics in a joined embedding's squared length.")]
    public double StatisticsShare { get; init; } = 0.9;

    /// <summary>The preset with what was set by number.</summary>
    internal ViewOptions Views()
    {
        var preset = ViewOptions.Of(Preset);
        // Patches are parts: each shows a little, together they show all.
        if (Method is LearningMethod.Emp or LearningMethod.FastSiam) preset = preset with { MinArea = 0.15f, MaxArea = 0.5f };
        return preset with
        {
            MinArea = MinArea ?? preset.MinArea, MaxArea = Math.Max(MaxArea ?? preset.MaxArea, MinArea ?? preset.MinArea), MaxAspect = MaxAspect ?? preset.MaxAspect,
            Rotation = Rotation ?? preset.Rotation, FlipHorizontal = FlipHorizontal ?? preset.FlipHorizontal, FlipVertical = FlipVertical ?? preset.FlipVertical,
            Brightness = Brightness ?? preset.Brightness, Contrast = Contrast ?? preset.Contrast, Saturation = Saturation ?? preset.Saturation, Hue = Hue ?? preset.Hue,
            Grey = Grey ?? preset.Grey, Blur = Blur ?? preset.Blur, BlurDeviation = BlurDeviation ?? preset.BlurDeviation, ChannelDrop = ChannelDrop ?? preset.ChannelDrop,
        };
    }

    /// <summary>Views V of each image a step.</summary>
    internal int ViewCount => Method is LearningMethod.Emp or LearningMethod.FastSiam ? Patches : 2;

    /// <summary>Side of the views that the network learns from, pixels.</summary>
    internal int ViewSide => Method is LearningMethod.Emp or LearningMethod.FastSiam ? (PatchSide > 0 ? PatchSide : Math.Max(32, ImageSize / 64 * 32)) : ImageSize;

    /// <summary>Threads where nothing is tried.</summary>
    internal int ThreadsOrAll => Threads > 0 ? Threads : Environment.ProcessorCount;

    /// <summary>Whether the budget is time, so that what is quicker here may decide; other budgets repeat exactly.</summary>
    internal bool IsTimed => this is { Budget: null, Epochs: null };

    /// <summary>Whether statistics of colours are joined: bands have none.</summary>
    internal bool JoinsStatistics => JoinStatistics && Bands is null;

    /// <summary>C of the pictures.</summary>
    internal int Channels => Encoders.Preparation.Of(Preprocessing).Channels;

    /// <summary>The network.</summary>
    internal NetworkPlan Plan(int channels = 3) => Architectures.Plan(Architecture, Width, channels, EmbeddingSize);

    /// <summary>Checks what attributes cannot say.</summary>
    /// <exception cref="WorkspaceException">Settings that do not go together.</exception>
    internal void Check()
    {
        if (new object?[] { Minutes, Budget, Epochs }.Count(value => value is not null) > 1)
            throw new WorkspaceException("More than one of minutes, budget and epochs is set.", "Keep one of --minutes, --budget and --epochs.");
        if (ImageSize % 32 != 0) throw new WorkspaceException($"The image size is {ImageSize}, not a multiple of 32.", $"Use --image-size {Math.Max(32, ImageSize / 32 * 32)}.");
        if (JoinsStatistics && ImageSize % 64 != 0)
            throw new WorkspaceException($"Joining with the statistics needs an image size that is a multiple of 64, not {ImageSize}.", "Use --image-size 64 or --join-statistics false.");
        if (PatchSide % 32 != 0) throw new WorkspaceException($"The side of patches is {PatchSide}, not a multiple of 32.", "Use --patch-side 32.");
        if (Bands is null && Stretch is not null) throw new WorkspaceException("A stretch is given without bands.", "Name the bands with --bands, or drop --stretch.");
        if (Bands is not null && FillGaps == true) throw new WorkspaceException("Gaps are filled in colours only, not in bands.", "Drop --fill-gaps or --bands.");
        _ = Plan(Channels);
    }
}
