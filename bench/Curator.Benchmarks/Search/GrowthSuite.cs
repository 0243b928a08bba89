using System.Globalization;
using Curator.Core.Images;
using Curator.Search;
using Curator.Search.Indexes;

namespace Curator.Benchmarks.Search;

/// <summary>
/// How build time, cold and warm opening, searches and memory grow with rows and with the number of partitions they are spread over. Rows are drawn as they are written, so the
/// process holds no vectors. One searching thread; its processor time, since others may keep the machine busy.
/// </summary>
internal static class GrowthSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        var dimension = arguments.Get("dimension", 128);
        using var log = new RunLog("search-growth", arguments);
        var queries = SyntheticRows.Range(0, 1000, dimension, 2);
        foreach (var rows in arguments.GetList("rows", 10_000, 100_000))
        {
            foreach (var partitions in arguments.GetList("partitions", 1, 16))
            {
                await using var bench = await BenchWorkspace.OpenAsync(Path.Combine(arguments.Cache, $"growth-{rows}x{dimension}-{partitions}"), dimension);
                var per = rows / partitions;
                var all = new List<Partition>();
                for (var p = 0; p < partitions; p++)
                {
                    var start = p * per;
                    all.Add(await bench.PutAsync($"p{p:D3}", per, (first, count) => SyntheticRows.Range(start + first, count, dimension, 1)));
                }

                var cpu = ThreadClock.ProcessSeconds;
                var built = (await bench.IndexAsync(new IndexOptions())).Built;
                cpu = ThreadClock.ProcessSeconds - cpu;
                await MeasureAsync(arguments, log, bench, all, queries, dimension, rows, built == 0 ? 0 : cpu);
            }
        }
    }

    private static async Task MeasureAsync(
        Arguments arguments, RunLog log, BenchWorkspace bench, List<Partition> partitions, float[] queries, int dimension, int rows, double buildSeconds)
    {
        GC.Collect();
        var options = new PartitionedSearchOptions
        {
            Threads = arguments.Get("threads", 1),
            Tuning = new SearchTuning { Probes = arguments.Get("probes", 16), ExactBelow = arguments.Get("exact-below", new SearchTuning().ExactBelow) },
        };
        // Compiled code and the catalog are warm before the files are made cold.
        using (var warm = new PartitionedSearch(bench.Workspace, bench.Encoder, options))
            for (var q = 0; q < 5; q++) await warm.SearchAsync(Query(q), CancellationToken.None);
        long bytes = 0;
        foreach (var partition in partitions)
        {
            foreach (var path in (string[])[bench.Workspace.EmbeddingPath(partition, bench.Encoder.Id), bench.Workspace.IndexPath(partition, bench.Encoder.Id)])
            {
                PageCache.Drop(path);
                bytes += new FileInfo(path).Length;
            }
        }

        double cold, coldCpu;
        using (var search = new PartitionedSearch(bench.Workspace, bench.Encoder, options)) (_, cold, coldCpu) = await FilterSuite.TimedAsync(search, Query(5));
        using var indexed = new PartitionedSearch(bench.Workspace, bench.Encoder, options);
        using var exact = new PartitionedSearch(bench.Workspace, bench.Encoder, options with { Exact = true, Threads = 0 });
        var (_, first, _) = await FilterSuite.TimedAsync(indexed, Query(6));
        // Blocks are verified and pages mapped when they are first touched: so many searches that hardly any is left.
        var warming = arguments.Get("warming", 700);
        for (var q = 0; q < warming; q++) await indexed.SearchAsync(Query(q), CancellationToken.None);
        double seconds = 0, recall = 0;
        var count = arguments.Get("queries", 200);
        for (var q = warming; q < warming + count; q++) seconds += (await FilterSuite.TimedAsync(indexed, Query(q))).CpuSeconds / count;
        var checkedQueries = arguments.Get("recall-queries", 20);
        for (var q = warming; q < warming + checkedQueries; q++)
            recall += (await indexed.SearchAsync(Query(q), CancellationToken.None)).Intersect(await exact.SearchAsync(Query(q), CancellationToken.None)).Count() / (10.0 * checkedQueries);
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        log.Add(
            ("rows", $"{rows:N0}"), ("partitions", partitions.Count), ("build cpu s", buildSeconds), ("bytes/vector", bytes / (double)rows), ("cold 1st ms", cold * 1e3), ("cold cpu ms", coldCpu * 1e3),
            ("warm 1st ms", first * 1e3), ("cpu ms/query", seconds * 1e3), ("recall@10", recall), ("heap MB", heap / 1e6), ("anon MB", AnonymousMegabytes()));

        SearchQuery Query(int q) => new() { Positives = [queries[(q * dimension)..((q + 1) * dimension)]], Count = 10 };
    }

    /// <summary>Resident memory that is not page cache.</summary>
    private static double AnonymousMegabytes()
    {
        if (!File.Exists("/proc/self/status")) return 0;
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("RssAnon", StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1e3;
    }
}
