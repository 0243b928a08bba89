using Curator.Core;
using Curator.Core.Files;
using Curator.Imagery.Plots;
using Curator.Labeling.Rounds;

namespace Curator.Cli.Jobs;

/// <summary>The rounds of a task as JSON lines and as a plot.</summary>
internal static class RoundFiles
{
    /// <summary>Writes <c>rounds.jsonl</c> and <c>rounds.png</c> into the folder.</summary>
    public static async Task WriteAsync(Workspace workspace, string task, string folder, CancellationToken cancellationToken)
    {
        var rounds = await LearningLoop.GetReportsAsync(workspace, task, cancellationToken);
        if (rounds.Count == 0) return;
        Directory.CreateDirectory(folder);
        var lines = LearningLoop.RoundsPath(workspace, task);
        if (File.Exists(lines)) AtomicFile.WriteText(Path.Combine(folder, "rounds.jsonl"), await File.ReadAllTextAsync(lines, cancellationToken));
        var series = Series(rounds);
        if (series.Count > 0)
            LinePlot.Write(Path.Combine(folder, "rounds.png"), series, new PlotOptions
            {
                Title = $"{task}: quality over all pictures against labels given",
                XTitle = "labels",
                YTitle = rounds.Any(r => r.Exact is not null) ? "against the truth" : "estimated from the labels, with 95 % interval",
                YMin = 0,
                YMax = 1,
                XMin = 0,
            });
    }

    private static List<PlotSeries> Series(IReadOnlyList<RoundReport> rounds)
    {
        var exact = rounds.Where(r => r.Exact is not null).ToList();
        if (exact.Count > 0)
        {
            double[] labels = [.. exact.Select(r => (double)r.Labels)];
            return
            [
                new PlotSeries("F1", labels, [.. exact.Select(r => r.Exact!.F1)]) { Markers = true },
                new PlotSeries("precision", labels, [.. exact.Select(r => r.Exact!.Precision)]) { Dashed = true },
                new PlotSeries("recall", labels, [.. exact.Select(r => r.Exact!.Recall)]) { Dashed = true },
            ];
        }
        var estimated = rounds.Where(r => r.Estimate is not null).ToList();
        if (estimated.Count == 0) return [];
        return
        [
            new PlotSeries("F1", [.. estimated.Select(r => (double)r.Labels)], [.. estimated.Select(r => r.Estimate!.F1.Value)])
            {
                Low = [.. estimated.Select(r => r.Estimate!.F1.Low)],
                High = [.. estimated.Select(r => r.Estimate!.F1.High)],
                Markers = true,
            },
        ];
    }
}
