using Curator.Cli.Reports;
using Curator.Core.Images;
using Curator.Labeling.Classification;

namespace Curator.Cli.Jobs;

/// <summary>The report of <c>find</c>: the user's own pictures, of which nothing more is known.</summary>
internal sealed class PlainReport(FindOptions options) : IFindReport
{
    public string Guidelines => "";

    public string? ScoreAgainst => options.Simulate;

    public Task<DemoReport> ComposeAsync(FindRun run, CancellationToken cancellationToken)
    {
        var outcome = run.Outcome;
        return Task.FromResult(new DemoReport
        {
            Title = options.Task,
            Lead = $"From one picture, Curator looked through {outcome.Images:N0} pictures. {(run.IsSimulated ? "A given truth" : "People")} answered for {run.LabelsUsed:N0} of them.",
            Figures = outcome.Figures(run.LabelsUsed) with { Total = run.Total },
            Example = new ReportPicture(run.Picture, Path.GetFileName(run.Picture)),
            Curve = run.Curve,
            Stages = run.Stages,
            Finds = Group(outcome.Found),
            Misses = Group(outcome.Missed),
            FalseFinds = Group(outcome.FalseFinds),
            Command = run.Command,
        });
    }

    /// <summary>Evenly chosen from all, so that a sheet of a few speaks for the rest.</summary>
    private static PictureGroup Group(IReadOnlyList<FinalLabel> labels)
    {
        var count = Math.Min(labels.Count, HtmlReport.MostPictures);
        var chosen = Enumerable.Range(0, count).Select(i => labels[(int)((long)i * labels.Count / count)]);
        return new PictureGroup(labels.Count, [.. chosen.Select(l => new ReportPicture(l.Record.Uri, Caption(l)))]);
    }

    private static string Caption(FinalLabel label) =>
        $"{Name(label.Record)} · {(label.IsHuman ? "looked at" : label.Confidence.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture))}";

    private static string Name(ImageRecord record) => Path.GetFileName(record.Uri);
}
