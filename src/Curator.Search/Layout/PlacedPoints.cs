using Curator.Search.Kernels;
using Curator.Search.Neighbours;

namespace Curator.Search.Layout;

/// <summary>Puts further points into a finished layout, whose own stay where they are (as in openTSNE, Poličar et al. 2024). O(new points), on any number of threads alike.</summary>
internal static class PlacedPoints
{
    private const int Steps = 100;
    private const float Rate = 0.5f;

    /// <summary>At the mean of the neighbours, weighted by similarity.</summary>
    /// <param name="table">The new rows' neighbours among those of the layout.</param>
    /// <param name="weights">[Count × K], of the table's entries.</param>
    /// <param name="layout">[n × 2].</param>
    public static float[] AtMeans(NeighbourTable table, float[] weights, float[] layout, int threads, CancellationToken cancellationToken)
    {
        var placed = new float[2L * table.Count];
        RowBlocks.Run(table.Count, 1024, threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++)
            {
                float sum = 0, x = 0, y = 0;
                for (var e = i * table.K; e < (i + 1) * table.K; e++)
                {
                    sum += weights[e];
                    x += weights[e] * layout[2 * table.Rows[e]];
                    y += weights[e] * layout[(2 * table.Rows[e]) + 1];
                }

                (placed[2 * i], placed[(2 * i) + 1]) = (x / sum, y / sum);
            }
        }, cancellationToken);
        return placed;
    }

    /// <summary>
    /// The same for t-SNE, then moved down the gradient of KL(p(·|i) ‖ q(·|i)) for each new point by itself: its neighbours pull, the field of the finished layout pushes.
    /// </summary>
    public static float[] ByTsne(NeighbourTable table, double perplexity, float[] layout, int threads, CancellationToken cancellationToken)
    {
        var weights = TsneAffinities.Conditional(table, perplexity, threads, cancellationToken);
        var placed = AtMeans(table, weights, layout, threads, cancellationToken);
        var starts = new int[table.Count + 1];
        for (var i = 0; i < table.Count; i++) starts[i + 1] = starts[i] + table.K;
        var graph = new NeighbourGraph(starts, table.Rows, weights);
        var field = new RepulsionField(threads);
        field.Fill(layout, cancellationToken);
        RowBlocks.Run(table.Count, 256, threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++)
            {
                var (x, y) = (placed[2 * i], placed[(2 * i) + 1]);
                for (var step = 0; step < Steps; step++)
                {
                    var (potential, pushX, pushY) = field.At(x, y);
                    var (pullX, pullY) = TsneRun.Attraction(graph, layout, i, x, y);
                    var scale = 1 / Math.Max(potential, 1e-6f);
                    x -= Rate * Math.Clamp(pullX - (scale * pushX), -1, 1);
                    y -= Rate * Math.Clamp(pullY - (scale * pushY), -1, 1);
                }

                (placed[2 * i], placed[(2 * i) + 1]) = (x, y);
            }
        }, cancellationToken);
        return placed;
    }
}
