using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Curator.Search.Kernels;

namespace Curator.Search.Layout;

/// <summary>How well a layout keeps neighbourhoods.</summary>
/// <param name="Trustworthiness">0 to 1: 1 where whoever is near in the layout is near in the embedding (Venna and Kaski 2001).</param>
/// <param name="NeighboursKept">0 to 1: mean share of a point's k nearest in the embedding that are among its k nearest in the layout.</param>
/// <param name="K">Neighbours looked at.</param>
/// <param name="Points">Points measured, drawn evenly; each is compared with all.</param>
public sealed record LayoutQuality(double Trustworthiness, double NeighboursKept, int K, int Points)
{
    private const int RowsAtOnce = 2048;

    /// <param name="positions">[n × 2].</param>
    /// <param name="k">Lowered where there are too few points: it must be below n / 2.</param>
    /// <param name="points">At most this many are measured.</param>
    internal static LayoutQuality Measure(VectorRows rows, float[] positions, int k, int points, int threads, CancellationToken cancellationToken)
    {
        var n = rows.Count;
        k = Math.Min(k, (n - 1) / 2);
        if (k < 1) return new LayoutQuality(1, 1, 0, 0);
        points = Math.Min(points, n);
        var penalties = new double[points];
        var kept = new double[points];
        RowBlocks.Run(points, 8, threads, (first, count) =>
        {
            var measured = new int[count];
            for (var i = 0; i < count; i++) measured[i] = (int)((((2L * (first + i)) + 1) * n) / (2L * points));
            var distances = Distances(rows, measured, cancellationToken);
            for (var i = 0; i < count; i++) (penalties[first + i], kept[first + i]) = Compare(distances[i], positions, measured[i], k);
        }, cancellationToken);
        var worst = (double)points * k * ((2.0 * n) - (3 * k) - 1) / 2;
        return new LayoutQuality(1 - (penalties.Sum() / worst), kept.Sum() / points, k, points);
    }

    /// <summary>Σ (rank − k) over those who are near in the layout only, and the share of neighbours kept.</summary>
    private static (double Penalty, double Kept) Compare(float[] distances, float[] positions, int self, int k)
    {
        var n = distances.Length;
        distances[self] = float.PositiveInfinity;
        var near = new NearestReservoir(k);
        for (var j = 0; j < n; j++)
        {
            if (j == self) continue;
            var (dx, dy) = (positions[2 * j] - positions[2 * self], positions[(2 * j) + 1] - positions[(2 * self) + 1]);
            near.Add((dx * dx) + (dy * dy), (uint)j);
        }

        var inLayout = near.Sorted().ToArray().Select(key => (int)NearestReservoir.IdOf(key)).ToArray();
        near.Reset(k);
        for (var j = 0; j < n; j++)
            if (j != self)
                near.Add(distances[j], (uint)j);
        var farthest = near.Sorted()[^1];
        double penalty = 0;
        var kept = 0;
        foreach (var j in inLayout)
        {
            if (NearestReservoir.Key(distances[j], (uint)j) <= farthest) kept++;
            // Its rank, ties by row, beyond k.
            else penalty += 1 + CountBelow(distances.AsSpan(0, j), MathF.BitIncrement(distances[j])) + CountBelow(distances.AsSpan(j + 1), distances[j]) - k;
        }

        return (penalty, kept / (double)k);
    }

    private static int CountBelow(ReadOnlySpan<float> values, float limit)
    {
        var (counts, i) = (Vector256<int>.Zero, 0);
        for (; i + 8 <= values.Length; i += 8) counts -= Vector256.LessThan(Vector256.Create(values.Slice(i, 8)), Vector256.Create(limit)).AsInt32();
        var count = Vector256.Sum(counts);
        for (; i < values.Length; i++)
            if (values[i] < limit)
                count++;
        return count;
    }

    private static float[][] Distances(VectorRows rows, int[] measured, CancellationToken cancellationToken)
    {
        var d = rows.Dimension;
        var queries = new float[measured.Length * d];
        rows.Read(measured, queries);
        var distances = measured.Select(_ => new float[rows.Count]).ToArray();
        var buffer = new float[RowsAtOnce * d];
        for (var first = 0; first < rows.Count; first += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(RowsAtOnce, rows.Count - first);
            for (var i = 0; i < count; i++) rows.Read(first + i, buffer.AsSpan(i * d, d));
            for (var q = 0; q < measured.Length; q++)
                for (var i = 0; i < count; i++)
                    distances[q][first + i] = 1 - TensorPrimitives.Dot<float>(queries.AsSpan(q * d, d), buffer.AsSpan(i * d, d));
        }

        return distances;
    }
}
