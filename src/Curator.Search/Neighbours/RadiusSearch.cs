using Curator.Search.Kernels;

namespace Curator.Search.Neighbours;

/// <summary>Exact radius search of many rows at once.</summary>
internal static unsafe class RadiusSearch
{
    private const int QueryBlock = 48 * PanelKernel.MaxQueries;

    /// <summary>Room for the rounding of the fast score, which ranks; what is inside is decided by the careful distance.</summary>
    private const float Slack = 1e-4f;

    public static RadiusTable Run(
        ReadOnlyMemory<float> queries, ReadOnlyMemory<float> rows, int dimension, float radius, VectorMetric metric, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        var count = RowBlocks.Count(queries.Length, dimension, nameof(queries));
        RowBlocks.Count(rows.Length, dimension, nameof(rows));
        var scales = RowScales.Of(rows, dimension, metric, threads, cancellationToken);
        var blocks = new List<(int Row, float Distance)>[(count + QueryBlock - 1) / QueryBlock];
        var sizes = new int[count];
        RowBlocks.Run(count, QueryBlock, threads, (first, size) =>
            blocks[first / QueryBlock] = Block(queries, rows, dimension, radius, metric, scales, first, sizes.AsSpan(first, size), cancellationToken), cancellationToken);

        var starts = new long[count + 1];
        for (var q = 0; q < count; q++) starts[q + 1] = starts[q] + sizes[q];
        var foundRows = new int[starts[count]];
        var distances = new float[starts[count]];
        var next = 0;
        foreach (var block in blocks)
            foreach (var (row, distance) in block)
                (foundRows[next], distances[next++]) = (row, distance);
        return new RadiusTable(starts, foundRows, distances);
    }

    private static List<(int Row, float Distance)> Block(
        ReadOnlyMemory<float> queries, ReadOnlyMemory<float> rows, int dimension, float radius, VectorMetric metric, RowScales scales,
        int first, Span<int> sizes, CancellationToken cancellationToken)
    {
        var size = sizes.Length;
        var candidates = new List<int>[size];
        var limits = new float[size];
        fixed (float* x = rows.Span, y = queries.Span)
        {
            for (var q = 0; q < size; q++)
            {
                candidates[q] = [];
                var query = y + ((long)(first + q) * dimension);
                limits[q] = Limit(RowKernels.Dot(query, query, dimension), radius, metric);
            }

            TiledScores.Scan(queries.Slice(first * dimension, size * dimension), rows, dimension, scales, (q, row, scores) =>
            {
                if (!TiledScores.AnyWithin(scores, limits[q])) return;
                for (var lane = 0; lane < scores.Length; lane++)
                    if (scores[lane] <= limits[q])
                        candidates[q].Add(row + lane);
            }, cancellationToken);

            var found = new List<(int, float)>();
            for (var q = 0; q < size; q++)
            {
                foreach (var row in candidates[q])
                {
                    var distance = PairDistance.Of(y + ((long)(first + q) * dimension), x + ((long)row * dimension), dimension, metric);
                    if (distance > radius) continue;
                    found.Add((row, distance));
                    sizes[q]++;
                }
            }

            return found;
        }
    }

    /// <summary>The score at the radius: (r² − |q|²)/2 for Euclidean, (r − 1)·|q| for cosine, and a little more.</summary>
    private static float Limit(float squaredLength, float radius, VectorMetric metric)
    {
        if (metric == VectorMetric.Euclidean)
            return (((radius * radius) - squaredLength) / 2) + (Slack * (squaredLength + (radius * radius)));
        var length = MathF.Sqrt(squaredLength);
        return length > 0 ? ((radius - 1) * length) + (Slack * length) : (radius >= 1 ? 0 : float.NegativeInfinity);
    }
}
