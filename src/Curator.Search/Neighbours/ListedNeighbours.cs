using Curator.Search.Clustering;
using Curator.Search.Kernels;
using Curator.Search.Layout;

namespace Curator.Search.Neighbours;

/// <summary>How <see cref="ListedNeighbours"/> looks.</summary>
internal sealed record ListedOptions
{
    /// <summary>Lists whose rows are compared with those of a list.</summary>
    public int Probes { get; init; } = 16;

    /// <summary>Among fewer rows than this the result is exact.</summary>
    public int ExactBelow { get; init; } = 20_000;

    public int Seed { get; init; } = 1;
}

/// <summary>
/// Neighbours of very many rows at once, for graphs. Rows are put into √n lists by k-means; all rows of a list are compared, as one matrix product, with those of the lists whose
/// centroids are nearest to its own. That is some twenty times faster than a query a row, since what is read is shared; a neighbour is missed where it lies beyond those lists.
/// Cosine distance. Rows are read where they lie, so memory is that of the result. Does not depend on the number of threads.
/// </summary>
internal static class ListedNeighbours
{
    private const int SamplesPerList = 96;
    private const int QueriesAtOnce = 1536;
    private const int RowsAtOnce = 2048;

    /// <param name="queries">The same object as <paramref name="rows"/> for neighbours among them; then no row is its own.</param>
    /// <param name="k">Lowered to what there is.</param>
    /// <param name="progress">Query rows done.</param>
    /// <returns>Distances are 1 − cos. Where fewer than k were found in the lists that were looked at, the last one found is repeated.</returns>
    public static NeighbourTable Nearest(
        VectorRows queries, VectorRows rows, int k, ListedOptions options, int threads, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var self = ReferenceEquals(queries, rows);
        k = Math.Min(k, self ? rows.Count - 1 : rows.Count);
        if (k <= 0 || queries.Count == 0) return new NeighbourTable(queries.Count, 0, [], []);
        var table = new NeighbourTable(queries.Count, k, new int[(long)queries.Count * k], new float[(long)queries.Count * k]);
        var centroids = Centroids(rows, options, threads, cancellationToken);
        var dimension = rows.Dimension;
        var assigner = new CentroidAssigner(centroids, dimension, spherical: true);
        var rowLists = Lists(Assign(rows, assigner, threads, cancellationToken), assigner.Count);
        var queryLists = self ? rowLists : Lists(Assign(queries, assigner, threads, cancellationToken), assigner.Count);
        var pieces = new List<(int List, int First, int Count)>();
        for (var list = 0; list < queryLists.Count; list++)
            for (var first = 0; first < queryLists.Length(list); first += QueriesAtOnce)
                pieces.Add((list, first, Math.Min(QueriesAtOnce, queryLists.Length(list) - first)));
        long done = 0;
        RowBlocks.Run(pieces.Count, 1, threads, (p, _) =>
        {
            var (list, first, count) = pieces[p];
            var members = queryLists.Rows(list).Slice(first, count);
            Compare(queries, rows, members, Probed(assigner, centroids, list, rowLists, k + 1, options.Probes), rowLists, self, table, cancellationToken);
            progress?.Report(Interlocked.Add(ref done, count));
        }, cancellationToken);
        return table;
    }

