using System.Diagnostics;
using Curator.Search;
using Curator.Search.Indexes;

namespace Curator.Benchmarks.Search;

/// <summary>A date filter that lets 10, 1 and 0.1 % of a partition through: recall and queries a second of processor time of the whole <see cref="PartitionedSearch"/>, beside the scan of all rows.</summary>
internal static class FilterSuite
{
    public static void Run(Arguments arguments)
    {
        var rows = arguments.Get("rows", 100_000);
        var dimension = arguments.Get("dimension", 128);
        using var log = new RunLog("search-filter", arguments);
        var x = SyntheticRows.Get(arguments.Cache, rows, dimension, 1);
        var queries = SyntheticRows.Get(arguments.Cache, 1000, dimension, 2);
        RunAsync(arguments, log, x, queries, dimension).GetAwaiter().GetResult();
    }

    private static async Task RunAsync(Arguments arguments, RunLog log, float[] x, float[] queries, int dimension)
    {
        await using var bench = await BenchWorkspace.OpenAsync(Path.Combine(arguments.Cache, $"filter-{x.Length / dimension}x{dimension}"), dimension);
        var day = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await bench.PutAsync("mixture", x, row => day.AddMinutes((row * 7_919L) % 100_000));
        await bench.IndexAsync(new IndexOptions { ListsFrom = 0 });
        var threads = arguments.Get("threads", 1);
        using var indexed = new PartitionedSearch(bench.Workspace, bench.Encoder, new PartitionedSearchOptions { Threads = threads, Tuning = new SearchTuning { ExactBelow = 0, Probes = arguments.Get("probes", 16) } });
        using var exact = new PartitionedSearch(bench.Workspace, bench.Encoder, new PartitionedSearchOptions { Threads = threads, Exact = true });
        foreach (var share in new[] { 1.0, 0.1, 0.01, 0.001 })
        {
            var filter = share == 1 ? null : new SearchFilter { From = day, To = day.AddMinutes(100_000 * share) };
            double recall = 0, fast = 0, slow = 0;
            var count = arguments.Get("queries", 200);
            for (var q = 0; q < arguments.Get("warming", 700); q++)
                await indexed.SearchAsync(new SearchQuery { Positives = [queries[^((q + 1) * dimension)..^(q * dimension)]], Count = 10, Filter = filter }, CancellationToken.None);
            for (var q = -5; q < count; q++)
            {
                var query = new SearchQuery { Positives = [queries[(Math.Max(q, 0) * dimension)..((Math.Max(q, 0) + 1) * dimension)]], Count = 10, Filter = filter };
                var (found, _, seconds) = await TimedAsync(indexed, query);
                var (expected, _, exactSeconds) = await TimedAsync(exact, query);
                if (q < 0) continue;
                recall += found.Intersect(expected).Count() / (double)expected.Count / count;
                fast += seconds / count;
                slow += exactSeconds / count;
            }

            log.Add(("matching", $"{share:P1}"), ("recall", recall), ("queries/s", 1 / fast), ("exact q/s", 1 / slow), ("ratio", slow / fast));
        }
    }

    /// <summary>Wall time, and processor time of the searching thread where one thread searches.</summary>
    internal static async Task<(IReadOnlyList<SearchHit> Hits, double Seconds, double CpuSeconds)> TimedAsync(PartitionedSearch search, SearchQuery query)
    {
        var watch = Stopwatch.StartNew();
        var (thread, cpu) = (Environment.CurrentManagedThreadId, ThreadClock.Seconds);
        var hits = await search.SearchAsync(query, CancellationToken.None);
        cpu = Environment.CurrentManagedThreadId == thread ? ThreadClock.Seconds - cpu : watch.Elapsed.TotalSeconds;
        return (hits, watch.Elapsed.TotalSeconds, cpu);
    }
}
