using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Curator.Benchmarks.Search;
using Curator.Search.Layout;
using Curator.Search.Neighbours;

namespace Curator.Benchmarks.Map;

/// <summary>
/// Seconds, memory and kept neighbourhoods of our layouts, beside t-SNE of scikit-learn with the same perplexity, steps and rows in the same run. Neighbour search and start are part of the time
/// on both sides; wall time, since both use all processors.
/// </summary>
internal static class LayoutSuite
{
    public static void Run(Arguments arguments)
    {
        var dimension = arguments.Get("dimension", 128);
        var steps = arguments.Get("steps", 1000);
        using var log = new RunLog("map", arguments);
        foreach (var count in arguments.GetList("rows", 20_000))
        {
            var matrix = SyntheticRows.Get(arguments.Cache, count, dimension, 1);
            var rows = new MatrixRows(matrix, dimension);
            foreach (var method in arguments.Get("methods", "pca,tsne,umap").Split(','))
            {
                var watch = Stopwatch.StartNew();
                var processor = ThreadClock.ProcessSeconds;
                var (positions, note) = Ours(rows, method, steps, arguments);
                Report(log, rows, method, positions, watch.Elapsed.TotalSeconds, ThreadClock.ProcessSeconds - processor, PeakMegabytes(), note);
            }

            if (arguments.Get("peers", "sklearn") == "sklearn") Peer(log, arguments, rows, matrix, dimension, steps);
        }
    }

    private static (float[] Positions, string Note) Ours(VectorRows rows, string method, int steps, Arguments arguments)
    {
        var watch = Stopwatch.StartNew();
        var start = PrincipalComponents.Fit(rows, 0, CancellationToken.None).Project(rows, 0, CancellationToken.None);
        if (method == "pca") return (start, "");
        var note = $"pca {Lap()}";
        var k = arguments.Get("k", method == "tsne" ? 90 : 15);
        var table = ListedNeighbours.Nearest(rows, rows, k, new ListedOptions { Probes = arguments.Get("probes", 16) }, 0, null, CancellationToken.None);
        note += $", neighbours {Lap()}";
        ILayoutRun run = method == "tsne"
            ? new TsneRun(TsneAffinities.Of(table, arguments.Get("perplexity", 30), 0, CancellationToken.None), start, steps, 0)
            : new UmapRun(UmapAffinities.Of(table, 0, CancellationToken.None), start, 0.1, rows.Count > 10_000 ? 200 : 500, 1, 0);
        note += $", graph {Lap()}";
        while (run.Step < run.Steps) run.Advance(CancellationToken.None);
        return (run.Positions, note + $", {run.Steps} steps {Lap()}");

        string Lap()
        {
            var text = watch.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            watch.Restart();
            return text;
        }
    }

    private static void Peer(RunLog log, Arguments arguments, VectorRows rows, float[] matrix, int dimension, int steps)
    {
        var input = Path.Combine(arguments.Cache, "map-peer.f32");
        var output = Path.Combine(arguments.Cache, "map-peer.out");
        using (var file = File.Create(input)) file.Write(MemoryMarshal.AsBytes(matrix.AsSpan()));
        var start = new ProcessStartInfo(
            arguments.Get("python", "/usr/bin/python3"),
            [arguments.Get("script", "bench/peers/sklearn/tsne.py"), input, output, $"{dimension}", $"{arguments.Get("perplexity", 30)}", $"{steps}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("python did not start.");
        var answer = JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement;
        process.WaitForExit();
        var positions = new float[2 * rows.Count];
        using (var file = File.OpenRead(output)) file.ReadExactly(MemoryMarshal.AsBytes(positions.AsSpan()));
        Report(log, rows, answer.GetProperty("name").GetString()!, positions, answer.GetProperty("wall").GetDouble(), answer.GetProperty("cpu").GetDouble(), answer.GetProperty("peakMegabytes").GetDouble(), "");
    }

    private static void Report(RunLog log, VectorRows rows, string name, float[] positions, double wall, double processor, double megabytes, string note)
    {
        var quality = LayoutQuality.Measure(rows, positions, 15, 2000, 0, CancellationToken.None);
        log.Add(
            ("layout", $"{rows.Count:N0} {name}"), ("seconds", wall), ("processor s", processor), ("peak MB", megabytes), ("trustworthiness", quality.Trustworthiness),
            ("kept of 15", quality.NeighboursKept), ("of which", note));
    }

    /// <summary>Most that the process ever held resident; of a suite's later rows it tells the most so far.</summary>
    private static double PeakMegabytes()
    {
        if (!File.Exists("/proc/self/status")) return 0;
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM", StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1e3;
    }
}
