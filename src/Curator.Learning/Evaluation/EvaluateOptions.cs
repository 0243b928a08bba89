using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Learning.Evaluation;

/// <summary>Settings of <c>curator encoders evaluate</c>, section <c>evaluate</c>.</summary>
public sealed record EvaluateOptions
{
    [Range(10, 1_000_000)]
    [Description("Pictures to judge by at most, evenly taken from the archive.")]
    public int Images { get; init; } = 20_000;

    [Range(1, 1000)]
    [Description("Neighbours that vote.")]
    public int Neighbours { get; init; } = 5;

    [Range(0.01, 0.9)]
    [Description("Share of the labeled pictures that is asked about.")]
    public double TestShare { get; init; } = 0.2;

    [Range(1, 10_000)]
    [Description("Nearest pictures whose class is compared, for precision at rank.")]
    public int Ranks { get; init; } = 50;

    [Range(1, 1_000_000)]
    [Description("Labeled pictures asked about for precision at rank.")]
    public int RankQueries { get; init; } = 2_000;

    [Range(0, 1024)]
    [Description("Threads; 0 for one a core.")]
    public int Threads { get; init; }
}

/// <summary>What an encoder is worth.</summary>
/// <param name="Labeled">Pictures with a label among those.</param>
/// <param name="Asked">Labeled pictures that were asked about.</param>
/// <param name="Votes">k-NN accuracy; null without labels.</param>
/// <param name="Bar">That of the training-free encoder on the same pictures; null without labels or for that encoder itself.</param>
/// <param name="AtRank">Precision at rank and rank-1 confusion, without neighbours of the same place; null without labels.</param>
/// <param name="BarAtRank">That of the training-free encoder on the same pictures.</param>
/// <param name="Alignment">Squared distance of a picture and its view, 0 at best; null where views cannot be made here.</param>
/// <param name="Uniformity">The lower the more evenly spread.</param>
/// <param name="EffectiveRank">Dimensions that are really used.</param>
public sealed record EvaluationReport(
    string Encoder, int Images, int Labeled, int Asked, VoteAccuracy? Votes, VoteAccuracy? Bar, RankAccuracy? AtRank, RankAccuracy? BarAtRank, double? Alignment, double Uniformity, double? EffectiveRank, IReadOnlyList<string> Classes)
{
    /// <summary>Where it lies in the encoder's folder.</summary>
    public const string FileName = "evaluation.json";

    /// <summary>Whether the encoder is at least as good as what needs no training; null when that cannot be told.</summary>
    public bool? PassesBar => Votes is null || Bar is null ? null : Votes.Accuracy >= Bar.Accuracy;
}
