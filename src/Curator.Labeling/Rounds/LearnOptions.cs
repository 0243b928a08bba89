using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Labeling.Rounds;

/// <summary>How a task is learned; section <c>learn</c>.</summary>
public sealed record LearnOptions
{
    [Description("Labels at most, seed included. Default: budget-share of the images, at most budget-cap."), Range(2, int.MaxValue)]
    public int? LabelBudget { get; init; }

    [Description("Labels at most as a share of the images."), Range(0, 1)]
    public double BudgetShare { get; init; } = 0.1;

    [Description("Most labels that the share may come to."), Range(2, int.MaxValue)]
    public int BudgetCap { get; init; } = 2000;

    [Description("Images asked in a round. Default: 10 at first, growing to a twentieth of the budget, from 10 to 100."), Range(1, 100_000)]
    public int? RoundSize { get; init; }

    [Description("Rounds at most, the seed not counted."), Range(0, 100_000)]
    public int Rounds { get; init; } = 1000;

    [Description("Stop when F1 is at least this with 97.5 % confidence. Default: never."), Range(0, 1)]
    public double? TargetF1 { get; init; }

    [Description("Stop after so many minutes of this run, at the end of a round. Default: never."), Range(0, 1_000_000)]
    public double? TimeLimitMinutes { get; init; }

    [Description("Stop when so many rounds in a row found no positive. 0: never."), Range(0, 100_000)]
    public int Patience { get; init; } = 5;

    [Description("Which images are asked next: schedule, a query strategy by name, or several with strengths, such as entropy*k-centre^0.5."), Required]
    public string Strategy { get; init; } = Strategies.QueryStrategies.ScheduleName;

    [Description("Share of each round drawn over all score bands, for honest numbers."), Range(0, 0.9)]
    public double HoldoutShare { get; init; } = 0.1;

    [Description("Share of each round that looks into parts of the archive nobody has seen, until there are none."), Range(0, 0.9)]
    public double CoverShare { get; init; } = 0.1;

    [Description("Share of each round given to the likeliest positives."), Range(0, 0.9)]
    public double LikelyShare { get; init; }

    [Description("Rounds work on so many images; a larger archive is sampled."), Range(100, 2_000_000)]
    public int Sample { get; init; } = 100_000;

    [Description("How a larger archive is sampled: clusters (as many of each part of the embedding space), k-centre (the same, spread out in each part) or even.")]
    public SampleKind Sampling { get; init; } = SampleKind.Clusters;

    [Description("Images asked are chosen from: sample, or neighbours (of answered images in the whole archive, and a small sample).")]
    public CandidateKind Candidates { get; init; } = CandidateKind.Sample;

    [Description("Confusing and positive images whose neighbours in the whole archive join a sample, a round. 0: none."), Range(0, 10_000)]
    public int ExpandImages { get; init; } = 20;

    [Description("Neighbours of each that join."), Range(1, 10_000)]
    public int ExpandNeighbours { get; init; } = 50;

    [Description("Classifier on the embeddings: kernel, linear or mlp.")]
    public HeadKind Head { get; init; } = HeadKind.Kernel;

    [Description("Weight of rare classes in training: 0 every label weighs the same, 1 every class."), Range(0, 1)]
    public double ClassBalance { get; init; }

    [Description("Predictions of an outside model whose scores the strategy goes by (coral, top-n …). Default: none.")]
    public string? Predictions { get; init; }

    [Description("Which score of the predictions counts. Default: least-confidence.")]
    public string? Score { get; init; }

    [Description("Seed of all chance.")]
    public int Seed { get; init; } = 1;

    /// <summary>Labels at most for a pool of <paramref name="images"/>.</summary>
    public int BudgetFor(long images) =>
        (int)Math.Min(images, LabelBudget ?? Math.Clamp((long)Math.Round(images * BudgetShare), Math.Min(2, BudgetCap), BudgetCap));

    /// <summary>Images asked in a round with that budget: ten at first, five more from round to round, because a head of ten labels changes with every further one.</summary>
    public int RoundSizeFor(int budget, int round = int.MaxValue) =>
        RoundSize ?? (int)Math.Min(Math.Clamp(budget / 20, FirstRound, 100), FirstRound + (long)round * RoundGrowth);

    private const int FirstRound = 10;
    private const int RoundGrowth = 5;
}

/// <summary>How an archive that is larger than the sample is sampled.</summary>
public enum SampleKind
{
    /// <summary>Every image with the same chance.</summary>
    Even,

    /// <summary>As many images of every part of the embedding space, so that rare kinds are in the sample.</summary>
    Clusters,

    /// <summary>The same, and within each part such as are far from each other.</summary>
    KCentre,
}

/// <summary>Which images a round may ask about.</summary>
public enum CandidateKind
{
    /// <summary>The sample, and what expansion brought.</summary>
    Sample,

    /// <summary>Neighbours of answered images in the whole archive (SEALS: Coleman et al., Similarity Search for Efficient Active Learning and Search of Rare Concepts, 2022).</summary>
    Neighbours,
}
