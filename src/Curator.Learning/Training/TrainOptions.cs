using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Core;
using Curator.Learning.Networks;
using Curator.Learning.Views;

namespace Curator.Learning.Training;

/// <summary>How to learn without labels.</summary>
public enum LearningMethod
{
    /// <summary>Chen et al. 2020.</summary>
    Simclr,
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
    internal const double DefaultMinutes = 10;

    [Description("Name of the encoder; each training makes its next version.")]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9-]{0,63}", ErrorMessage = "The name has letters, digits and dashes only.")]
    public string Name { get; init; } = "simclr";

    [Description("How to learn without labels.")]
    public LearningMethod Method { get; init; } = LearningMethod.Simclr;

    [Description("Network: small-cnn, resnet18, or resnet18-small for pictures below 64 pixels.")]
    public Architecture Architecture { get; init; } = Architecture.Resnet18;

    [Range(16, 512)]
    [Description("Channels of the network's first stage, a multiple of 16; 32 is half of the published ResNet-18.")]
    public int Width { get; init; } = 32;

    [Description("Begin with the weights of this encoder (name or name@version) instead of random ones; same architecture and width.")]
    public string? From { get; init; }

    [Range(2, 4096)]
    [Description("Length of what the network contributes to an embedding (at most 8 times the width).")]
    public int EmbeddingSize { get; init; } = 128;

    [Range(32, 512)]
    [Description("Side to which pictures are resized, pixels, a multiple of 32; of 64 when joined with the statistics.")]
    public int ImageSize { get; init; } = 64;

    [Range(4, 4096)]
    [Description("Images a step; each gives two views.")]
    public int BatchSize { get; init; } = 256;

    [Range(0.01, 10_080)]
    [Description("Train for about so many minutes. The number of steps is fixed after a short trial and recorded. The default is 10 when no budget is given.")]
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
    [Description("Peak learning rate of AdamW.")]
    public double LearningRate { get; init; } = 1e-3;

    [Range(0, 1)]
    [Description("Decoupled weight decay.")]
    public double WeightDecay { get; init; } = 1e-4;

    [Range(0.01, 10)]
    [Description("Temperature of the contrastive loss.")]
    public double Temperature { get; init; } = 0.2;

    [Range(2, 4096)]
    [Description("Length of the projection that the loss sees.")]
    public int Projection { get; init; } = 128;

    [Range(0, 0.9)]
    [Description("Share of the steps over which the learning rate rises.")]
    public double WarmUp { get; init; } = 0.05;

    [Description("Kind of imagery, which decides how views are made: satellite or natural.")]
    public ViewPreset Preset { get; init; } = ViewPreset.Satellite;

    [Range(0, int.MaxValue)]
    [Description("Seed of everything random.")]
    public int Seed { get; init; } = 1;

    [Range(0, 1024)]
    [Description("Threads; 0 for one a core. With 1 thread the same seed gives the same bytes.")]
    public int Threads { get; init; }

    [Description("Where to train: auto (a GPU when there is one that the libtorch in use can reach), cpu, cuda or cuda:1.")]
    [RegularExpression(Native.ComputeDevice.Pattern, ErrorMessage = "The device is auto, cpu, cuda or cuda:N.")]
    public string Device { get; init; } = "auto";

    [Description("Arithmetic: auto, fp32, tf32 (GPU only) or bf16.")]
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;

    [Range(1, 86_400)]
    [Description("Seconds between checkpoints.")]
    public int CheckpointSeconds { get; init; } = 60;

    [Range(1, 1_000_000)]
    [Description("Also write a checkpoint every so many steps.")]
    public int? EverySteps { get; init; }

    [Description("Join the learned features with the training-free statistics; better than either alone.")]
    public bool JoinStatistics { get; init; } = true;

    [Range(0.0, 0.99)]
    [Description("Share of the statistics in a joined embedding's squared length.")]
    public double StatisticsShare { get; init; } = 0.9;

    /// <summary>Checks what attributes cannot say.</summary>
    /// <exception cref="WorkspaceException">Settings that do not go together.</exception>
    internal void Check()
    {
        if (new object?[] { Minutes, Budget, Epochs }.Count(value => value is not null) > 1)
            throw new WorkspaceException("More than one of minutes, budget and epochs is set.", "Keep one of --minutes, --budget and --epochs.");
        if (ImageSize % 32 != 0) throw new WorkspaceException($"The image size is {ImageSize}, not a multiple of 32.", $"Use --image-size {Math.Max(32, ImageSize / 32 * 32)}.");
        if (JoinStatistics && ImageSize % 64 != 0)
            throw new WorkspaceException($"Joining with the statistics needs an image size that is a multiple of 64, not {ImageSize}.", "Use --image-size 64 or --join-statistics false.");
        _ = Architectures.Plan(Architecture, Width);
    }
}
