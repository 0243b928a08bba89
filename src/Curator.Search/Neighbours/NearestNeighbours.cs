using Curator.Search.Kernels;

namespace Curator.Search.Neighbours;

/// <summary>
/// Exact neighbours of many rows at once: blocks of queries against tiles of packed rows, O(queries · n · dimension) multiply-adds at the speed of the
/// floating-point units. Distances are recomputed from differences at the end, so near-duplicates do not suffer from cancellation.
/// Results do not depend on the number of threads.
/// </summary>
public static class NearestNeighbours
{
    private const int QueryBlock = 48 * PanelKernel.MaxQueries;


    /// <summary>The k nearest other rows of every row. A row is not its own neighbour; equal rows are neighbours at distance 0.</summary>
    /// <param name="rows">[n × dimension], row-major, finite.</param>
    /// <param name="k">Lowered to n − 1 when greater.</param>
    /// <param name="threads">At most this many, 0 for one a processor.</param>
    public static NeighbourTable Among(ReadOnlyMemory<float> rows, int dimension, int k, VectorMetric metric, int threads, CancellationToken cancellationToken)
    {
        var n = RowBlocks.Count(rows.Length, dimension, nameof(rows));
        return Nearest(rows, rows, dimension, Math.Min(k, Math.Max(0, n - 1)), metric, excludeSelf: true, threads, cancellationToken);
    }

    /// <summary>The k nearest rows of every query.</summary>
    /// <param name="queries">[m × dimension], row-major, finite.</param>
    /// <param name="rows">[n × dimension], row-major, finite.</param>
    /// <param name="k">Lowered to n when greater.</param>
    public static NeighbourTable Between(
        ReadOnlyMemory<float> queries, ReadOnlyMemory<float> rows, int dimension, int k, VectorMetric metric, int threads, CancellationToken cancellationToken) =>
        Nearest(queries, rows, dimension, Math.Min(k, RowBlocks.Count(rows.Length, dimension, nameof(rows))), metric, excludeSelf: false, threads, cancellationToken);

    private static unsafe NeighbourTable Nearest(
        ReadOnlyMemory<float> queries, ReadOnlyMemory<float> rows, int dimension, int k, VectorMetric metric, bool excludeSelf, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var count = RowBlocks.Count(queries.Length, dimension, nameof(queries));
        var table = new NeighbourTable(count, k, new int[(long)count * k], new float[(long)count * k]);
        if (k == 0) return table;
        var scale = RowScales.Of(rows, dimension, metric, threads, cancellationToken);
        RowBlocks.Run(count, QueryBlock, threads, (first, size) =>
        {
            // A few more than k, so that rounding in the fast score cannot push out a true neighbour that is nearly tied.
            var reservoirs = new NearestReservoir[size];
            for (var q = 0; q < size; q++) reservoirs[q] = new NearestReservoir(k + 4);
            TiledScores.Scan(queries.Slice(first * dimension, size * dimension), rows, dimension, scale, (q, panelRow, scores) =>
            {
                var reservoir = reservoirs[q];
                if (!TiledScores.AnyWithin(scores, reservoir.Threshold)) return;
                for (var lane = 0; lane < scores.Length; lane++)
                {
                    if (excludeSelf && panelRow + lane == first + q) continue;
                    reservoir.Add(scores[lane], (uint)(panelRow + lane));
                }
            }, cancellationToken);
            fixed (float* x = rows.Span, y = queries.Span)
                for (var q = 0; q < size; q++)
                    Keep(reservoirs[q], y + ((long)(first + q) * dimension), x, dimension, metric, table, first + q);
        }, cancellationToken);
        return table;
    }

    /// <summary>All rows within a radius of every row, the row itself included.</summary>
    /// <param name="radius">In the metric asked for; rows exactly at it belong.</param>
    public static RadiusTable WithinRadius(ReadOnlyMemory<float> rows, int dimension, float radius, VectorMetric metric, int threads, CancellationToken cancellationToken) =>
        RadiusSearch.Run(rows, rows, dimension, radius, metric, threads, cancellationToken);

    private static unsafe void Keep(NearestReservoir reservoir, float* query, float* rows, int dimension, VectorMetric metric, NeighbourTable table, int index)
    {
        var found = reservoir.Sorted();
        var keys = new ulong[found.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            var row = NearestReservoir.IdOf(found[i]);
            keys[i] = NearestReservoir.Key(PairDistance.Of(query, rows + ((long)row * dimension), dimension, metric), row);
        }

        Array.Sort(keys);
        for (var i = 0; i < table.K; i++)
        {
            table.Rows[(index * table.K) + i] = (int)NearestReservoir.IdOf(keys[i]);
            table.Distances[(index * table.K) + i] = NearestReservoir.DistanceOf(keys[i]);
        }
    }
}
