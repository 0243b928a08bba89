using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Learning.Networks;
using Curator.Learning.Views;

namespace Curator.Learning.Supervised;

/// <summary>Settings of <c>curator train --task</c>, section <c>tune</c>. What has no description comes from the settings of <c>train</c>.</summary>
public sealed record FineTuneOptions
{
    /// <summary>Of the encoder that comes out.</summary>
    public string Name { get; init; } = "tuned";

    /// <summary>Encoder whose weights are the start: name (newest version) or name@version; null starts from random weights.</summary>
    public string? From { get; init; }

    /// <summary>Network of a start from random weights; with <see cref="From"/> it is that encoder's.</summary>
    public Architecture Architecture { get; init; } = Architecture.Resnet18;

    /// <inheritdoc cref="Architecture"/>
    public int Width { get; init; } = 32;

    /// <inheritdoc cref="Architecture"/>
    public int ImageSize { get; init; } = 64;

    /// <summary>Length of what the network contributes to an embedding, at most.</summary>
    public int EmbeddingSize { get; init; } = 128;

    public ViewPreset Preset { get; init; } = ViewPreset.Satellite;

    /// <summary>How pictures are prepared; with <see cref="From"/> an encoder it is that encoder's.</summary>
    public string Preprocessing { get; init; } = Encoders.EncoderCard.FillAndStretch;

    public int Seed { get; init; } = 1;

    /// <summary>0 for one a core.</summary>
    public int Threads { get; init; }

    [Range(0, 10_000)]
    [Description("With --task: most times through the labeled pictures with the whole network; 0 trains the head only.")]
    public int TuneEpochs { get; init; } = 30;

    [Range(1, 1_000_000_000)]
    [Description("With --task: most pictures to show in all (a picture shown twice counts twice).")]
    public long TuneImages { get; init; } = 30_000;

    [Range(1e-7, 1)]
    [Description("With --task: peak learning rate of the head while the network is tuned.")]
    public double TuneRate { get; init; } = 1e-3;

    [Range(0.05, 1)]
    [Description("With --task: each stage further from the head learns at this share of the next one's rate.")]
    public double LayerDecay { get; init; } = 0.7;

    [Range(4, 4096)]
    [Description("With --task: labeled pictures a step.")]
    public int TuneBatch { get; init; } = 32;

    [Range(1, 1000)]
    [Description("With --task: stop after so many times through without a better validation result; the best is kept.")]
    public int Patience { get; init; } = 8;

    [Range(0.0, 0.9)]
    [Description("With --task: share of each class's labels that is kept back to judge by.")]
    public double ValidationShare { get; init; } = 0.2;

    [Description("With --task: weigh classes inversely to their number of labels.")]
    public bool ClassWeights { get; init; } = true;
}
