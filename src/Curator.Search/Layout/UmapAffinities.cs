using Curator.Search.Kernels;
using Curator.Search.Neighbours;

namespace Curator.Search.Layout;

/// <summary>The fuzzy graph of UMAP (McInnes et al. 2018, §3.1): exp(−max(0, d − ρᵢ)/σᵢ) with ρᵢ the nearest distance and σᵢ such that i's weights sum to log₂ k; joined by a + b − ab.</summary>
internal static class UmapAffinities
{
    public static NeighbourGraph Of(NeighbourTable table, int threads, CancellationToken cancellationToken) =>
        NeighbourGraph.Join(table, Directed(table, threads, cancellationToken), (a, b) => a + b - (a * b), threads, cancellationToken);

    /// <summary>[Count × K], 0 to 1; the nearest neighbour's is 1.</summary>
    public static float[] Directed(NeighbourTable table, int threads, CancellationToken cancellationToken)
    {
        var weights = new float[table.Rows.Length];
        var k = table.K;
        RowBlocks.Run(table.Count, 512, threads, (first, count) =>
        {
            var distances = new double[k];
            for (var i = first; i < first + count; i++)
            {
                var used = TsneAffinities.Distinct(table.RowsOf(i));
                for (var j = 0; j < used; j++) distances[j] = Math.Sqrt(2.0 * table.DistancesOf(i)[j]);
                Calibrate(distances.AsSpan(0, used), weights.AsSpan(i * k, used));
            }
        }, cancellationToken);
        return weights;
    }

    private static void Calibrate(ReadOnlySpan<double> distances, Span<float> weights)
    {
        var wanted = Math.Log2(distances.Length + 1);
        double nearest = double.PositiveInfinity, mean = 0;
        foreach (var distance in distances)
        {
            if (distance > 0) nearest = Math.Min(nearest, distance);
            mean += distance / distances.Length;
        }

        if (double.IsInfinity(nearest)) nearest = 0;
        double low = 0, high = double.PositiveInfinity, sigma = 1;
        for (var step = 0; step < 64; step++)
        {
            double sum = 0;
            foreach (var distance in distances) sum += Math.Exp(-Math.Max(0, distance - nearest) / sigma);
            if (Math.Abs(sum - wanted) < 1e-5) break;
            if (sum > wanted) (high, sigma) = (sigma, (low + sigma) / 2);
            else (low, sigma) = (sigma, double.IsInfinity(high) ? sigma * 2 : (sigma + high) / 2);
        }

        // Where many neighbours are equally near no σ is small enough; too small a one would leave edges of no weight.
        sigma = Math.Max(sigma, Math.Max(1e-3 * mean, 1e-12));
        for (var j = 0; j < distances.Length; j++) weights[j] = Math.Max((float)Math.Exp(-Math.Max(0, distances[j] - nearest) / sigma), 1e-10f);
    }
}
