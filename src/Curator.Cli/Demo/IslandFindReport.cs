using Curator.Cli.Jobs;
using Curator.Cli.Reports;

namespace Curator.Cli.Demo;

/// <summary>The report of the demo: held against the coastlines, whoever answered.</summary>
internal sealed class IslandFindReport(DemoData data) : IFindReport
{
    public string Guidelines =>
        "Yes: at least one island lies whole in the picture, with water all around, and is bigger than a speck. No: open sea, a continent's coast, islands that the picture's edge cuts.";

    public string? ScoreAgainst => data.TruthCsv;

    public async Task<DemoReport> ComposeAsync(FindRun run, CancellationToken cancellationToken)
    {
        var calls = run.Outcome.Called.Select(label => Path.GetFileName(label.Record.Uri)).ToList();
        var findings = await DemoFindings.ScoreAsync(data, calls, cancellationToken);
        return IslandReport.Compose(data, findings, new IslandRun(
            run.LabelsUsed, run.IsSimulated, run.Curve, null, run.Stages, run.Total, run.Command, run.Picture == data.ExamplePicture ? null : run.Picture));
    }
}
