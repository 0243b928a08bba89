using Curator.Cli.Reports;

namespace Curator.Cli.Jobs;

/// <summary>What a finished job knows about itself.</summary>
/// <param name="LabelsUsed">Pictures that a person, or the truth in their place, looked at.</param>
/// <param name="Curve">Scores after each round; empty where the truth is unknown.</param>
/// <param name="Picture">The example, absolute.</param>
internal sealed record FindRun(
    Outcome Outcome, int LabelsUsed, bool IsSimulated, IReadOnlyList<CurvePoint> Curve, IReadOnlyList<StageTime> Stages, TimeSpan Total, string Command, string Picture);

/// <summary>What differs between <c>find</c> and the demo: words, terms, a map, and who knows the truth.</summary>
internal interface IFindReport
{
    /// <summary>Shown to labelers on request.</summary>
    string Guidelines { get; }

    /// <summary>A truth to score the result against even when people answer; null where there is none.</summary>
    string? ScoreAgainst { get; }

    Task<DemoReport> ComposeAsync(FindRun run, CancellationToken cancellationToken);
}
