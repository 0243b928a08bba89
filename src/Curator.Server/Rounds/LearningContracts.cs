using Curator.Labeling.Classification;
using Curator.Labeling.Metrics;

namespace Curator.Server.Rounds;

/// <summary>What a page can set going for a task.</summary>
internal enum LearningWork
{
    /// <summary>One more round, whatever the budget.</summary>
    Round,

    /// <summary>Rounds until a stop rule holds.</summary>
    Rounds,

    /// <summary>The final sweep over every picture.</summary>
    Sweep,
}

/// <summary>Where the work of a task stands.</summary>
internal enum LearningState
{
    /// <summary>Nothing was asked of the server yet.</summary>
    Idle,

    /// <summary>Under way here, or to be taken up by the next server that runs.</summary>
    Running,

    /// <summary>Asked to stop; it ends at its next step.</summary>
    Stopping,

    /// <summary>Ended by itself.</summary>
    Done,

    /// <summary>Ended by a person.</summary>
    Stopped,

    /// <summary>Ended by an error.</summary>
    Failed,
}

/// <param name="LabelBudget">Labels at most, those given included; null for the project's setting. For one round it is not asked.</param>
/// <param name="RoundSize">Pictures in a round; null for the project's setting.</param>
/// <param name="Strategy">A query strategy by name; null for the project's setting.</param>
/// <param name="TargetF1">Stop when F1 is at least this with confidence; null for the project's setting.</param>
internal sealed record LearningRequest(LearningWork Work, int? LabelBudget = null, int? RoundSize = null, string? Strategy = null, double? TargetF1 = null);

/// <summary>What the server was asked to do and how far it is; kept in the catalog as long as the task.</summary>
/// <param name="Message">What came of it, or what it waits for.</param>
/// <param name="NextStep">What to try after a failure.</param>
internal sealed record LearningJob(
    LearningState State, LearningRequest? Request, string? Person, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Message, string? NextStep)
{
    public static LearningJob Idle { get; } = new(LearningState.Idle, null, null, null, null, null, null);

    public bool IsAlive => State is LearningState.Running or LearningState.Stopping;
}

/// <param name="Done">Of the sweep's pictures; 0 of 0 for rounds.</param>
/// <param name="Elsewhere">Rounds of this task run in another process (<c>curator learn</c>), so none can be begun here.</param>
/// <param name="Labels">Pictures with a yes or no.</param>
/// <param name="Budget">Labels that the settings allow.</param>
/// <param name="RoundSize">Pictures that the settings ask in a round.</param>
/// <param name="Images">Embedded pictures of the project.</param>
/// <param name="Sweep">The last one; null before the first.</param>
internal sealed record LearningDescription(
    LearningJob Job, long Done, long Total, bool Elsewhere, int Labels, int Budget, int RoundSize, long Images, IReadOnlyList<string> Strategies, string Strategy, SweepDescription? Sweep,
    CostReport Cost);

/// <param name="Threshold">From which a picture without an answer counts as positive.</param>
/// <param name="Stale">Whether answers have come since, so that another sweep would say more.</param>
internal sealed record SweepDescription(float Threshold, long Images, long Unscored, long Positives, long HumanPositives, long ModelPositives, ArchiveEstimate? Estimate, bool Stale)
{
    public static SweepDescription Of(ClassifyReport report, long labels) => new(
        report.Threshold, report.Images, report.Unscored, report.Positives, report.HumanPositives, report.ModelPositives, report.Estimate, labels != report.HumanPositives + report.HumanNegatives);
}

/// <param name="Probability">Of the task's first class when it was queued; null before there was a head.</param>
/// <param name="Reason">Why it was picked.</param>
/// <param name="Answer">Present answer; null while there is none.</param>
/// <param name="Unsure">Somebody looked and could not tell.</param>
internal sealed record QueuedPicture(string ImageId, string Picture, float? Probability, string Reason, string? Answer, bool Unsure);

/// <param name="Probability">Of <paramref name="Value"/>, 0 to 1.</param>
/// <param name="Value">The class that the sweep gives it.</param>
internal sealed record BorderPicture(string ImageId, string Picture, float Probability, string Value);

/// <param name="Items">The most doubtful ones, by class, from sure to doubtful.</param>
internal sealed record BorderPictures(float Threshold, IReadOnlyList<BorderPicture> Items);
