using System.Diagnostics;
using Curator.Imagery.Decoding;
using Curator.Imagery.Isolated;

namespace Curator.Benchmarks.Imagery;

/// <summary>
/// Damaged pictures through the decoders in child processes: mutations of every picture under --pictures, folder by folder and format by format, drawn from a seed. Counts what was decoded,
/// what was refused and why, children that ended, the slowest picture and the largest child. The same pictures are decoded in this process first where --inside is 1.
/// </summary>
internal static class FuzzSuite
{
    public static void Run(Arguments arguments)
    {
        using var log = new RunLog("fuzz", arguments);
        var count = arguments.Get("count", 100_000);
        var originals = Originals(arguments.Get("pictures", "../shared/data"), arguments.Get("largest", 300_000));
        if (originals.Count == 0) throw new ArgumentException("--pictures: no pictures there", nameof(arguments));
        var command = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) != "dotnet"
            ? new[] { self, "decode-worker" }
            : [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], "decode-worker"];
        RunAsync(log, count, originals, command, arguments.Get("seed", 1)).GetAwaiter().GetResult();
    }

    private static async Task RunAsync(RunLog log, int count, List<(string Kind, byte[] File)> originals, string[] command, int seed)
    {
        var limits = new DecoderLimits { Processes = Environment.ProcessorCount };
        await using var host = new DecoderHost(command, limits);
        var results = new SortedDictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal);
        var slowest = TimeSpan.Zero;
        var gate = new Lock();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = limits.Processes }, async (i, token) =>
        {
            var random = new Random(unchecked(seed * 1_000_003 + i));
            var (kind, original) = originals[i % originals.Count];
            var file = Mutation.Of(original, random);
            var begun = Stopwatch.GetTimestamp();
            var picture = await host.DecodeAsync(file, 0, token);
            var took = Stopwatch.GetElapsedTime(begun);
            var outcome = picture.Image is not null ? "decoded" : picture.Detail.StartsWith("its decoder", StringComparison.Ordinal) ? picture.Detail : picture.Problem.ToString()!;
            lock (gate)
            {
                if (took > slowest && i >= 2 * limits.Processes) slowest = took;
                if (!results.TryGetValue(kind, out var counts)) results[kind] = counts = new(StringComparer.Ordinal);
                counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            }
        });
        foreach (var (kind, counts) in results)
            foreach (var (outcome, number) in counts)
                log.Add(("format", kind), ("outcome", outcome), ("pictures", number));
        log.Add(
            ("all", "all"), ("pictures", results.Values.Sum(counts => counts.Values.Sum())), ("originals", originals.Count), ("children ended", host.Ended), ("slowest, ms", slowest.TotalMilliseconds),
            ("largest child, MiB", host.PeakBytes / 1048576.0), ("parent, MiB", Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0), ("seconds", clock.Elapsed.TotalSeconds));
    }

    /// <summary>Some of each folder and format, so that no folder of thousands drowns the others.</summary>
    private static List<(string Kind, byte[] File)> Originals(string root, int largest)
    {
        const int OfEach = 8;
        var found = new List<(string, byte[])>();
        var taken = new Dictionary<(string, ImageFormat), int>();
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (new FileInfo(path).Length is 0 or > int.MaxValue || new FileInfo(path).Length > largest) continue;
            var file = File.ReadAllBytes(path);
            if (ImageHeader.Sniff(file) is not { } format) continue;
            var key = (Path.GetDirectoryName(path)!, format);
            if ((taken[key] = taken.GetValueOrDefault(key) + 1) <= OfEach) found.Add((format.ToString(), file));
        }

        return found;
    }
}
