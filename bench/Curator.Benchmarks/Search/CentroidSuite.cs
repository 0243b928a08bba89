using Curator.Core.Embeddings;
using Curator.Search;
using Curator.Search.Indexes;
using Curator.Search.Kernels;
using Curator.Search.Neighbours;
using Curator.Search.Partitions;

namespace Curator.Benchmarks.Search;

/// <summary>
/// Centroids trained once for all partitions against centroids of each partition's own, at equal numbers of lists and probes. Two ways to split: at random (partitions look alike) and
/// by cluster (partitions differ, as products and regions do).
/// </summary>
internal static class CentroidSuite
{
    public static void Run(Arguments arguments)
    {
        var rows = arguments.Get("rows", 200_000);
        var dimension = arguments.Get("dimension", 128);
        var partitions = arguments.Get("partitions", 8);
        using var log = new RunLog("search-centroids", arguments);
        var x = SyntheticRows.Get(arguments.Cache, rows, dimension, 1);
        var queries = SyntheticRows.Get(arguments.Cache, 1000, dimension, 2);
        var truth = NearestNeighbours.Between(queries, x, dimension, 10, VectorMetric.Cosine, 0, CancellationToken.None);
        var similar = Enumerable.Range(0, rows).ToArray();
        var different = BySimilarity(x, dimension, partitions);
        foreach (var (split, order) in new[] { ("alike", similar), ("different", different) })
            Measure(arguments, log, split, x, order, queries, truth, dimension, partitions);
    }

    /// <summary>Rows ordered by the nearest of a few coarse centroids, so that each partition holds other clusters.</summary>
    private static int[] BySimilarity(float[] x, int dimension, int partitions)
    {
        var coarse = Curator.Search.Clustering.KMeans.Run(x, dimension, new() { Clusters = partitions, Iterations = 8 }, CancellationToken.None);
        return [.. Enumerable.Range(0, x.Length / dimension).OrderBy(row => coarse.Assignments[row]).ThenBy(row => row)];
    }

    private static void Measure(Arguments arguments, RunLog log, string split, float[] x, int[] order, float[] queries, NeighbourTable truth, int dimension, int partitions)
    {
        var per = order.Length / partitions;
        var options = new IndexOptions { ListsFrom = 0 };
        var lists = (int)Math.Round(Math.Sqrt(per));
        var folder = Directory.CreateTempSubdirectory("curator-centroids-").FullName;
        try
        {
            var shuffled = Reorder(x, order, dimension);
            using var all = SyntheticRows.GetFile(folder, "all", shuffled, dimension, EmbeddingPrecision.Half);
            var shared = IndexBuilder.TrainCentroids(all, options, lists, 0, CancellationToken.None);
            var sharedMany = IndexBuilder.TrainCentroids(all, options, 4 * lists, 0, CancellationToken.None);
            foreach (var (name, centroids) in new (string, float[]?)[] { ("own", null), ($"shared {lists}", shared), ($"shared {4 * lists}", sharedMany) })
            {
                var opened = new List<(EmbeddingFile Embeddings, PartitionIndex Index)>();
                for (var p = 0; p < partitions; p++)
                {
                    var embeddings = SyntheticRows.GetFile(folder, $"p{p}", shuffled.AsSpan(p * per * dimension, per * dimension), dimension, EmbeddingPrecision.Half);
                    var path = Path.Combine(folder, $"p{p}-{name}.index");
                    IndexBuilder.Build(path, embeddings, new FilterColumns(per, [], []), options, centroids, 0, null, CancellationToken.None);
                    opened.Add((embeddings, PartitionIndex.Open(path, "curator index")));
                }

                foreach (var probes in new[] { 2, 4, 8, 16, 32 }) Search(log, split, $"{name}, each", opened, order, queries, truth, dimension, per, probes, together: false);
                foreach (var probes in new[] { 4, 8, 16, 32, 64, 128 }) Search(log, split, $"{name}, together", opened, order, queries, truth, dimension, per, probes, together: true);
                foreach (var (embeddings, index) in opened)
                {
                    embeddings.Dispose();
                    index.Dispose();
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="probes">Lists in each partition, or in all together.</param>
    private static void Search(
        RunLog log, string split, string name, List<(Curator.Core.Embeddings.EmbeddingFile Embeddings, PartitionIndex Index)> opened, int[] order, float[] queries, NeighbourTable truth,
        int dimension, int per, int probes, bool together)
    {
        var rotation = new Rotation(dimension, IndexLayout.RotationSeed);
        var nearest = new NearestReservoir(10);
        var lists = new NearestReservoir(1);
        int hits = 0, count = 500;
        double seconds = 0;
        for (var q = 0; q < count; q++)
        {
            var found = new List<(float Distance, int Row)>();
            var start = ThreadClock.Seconds;
            var prepared = new PreparedQuery(queries[(q * dimension)..((q + 1) * dimension)], rotation);
            if (together) lists.Reset(probes);
            uint first = 0;
            for (var p = 0; together && p < opened.Count; first += (uint)opened[p++].Index.Lists) opened[p].Index.AddLists(prepared, first, lists);
            var chosen = together ? lists.Sorted().ToArray() : [];
            first = 0;
            for (var p = 0; p < opened.Count; first += (uint)opened[p++].Index.Lists)
            {
                ulong[] keys;
                if (together)
                {
                    var (low, high) = (first, first + (uint)opened[p].Index.Lists);
                    keys = [.. chosen.Where(key => NearestReservoir.IdOf(key) >= low && NearestReservoir.IdOf(key) < high).Select(key => key - low)];
                }
                else
                {
                    lists.Reset(probes);
                    opened[p].Index.AddLists(prepared, 0, lists);
                    keys = lists.Sorted().ToArray();
                }

                if (keys.Length == 0) continue;
                nearest.Reset(10);
                opened[p].Index.SearchLists(prepared, opened[p].Embeddings, 10, keys, 250, null, nearest);
                foreach (var key in nearest.Sorted()) found.Add((NearestReservoir.DistanceOf(key), (p * per) + (int)NearestReservoir.IdOf(key)));
            }

            found.Sort();
            seconds += ThreadClock.Seconds - start;
            hits += found.Take(10).Count(hit => truth.RowsOf(q).Contains(order[hit.Row]));
        }

        log.Add(("partitions", $"{split}, {name}"), ("probes", probes), ("recall@10", hits / (10.0 * count)), ("queries/s", count / seconds));
    }

    private static float[] Reorder(float[] x, int[] order, int dimension)
    {
        var result = new float[x.Length];
        for (var i = 0; i < order.Length; i++) x.AsSpan(order[i] * dimension, dimension).CopyTo(result.AsSpan(i * dimension));
        return result;
    }
}
