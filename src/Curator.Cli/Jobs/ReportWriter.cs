using Curator.Cli.Reports;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Classification;
using Curator.Labeling.Rounds;

namespace Curator.Cli.Jobs;

/// <summary>Puts a job's outcome on disk: <c>report.html</c>, <c>rounds.jsonl</c>, <c>rounds.png</c>.</summary>
internal static class ReportWriter
{
    /// <returns>Absolute path of the report.</returns>
    public static async Task<string> WriteAsync(
        Workspace workspace, LabelingTask task, FindRequest request, LearnReport learned, Outcome outcome, ReportFigures figures,
        IReadOnlyList<StageTime> stages, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(request.Output);
        await RoundFiles.WriteAsync(workspace, task.Name, request.Output, cancellationToken);
        var path = Path.Combine(request.Output, "report.html");
        HtmlReport.Write(path, new DemoReport
        {
            Title = request.Report.Title,
            Lead = request.Report.Lead,
            Figures = figures,
            Example = new ReportPicture(request.Picture, "The example"),
            Curve = [.. learned.Rounds.Where(r => r.Exact is not null).Select(r => new CurvePoint(r.Labels, r.Exact!.F1, r.Exact.Precision, r.Exact.Recall))],
            Stages = stages,
            Finds = Group(outcome.Found),
            Misses = Group(outcome.Missed),
            FalseFinds = Group(outcome.FalseFinds),
            Map = request.Report.WorldPicture is { } world
                ? new WorldMap(world, Boxes(outcome.Found), Boxes(outcome.Missed), Boxes(outcome.FalseFinds))
                : null,
            Definition = request.Report.Definition,
            Terms = request.Report.Terms,
            Command = Command,
        });
        return path;
    }

    private static string Command => string.Join(' ', ["curator", .. Environment.GetCommandLineArgs().Skip(1)]);

    /// <summary>Evenly chosen from all, so that a sheet of a few speaks for the rest.</summary>
    private static PictureGroup Group(IReadOnlyList<FinalLabel> labels)
    {
        var count = Math.Min(labels.Count, HtmlReport.MostPictures);
        var chosen = Enumerable.Range(0, count).Select(i => labels[(int)((long)i * labels.Count / count)]);
        return new PictureGroup(labels.Count, [.. chosen.Select(l => new ReportPicture(l.Record.Uri, Caption(l)))]);
    }

    private static string Caption(FinalLabel label) => label.IsHuman ? $"{Place(label.Record)} · looked at" : $"{Place(label.Record)} · {label.Confidence:0.00}";

    private static string Place(ImageRecord record)
    {
        if (record.Footprint is not { } box) return Path.GetFileName(record.Uri);
        var latitude = (box.South + box.North) / 2;
        var longitude = box.CrossesAntimeridian ? (box.West + box.East + 360) / 2 : (box.West + box.East) / 2;
        if (longitude > 180) longitude -= 360;
        return $"{Math.Abs(latitude):0.0}°{(latitude < 0 ? 'S' : 'N')} {Math.Abs(longitude):0.0}°{(longitude < 0 ? 'W' : 'E')}";
    }

    private static IReadOnlyList<BoundingBox> Boxes(IReadOnlyList<FinalLabel> labels) =>
        [.. labels.Where(l => l.Record.Footprint is not null).Select(l => l.Record.Footprint!.Value)];
}
