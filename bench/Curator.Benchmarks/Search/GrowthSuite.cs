using Curator.Search;
using Curator.Search.Indexes;

namespace Curator.Benchmarks.Search;

/// <summary>How build time, first and later searches and memory grow with rows and with the number of partitions they are spread over.</summary>
internal static class GrowthSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        var dimension = arguments.Get("dimension", 128);
        using var log = new RunLog("search-growth", arguments);
        var queries = SyntheticRows.Get(arguments.Cache, 1000, dimension, 2);
        foreach (var rows in arguments.GetList("rows", 10_000, 100_000))
        {
            var x = SyntheticRows.Get(arguments.Cache, rows, dimension, 1);
            foreach (var partitions in arguments.GetList("partitions", 1, 16))
            {
                await using var bench = await BenchWorkspace.OpenAsync(Path.Combine(arguments.Cache, $"growth-{rows}x{dimension}-{partitions}"), dimension);
                var per = rows / partitions;
                for (var p = 0; p < partitions; p++) await bench.PutAsync($"p{p:D3}", x.AsMemory(p * per * dimension, per * dimension));
                var cpu = ThreadClock.ProcessSeconds;
                var built = (await bench.IndexAsync(new IndexOptions())).Built;
                cpu = ThreadClock.ProcessSeconds - cpu;
                await MeasureAsync(arguments, log, bench, queries, dimension, rows, partitions, built == 0 ? 0 : cpu);
            }
        }
    }

    private static async Task MeasureAsync(Arguments arguments, RunLog log, BenchWorkspace bench, float[] queries, int dimension, int rows, int partitions, double buildSeconds)
    {
        GC.Collect();
        using var search = new PartitionedSearch(bench.Workspace, bench.Encoder, new PartitionedSearchOptions
        {
            Threads = arguments.Get("threads", 1),
            Tuning = new SearchTuning { Probes = arguments.Get("probes", 16), ExactBelow = arguments.Get("exact-below", new SearchTuning().ExactBelow) },
        });
        using var exact = new PartitionedSearch(bench.Workspace, bench.Encoder, new PartitionedSearchOptions { Exact = true });
        var first = (await FilterSuite.TimedAsync(search, Query(0))).Seconds;
        var second = (await FilterSuite.TimedAsync(search, Query(1))).Seconds;
        for (var q = 2; q < 50; q++) await search.SearchAsync(Query(q), CancellationToken.None);
        double seconds = 0, recall = 0;
        var count = arguments.Get("queries", 200);
        for (var q = 50; q < 50 + count; q++) seconds += (await FilterSuite.TimedAsync(search, Query(q))).Seconds / count;
        for (var q = 50; q < 70; q++)
            recall += (await search.SearchAsync(Query(q), CancellationToken.None)).Intersect(await exact.SearchAsync(Query(q), CancellationToken.None)).Count() / 200.0;
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        log.Add(
            ("rows", $"{rows:N0}"), ("partitions", partitions), ("build cpu s", buildSeconds), ("open+1st ms", first * 1e3), ("2nd ms", second * 1e3), ("ms/query", seconds * 1e3),
            ("queries/s", 1 / seconds), ("recall@10", recall), ("heap MB", heap / 1e6), ("anon MB", AnonymousMegabytes()));

        SearchQuery Query(int q) => new() { Positives = [queries[(q * dimension)..((q + 1) * dimension)]], Count = 10 };
    }

    /// <summary>Resident memory that is not page cache.</summary>
    private static double AnonymousMegabytes()
    {
        if (!File.Exists("/proc/self/status")) return 0;
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("RssAnon", StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1e3;
    }
}
