using Curator.Core.Files;
using Curator.Imagery.Plots;
using Curator.Labeling.Rounds;

namespace Curator.Cli.Jobs;

/// <summary>One line of a plot: the rounds of a task, or of several runs of one strategy.</summary>
internal sealed record RoundLine(string Name, IReadOnlyList<IReadOnlyList<RoundReport>> Runs);

/// <summary>
/// F1 and positives found against labels, a line a strategy. One run is drawn at its rounds, F1 with its interval when it is an estimate; several are drawn as their mean with
/// the band from the least to the greatest, where all of them have got to.
/// </summary>
internal static class RoundPlots
{
    public const string F1File = "f1.png";

    public const string PositivesFile = "positives.png";

    private const int Steps = 60;

    public static void Write(string folder, IReadOnlyList<RoundLine> lines)
    {
        Directory.CreateDirectory(folder);
        var exact = lines.SelectMany(l => l.Runs).SelectMany(r => r).Any(r => r.Exact is not null);
        LinePlot.Write(Path.Combine(folder, F1File), [.. lines.Select(F1)], new PlotOptions
        {
            Title = "F1 over all pictures against labels given",
            XTitle = "labels",
            YTitle = exact ? "F1 against the truth" : "F1, estimated from the labels",
            XMin = 0,
            YMin = 0,
            YMax = 1,
        });
        AtomicFile.Write(Path.Combine(folder, PositivesFile), stream => stream.Write(Positives(lines)));
    }

    /// <summary>Positives found against labels, as PNG.</summary>
    public static byte[] Positives(IReadOnlyList<RoundLine> lines)
    {
        var series = lines.Select(l => Line(l, r => r.Positives, null)).ToList();
        // What one would find by looking at pictures in any order, where it is known how many there are.
        if (lines.SelectMany(l => l.Runs).Select(r => r[^1]).FirstOrDefault(r => r.Exact is not null) is { } known)
        {
            double labels = lines.SelectMany(l => l.Runs).Max(r => r[^1].Labels);
            series.Add(new PlotSeries("looking in any order", [0, labels], [0, labels * known.Exact!.Positives / known.Images]) { Dashed = true });
        }
        return LinePlot.Render(series, new PlotOptions { Title = "Positives found against labels given", XTitle = "labels", YTitle = "positives found", XMin = 0, YMin = 0 });
    }

    private static PlotSeries F1(RoundLine line) => Line(
        line, r => r.Exact?.F1 ?? r.Estimate?.F1.Value ?? double.NaN, r => r.Exact is null && r.Estimate is { } estimate ? (estimate.F1.Low, estimate.F1.High) : null);

    private static PlotSeries Line(RoundLine line, Func<RoundReport, double> value, Func<RoundReport, (double Low, double High)?>? interval)
    {
        if (line.Runs.Count > 1) return Band(line, value);
        var run = line.Runs[0];
        var series = new PlotSeries(line.Name, [.. run.Select(r => (double)r.Labels)], [.. run.Select(value)]) { Markers = true };
        return interval is null ? series : series with
        {
            Low = [.. run.Select(r => interval(r)?.Low ?? value(r))],
            High = [.. run.Select(r => interval(r)?.High ?? value(r))],
        };
    }

    private static PlotSeries Band(RoundLine line, Func<RoundReport, double> value)
    {
        var from = line.Runs.Max(r => r[0].Labels);
        var to = line.Runs.Min(r => r[^1].Labels);
        double[] x = to > from ? [.. Enumerable.Range(0, Steps + 1).Select(i => from + (double)(to - from) * i / Steps)] : [from];
        var values = x.Select(at => line.Runs.Select(run => At(run, at, value)).ToArray()).ToArray();
        return new PlotSeries($"{line.Name} ({line.Runs.Count} runs)", x, [.. values.Select(v => v.Average())])
        {
            Low = [.. values.Select(v => v.Min())],
            High = [.. values.Select(v => v.Max())],
        };
    }

    /// <summary>Between two rounds along a straight line.</summary>
    private static double At(IReadOnlyList<RoundReport> run, double labels, Func<RoundReport, double> value)
    {
        for (var i = 0; i < run.Count; i++)
        {
            if (run[i].Labels < labels) continue;
            if (i == 0 || run[i].Labels == run[i - 1].Labels) return value(run[i]);
            var share = (labels - run[i - 1].Labels) / (run[i].Labels - run[i - 1].Labels);
            return value(run[i - 1]) + share * (value(run[i]) - value(run[i - 1]));
        }
        return value(run[^1]);
    }
}
