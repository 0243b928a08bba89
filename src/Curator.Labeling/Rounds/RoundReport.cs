using Curator.Labeling.Metrics;

namespace Curator.Labeling.Rounds;

/// <summary>The numbers of a finished round, kept as the round's metrics and as a line of <c>rounds.jsonl</c>.</summary>
/// <param name="Round">0 is the seed.</param>
/// <param name="Asked">Images asked in this round.</param>
/// <param name="Labels">Images with a yes or no so far.</param>
/// <param name="Unsure">Images that people could not tell so far.</param>
/// <param name="Positives">Positives labeled so far.</param>
/// <param name="NewPositives">Positives among this round's answers; with more than two classes, answers that the head had not expected.</param>
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
    double Seconds)
{
    /// <summary>Of each class, when there are more than two; the numbers above are then their means.</summary>
    public IReadOnlyList<ClassNumbers>? Classes { get; init; }

    /// <summary>What choosing and measuring cost; null in rounds of older versions.</summary>
    public RoundCost? Cost { get; init; }
}

/// <summary>One class of several in a round.</summary>
/// <param name="Labels">Images with this answer so far.</param>
public sealed record ClassNumbers(string Class, int Labels, ArchiveEstimate? Estimate, ExactNumbers? Exact);

/// <summary>What a round costs the machine, in numbers that do not depend on it. Does not grow with the archive.</summary>
/// <param name="Scored">Rows that the head scored.</param>
/// <param name="Compared">Vectors that searches of the whole archive compared with a query.</param>
/// <param name="BytesRead">Read from embeddings and indexes.</param>
/// <param name="Added">Images that expansion brought into the pool.</param>
public sealed record RoundCost(long Scored, long Compared, long BytesRead, int Added);

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

    /// <summary>The time asked for is over.</summary>
    Time,

    /// <summary>Several rounds in a row found no positive; with more than two classes, no answer that the head had not expected.</summary>
    NoNewPositives,

    /// <summary>The number of rounds asked for is done.</summary>
    Rounds,

    /// <summary>Every image has an answer.</summary>
    Exhausted,
}

/// <summary>How the rounds of a task went.</summary>
/// <param name="Rounds">All finished rounds, earlier runs' too.</param>
public sealed record LearnReport(string Task, StopReason Stop, int Labels, int Positives, int Budget, IReadOnlyList<RoundReport> Rounds);
