using Curator.Search.Kernels;

namespace Curator.Search.Clustering;

/// <summary>Rows chosen by <see cref="FarthestFirst"/>.</summary>
/// <param name="Rows">Row numbers in the order of choice, without the initial ones.</param>
/// <param name="Distances">Distance of each, when it was chosen, to the nearest row chosen before; +∞ for a first row without initial ones. Never rises.</param>
/// <param name="Radius">Greatest distance of any row to its nearest chosen or initial row.</param>
public sealed record FarthestFirstResult(int[] Rows, float[] Distances, float Radius);

/// <summary>
/// Greedy k-centre (Gonzalez 1985; "core-set" in Sener and Savarese 2018): again and again the row farthest from all chosen rows, so that every row is near a
/// chosen one, within twice the best possible radius. O(count · n · dimension) time, 4 bytes a row beside the rows.
/// </summary>
public static class FarthestFirst
{
    private const int BlockRows = 8192;

    /// <param name="rows">[n × dimension], row-major.</param>
    /// <param name="count">Rows to choose, at most those that are left.</param>
    /// <param name="initial">Row numbers that count as chosen already (the labelled ones); may be empty, then the first row is drawn by <paramref name="seed"/>.</param>
    /// <param name="threads">At most this many, 0 for one a processor; the result does not depend on it. Ties go to the smaller row number.</param>
    public static unsafe FarthestFirstResult Select(
        ReadOnlyMemory<float> rows, int dimension, int count, IReadOnlyCollection<int> initial, VectorMetric metric, int seed, int threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var n = RowBlocks.Count(rows.Length, dimension, nameof(rows));
        var inverseLengths = metric == VectorMetric.Cosine ? InverseLengths(rows, dimension, threads, cancellationToken) : [];
        var nearest = new float[n];
        Array.Fill(nearest, float.PositiveInfinity);
        var free = n;
        foreach (var row in initial)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(initial));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, n, nameof(initial));
            if (Choose(row)) free--;
        }

        count = Math.Min(count, free);
        var chosen = new int[count];
        var distances = new float[count];
        for (var i = 0; i < count; i++)
        {
            var row = i == 0 && free == n ? new Random(seed).Next(n) : Farthest(nearest);
            chosen[i] = row;
            distances[i] = ToDistance(nearest[row]);
            Choose(row);
        }

        var radius = n == 0 ? 0 : ToDistance(Math.Max(0, nearest.Max()));
        return new FarthestFirstResult(chosen, distances, radius);

        // Marks a chosen row with -1, below any distance, and lowers the others' distances to it. False when it was chosen before.
        bool Choose(int center)
        {
            if (nearest[center] < 0) return false;
            RowBlocks.Run(n, BlockRows, threads, (first, size) =>
            {
                fixed (float* x = rows.Span)
                {
                    var c = x + ((long)center * dimension);
                    for (var i = first; i < first + size; i++)
                    {
                        if (nearest[i] < 0) continue;
                        var row = x + ((long)i * dimension);
                        var distance = metric == VectorMetric.Cosine
                            ? Math.Clamp(1 - (RowKernels.Dot(row, c, dimension) * inverseLengths[i] * inverseLengths[center]), 0, 2)
                            : RowKernels.SquaredDistance(row, c, dimension);
                        nearest[i] = Math.Min(nearest[i], distance);
                    }
                }
            }, cancellationToken);
            nearest[center] = -1;
            return true;
        }

        float ToDistance(float kept) => metric == VectorMetric.Cosine ? kept : MathF.Sqrt(kept);
    }

    private static int Farthest(float[] nearest)
    {
        var farthest = 0;
        for (var i = 1; i < nearest.Length; i++)
            if (nearest[i] > nearest[farthest])
                farthest = i;
        return farthest;
    }

    /// <summary>1/|x| of each row, 0 for a row of zeros.</summary>
    private static unsafe float[] InverseLengths(ReadOnlyMemory<float> rows, int dimension, int threads, CancellationToken cancellationToken)
    {
        var inverse = new float[rows.Length / dimension];
        RowBlocks.Run(inverse.Length, BlockRows, threads, (first, size) =>
        {
            fixed (float* x = rows.Span)
            {
                for (var i = first; i < first + size; i++)
                {
                    var row = x + ((long)i * dimension);
                    var square = RowKernels.Dot(row, row, dimension);
                    inverse[i] = square > 0 ? 1 / MathF.Sqrt(square) : 0;
                }
            }
        }, cancellationToken);
        return inverse;
    }
}
