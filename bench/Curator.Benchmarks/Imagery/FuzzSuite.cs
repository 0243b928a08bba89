using System.Diagnostics;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Isolated;

namespace Curator.Benchmarks.Imagery;

/// <summary>
/// Damaged pictures through the decoders in child processes: mutations of the pictures under --pictures and of what <see cref="FuzzOriginals"/> makes of them, drawn from a seed, as many of each
/// kind. Counts what was decoded, what was refused and why, children that ended, the slowest picture and the largest child. With --inside 1 they are decoded in this process instead, as
/// <c>add</c> does, TIFFs by bands and stretch as well: there a decoder that crashes ends the run; --first N --count 1 decodes one of them again.
/// </summary>
internal static class FuzzSuite
{
    public static void Run(Arguments arguments)
    {
        using var log = new RunLog("fuzz", arguments);
        var count = arguments.Get("count", 100_000);
        var kinds = FuzzOriginals.Find(arguments.Get("pictures", "../shared/data"), arguments.Get("largest", 300_000));
        if (kinds.Count == 0) throw new ArgumentException("--pictures: no pictures there", nameof(arguments));
        var seed = arguments.Get("seed", 1);
        if (arguments.Get("inside", 0) == 1) RunInside(log, arguments.Get("first", 0), count, kinds, seed);
        else RunAsync(log, count, kinds, Worker(), seed).GetAwaiter().GetResult();
    }

    private static string[] Worker() => Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) != "dotnet"
        ? [self, "decode-worker"]
        : [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], "decode-worker"];

    private static async Task RunAsync(RunLog log, int count, SortedDictionary<string, List<byte[]>> kinds, string[] command, int seed)
    {
        var limits = new DecoderLimits { Processes = Environment.ProcessorCount };
        await using var host = new DecoderHost(command, limits);
        var tally = new Tally();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = limits.Processes }, async (i, token) =>
        {
            var (kind, file) = Mutated(kinds, seed, i);
            var begun = Stopwatch.GetTimestamp();
            var picture = await host.DecodeAsync(file, 0, token);
            var outcome = picture.Image is not null ? "decoded" : picture.Detail.StartsWith("its decoder", StringComparison.Ordinal) ? picture.Detail : picture.Problem.ToString()!;
            // The first ones include the start of a child.
            tally.Add(i, kind, outcome, i < 2 * limits.Processes ? TimeSpan.Zero : Stopwatch.GetElapsedTime(begun));
        });
        tally.Write(log);
        log.Add(
            ("all", "in children"), ("pictures", count), ("originals", kinds.Values.Sum(files => files.Count)), ("children ended", host.Ended), ("slowest, ms", tally.Slowest.TotalMilliseconds), ("which", tally.SlowestKind),
            ("largest child, MiB", host.PeakBytes / 1048576.0), ("this process, MiB", Peak()), ("seconds", clock.Elapsed.TotalSeconds));
    }

    private static void RunInside(RunLog log, int first, int count, SortedDictionary<string, List<byte[]>> kinds, int seed)
    {
        var tally = new Tally();
        var clock = Stopwatch.StartNew();
        DecodeOptions[] options = [new() { LimitPixels = 64_000_000 }, new() { LimitPixels = 64_000_000, Rendering = new Rendering { Bands = [3, 2, 1], Stretch = [(0, 4000)] } }];
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, () => new ImageDecoder(), (i, _, decoder) =>
        {
            var (kind, file) = Mutated(kinds, seed, i);
            var begun = Stopwatch.GetTimestamp();
            var result = decoder.Decode(file, options[kind.StartsWith("Tiff", StringComparison.Ordinal) ? i / kinds.Count % 2 : 0]);
            tally.Add(i, kind, result.Succeeded ? "decoded" : result.Problem.ToString()!, Stopwatch.GetElapsedTime(begun));
            return decoder;
        }, _ => { });
        tally.Write(log);
        log.Add(
            ("all", "inside"), ("pictures", count), ("originals", kinds.Values.Sum(files => files.Count)), ("slowest, ms", tally.Slowest.TotalMilliseconds), ("which", tally.SlowestKind), ("this process, MiB", Peak()),
            ("seconds", clock.Elapsed.TotalSeconds));
    }

    private static (string Kind, byte[] File) Mutated(SortedDictionary<string, List<byte[]>> kinds, int seed, int i)
    {
        var (kind, files) = kinds.ElementAt(i % kinds.Count);
        return (kind, Mutation.Of(files[i / kinds.Count % files.Count], new Random(unchecked(seed * 1_000_003 + i))));
    }

    private static double Peak() => Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0;

    /// <summary>Thread-safe.</summary>
    private sealed class Tally
    {
        private readonly SortedDictionary<(string Kind, string Outcome), long> _counts = [];
        private readonly Lock _gate = new();

        public TimeSpan Slowest { get; private set; }

        public string SlowestKind { get; private set; } = "";

        public void Add(int number, string kind, string outcome, TimeSpan took)
        {
            lock (_gate)
            {
                if (took > Slowest) (Slowest, SlowestKind) = (took, $"{number}: {kind}, {outcome}");
                _counts[(kind, outcome)] = _counts.GetValueOrDefault((kind, outcome)) + 1;
            }
        }

        public void Write(RunLog log)
        {
            foreach (var ((kind, outcome), pictures) in _counts) log.Add(("kind", kind), ("outcome", outcome), ("pictures", pictures));
        }
    }
}
