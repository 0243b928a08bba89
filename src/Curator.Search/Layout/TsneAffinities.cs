using Curator.Search.Kernels;
using Curator.Search.Neighbours;

namespace Curator.Search.Layout;

/// <summary>
/// Input similarities of t-SNE (van der Maaten and Hinton 2008, §2 and §3.1; sparse as in van der Maaten 2014, §4.1): p(j|i) ∝ exp(−β |xᵢ − xⱼ|²) over i's neighbours, with β such that the
/// distribution's perplexity is the one asked for.
/// </summary>
internal static class TsneAffinities
{
    private const int Steps = 64;
    private const double Tolerance = 1e-5;

    /// <summary>pᵢⱼ = (p(j|i) + p(i|j)) / 2n; the weights sum to 1.</summary>
    /// <param name="table">Distances 1 − cos; on unit vectors |xᵢ − xⱼ|² is twice that.</param>
    public static NeighbourGraph Of(NeighbourTable table, double perplexity, int threads, CancellationToken cancellationToken)
    {
        var scale = 1f / (2f * table.Count);
        return NeighbourGraph.Join(table, Conditional(table, perplexity, threads, cancellationToken), (a, b) => (a + b) * scale, threads, cancellationToken);
    }

    /// <summary>[Count × K] p(j|i): each row sums to 1.</summary>
    public static float[] Conditional(NeighbourTable table, double perplexity, int threads, CancellationToken cancellationToken)
    {
        var weights = new float[table.Rows.Length];
        var k = table.K;
        // More than the neighbours can have is every neighbour alike.
        var entropy = Math.Log(Math.Min(perplexity, 0.999 * k));
        RowBlocks.Run(table.Count, 512, threads, (first, count) =>
        {
            var squares = new double[k];
            for (var i = first; i < first + count; i++)
            {
                var used = Distinct(table.RowsOf(i));
                for (var j = 0; j < used; j++) squares[j] = 2.0 * table.DistancesOf(i)[j];
                Calibrate(squares.AsSpan(0, used), entropy, weights.AsSpan(i * k, used));
            }
        }, cancellationToken);
        return weights;
    }

    /// <summary>Neighbours before the last one is repeated.</summary>
    internal static int Distinct(ReadOnlySpan<int> rows)
    {
        var used = rows.Length;
        while (used > 1 && rows[used - 1] == rows[used - 2]) used--;
        return used;
    }

    /// <summary>Bisection on β; the entropy falls as β rises.</summary>
    private static void Calibrate(ReadOnlySpan<double> squares, double entropy, Span<float> weights)
    {
        double beta = 1, low = 0, high = double.PositiveInfinity;
        // Distances relative to the nearest: the weights are the same and none vanishes.
        var nearest = squares[0];
        foreach (var square in squares) nearest = Math.Min(nearest, square);
        for (var step = 0; ; step++)
        {
            double sum = 0, weighted = 0;
            for (var j = 0; j < squares.Length; j++)
            {
                var weight = Math.Exp(-beta * (squares[j] - nearest));
                sum += weight;
                weighted += weight * (squares[j] - nearest);
                weights[j] = (float)weight;
            }

            var difference = Math.Log(sum) + (beta * weighted / sum) - entropy;
            if (Math.Abs(difference) < Tolerance || step == Steps || weighted == 0)
            {
                for (var j = 0; j < weights.Length; j++) weights[j] = (float)(weights[j] / sum);
                return;
            }

            if (difference > 0) (low, beta) = (beta, double.IsInfinity(high) ? beta * 2 : (beta + high) / 2);
            else (high, beta) = (beta, (beta + low) / 2);
        }
    }
}
