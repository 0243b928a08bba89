using Curator.Cli.Reports;
using Curator.Core;
using Curator.Labeling.Rounds;

namespace Curator.Cli.Jobs;

/// <summary>Puts a job's outcome on disk: <c>report.html</c>, <c>rounds.jsonl</c>, <c>rounds.png</c>.</summary>
internal static class ReportWriter
{
    /// <summary>The command line as the person typed it.</summary>
    public static string Command => string.Join(' ', ["curator", .. Environment.GetCommandLineArgs().Skip(1)]);

    public static IReadOnlyList<CurvePoint> Curve(LearnReport learned) =>
        [.. learned.Rounds.Where(r => r.Exact is not null).Select(r => new CurvePoint(r.Labels, r.Exact!.F1, r.Exact.Precision, r.Exact.Recall))];

    /// <returns>Absolute path of the report.</returns>
    public static async Task<string> WriteAsync(Workspace workspace, string task, string folder, DemoReport report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await RoundFiles.WriteAsync(workspace, task, folder, cancellationToken);
        var path = Path.Combine(folder, "report.html");
        HtmlReport.Write(path, report);
        return path;
    }
}
