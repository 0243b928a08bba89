using Curator.Labeling.Metrics;

namespace Curator.Labeling.Rounds;

/// <summary>The numbers of a finished round, kept as the round's metrics and as a line of <c>rounds.jsonl</c>.</summary>
/// <param name="Round">0 is the seed.</param>
/// <param name="Asked">Images asked in this round.</param>
/// <param name="Labels">Images with a yes or no so far.</param>
/// <param name="Unsure">Images that people could not tell so far.</param>
/// <param name="Positives">Positives labeled so far.</param>
/// <param name="NewPositives">Positives among this round's answers.</param>
/// <param name="Images">Images in the pool that the numbers speak of.</param>
/// <param name="Threshold">Probability from which an unlabeled image counts as positive; NaN is stored as null while there is no head.</param>
/// <param name="Regularisation">λ chosen by cross-validation; null while there is no head.</param>
/// <param name="Estimate">Of the finished set (labels where given, threshold elsewhere), from the labels alone; null while there is no head.</param>
/// <param name="Exact">Of the same set against the truth, when the truth is known (simulation).</param>
/// <param name="Seconds">Of training and measuring after the last answer; not of people's time.</param>
public sealed record RoundReport(
    int Round,
    int Asked,
    int Labels,
    int Unsure,
    int Positives,
    int NewPositives,
    int Images,
    double? Threshold,
    double? Regularisation,
    ArchiveEstimate? Estimate,
    ExactNumbers? Exact,
    double Seconds);

/// <summary>Against the truth: of the finished set, and of the head's order of the unlabeled images.</summary>
/// <param name="Positives">True positives there are.</param>
/// <param name="AreaUnderCurve">Of the head over the whole pool; null when a class is missing.</param>
/// <param name="AveragePrecision">Of the head over the whole pool; null when a class is missing.</param>
public sealed record ExactNumbers(double Precision, double Recall, double F1, long Positives, double? AreaUnderCurve, double? AveragePrecision);

/// <summary>Why the rounds ended.</summary>
public enum StopReason
{
    /// <summary>The label budget is used up.</summary>
    Budget,

    /// <summary>The target F1 is reached with confidence.</summary>
    Target,

    /// <summary>Several rounds in a row found no positive.</summary>
    NoNewPositives,

    /// <summary>The number of rounds asked for is done.</summary>
    Rounds,

    /// <summary>Every image has an answer.</summary>
    Exhausted,
}

/// <summary>How the rounds of a task went.</summary>
/// <param name="Rounds">All finished rounds, earlier runs' too.</param>
public sealed record LearnReport(string Task, StopReason Stop, int Labels, int Positives, int Budget, IReadOnlyList<RoundReport> Rounds);