    /// <summary>√n centroids on the sphere, or one where the search is exact.</summary>
    private static float[] Centroids(VectorRows rows, ListedOptions options, int threads, CancellationToken cancellationToken)
    {
        var dimension = rows.Dimension;
        if (rows.Count < options.ExactBelow) return new float[dimension];
        var lists = (int)Math.Sqrt(rows.Count);
        var size = Math.Min(rows.Count, lists * SamplesPerList);
        var sample = new float[(long)size * dimension];
        RowBlocks.Run(size, 1024, threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++) rows.Read((int)((((2L * i) + 1) * rows.Count) / (2L * size)), sample.AsSpan(i * dimension, dimension));
        }, cancellationToken);
        var means = new KMeansOptions { Clusters = lists, Iterations = 8, Tolerance = 1e-3, Seed = options.Seed, Spherical = true, SamplesPerCluster = 0, Threads = threads };
        return KMeans.Train(sample, dimension, means, cancellationToken).Centroids;
    }

    /// <summary>The nearest centroid of each row.</summary>
    internal static int[] Assign(VectorRows rows, CentroidAssigner assigner, int threads, CancellationToken cancellationToken)
    {
        const int Block = 1536;
        var assignments = new int[rows.Count];
        if (assigner.Count == 1) return assignments;
        RowBlocks.Run(rows.Count, Block, threads, (first, count) =>
        {
            var buffer = new float[count * rows.Dimension];
            for (var i = 0; i < count; i++) rows.Read(first + i, buffer.AsSpan(i * rows.Dimension, rows.Dimension));
            assigner.Assign(buffer, assignments.AsMemory(first, count), new float[count], threads: 1, cancellationToken);
        }, cancellationToken);
        return assignments;
    }

    /// <summary>The lists nearest to one, itself first, and more where they hold too few rows.</summary>
    private static int[] Probed(CentroidAssigner assigner, float[] centroids, int list, RowLists lists, int needed, int probes)
    {
        if (assigner.Count == 1) return [0];
        var scores = new float[assigner.ScoreLength];
        assigner.Score(centroids.AsSpan(list * assigner.Dimension, assigner.Dimension), scores);
        scores[list] = float.PositiveInfinity;
        var order = Enumerable.Range(0, assigner.Count).OrderByDescending(other => scores[other]).ThenBy(other => other).ToArray();
        var (taken, rows) = (0, 0);
        while (taken < order.Length && (taken < probes || rows < needed)) rows += lists.Length(order[taken++]);
        return order[..taken];
    }

    private static void Compare(
        VectorRows queries, VectorRows rows, ReadOnlySpan<int> members, int[] probed, RowLists lists, bool self, NeighbourTable table, CancellationToken cancellationToken)
    {
        var dimension = rows.Dimension;
        var near = new NearestReservoir[members.Length];
        for (var q = 0; q < near.Length; q++) near[q] = new NearestReservoir(table.K);
        var query = new float[members.Length * dimension];
        queries.Read(members, query);
        var ids = members.ToArray();
        var buffer = new float[RowsAtOnce * dimension];
        var candidates = new int[RowsAtOnce];
        var factors = new float[RowsAtOnce];
        factors.AsSpan().Fill(-1);
        var scales = new RowScales(factors, new float[RowsAtOnce]);
        var filled = 0;
        foreach (var list in probed)
        {
            var left = lists.Rows(list);
            while (!left.IsEmpty)
            {
                var count = Math.Min(left.Length, RowsAtOnce - filled);
                left[..count].CopyTo(candidates.AsSpan(filled));
                left = left[count..];
                filled += count;
                if (filled == RowsAtOnce) Flush();
            }
        }

        Flush();
        for (var q = 0; q < near.Length; q++) Keep(near[q].Sorted(), ids[q], table);

        void Flush()
        {
            if (filled == 0) return;
            rows.Read(candidates.AsSpan(0, filled), buffer);
            TiledScores.Scan(query, buffer.AsMemory(0, filled * dimension), dimension, scales, (q, first, scores) =>
            {
                var reservoir = near[q];
                if (!TiledScores.AnyWithin(scores, reservoir.Threshold)) return;
                for (var lane = 0; lane < scores.Length; lane++)
                    if (!self || candidates[first + lane] != ids[q])
                        reservoir.Add(scores[lane], (uint)candidates[first + lane]);
            }, cancellationToken);
            filled = 0;
        }
    }

    private static void Keep(ReadOnlySpan<ulong> found, int query, NeighbourTable table)
    {
        for (var i = 0; i < table.K; i++)
        {
            var key = found[Math.Min(i, found.Length - 1)];
            var place = ((long)query * table.K) + i;
            table.Rows[place] = (int)NearestReservoir.IdOf(key);
            table.Distances[place] = Math.Clamp(1 + NearestReservoir.DistanceOf(key), 0, 2);
        }
    }

    private static RowLists Lists(int[] assignments, int count)
    {
        var starts = new int[count + 1];
        foreach (var list in assignments) starts[list + 1]++;
        for (var i = 0; i < count; i++) starts[i + 1] += starts[i];
        var next = starts[..count].ToArray();
        var order = new int[assignments.Length];
        for (var row = 0; row < assignments.Length; row++) order[next[assignments[row]]++] = row;
        return new RowLists(starts, order);
    }

    /// <summary>Rows by list, ascending in each.</summary>
    private sealed record RowLists(int[] Starts, int[] Order)
    {
        public int Count => Starts.Length - 1;

        public int Length(int list) => Starts[list + 1] - Starts[list];

        public ReadOnlySpan<int> Rows(int list) => Order.AsSpan(Starts[list], Length(list));
    }
}
