using System.Numerics.Tensors;
using Curator.Search.Kernels;

namespace Curator.Search.Layout;

/// <summary>The two directions of greatest variance of unit-length rows (Pearson 1901), by subspace iteration on the covariance of a sample. Immutable, thread-safe.</summary>
/// <param name="Mean">[dimension].</param>
/// <param name="Directions">[2 × dimension], orthonormal; the greatest number of each is positive.</param>
/// <param name="Variances">Along each.</param>
internal sealed record PrincipalComponents(float[] Mean, float[] Directions, double[] Variances)
{
    private const int MaxSample = 20_000;
    private const int Iterations = 500;

    /// <summary>More directions than are wanted are iterated: the error falls with the ratio of the second variance to the first that is left out.</summary>
    private const int Iterated = 8;

    public static PrincipalComponents Fit(VectorRows rows, int threads, CancellationToken cancellationToken)
    {
        var d = rows.Dimension;
        var size = Math.Min(rows.Count, MaxSample);
        var sample = new float[(long)size * d];
        for (var i = 0; i < size; i++) rows.Read((int)(((2L * i) + 1) * rows.Count / (2L * size)), sample.AsSpan(i * d, d));
        var mean = new float[d];
        for (var i = 0; i < size; i++) TensorPrimitives.Add(mean, sample.AsSpan(i * d, d), mean);
        TensorPrimitives.Divide(mean, size, mean);
        for (var i = 0; i < size; i++) TensorPrimitives.Subtract(sample.AsSpan(i * d, d), mean, sample.AsSpan(i * d, d));
        var covariance = new float[(long)d * d];
        RowBlocks.Run(d, 8, threads, (first, count) =>
        {
            for (var i = 0; i < size; i++)
            {
                var row = sample.AsSpan(i * d, d);
                for (var j = first; j < first + count; j++)
                    TensorPrimitives.MultiplyAdd(row, row[j], covariance.AsSpan(j * d, d), covariance.AsSpan(j * d, d));
            }
        }, cancellationToken);
        TensorPrimitives.Divide(covariance, size, covariance);
        return Iterate(covariance, mean, d, cancellationToken);
    }

    /// <summary>Coordinates of every row along the directions: [n × 2].</summary>
    public float[] Project(VectorRows rows, int threads, CancellationToken cancellationToken)
    {
        var d = Mean.Length;
        var positions = new float[2L * rows.Count];
        RowBlocks.Run(rows.Count, 4096, threads, (first, count) =>
        {
            var row = new float[d];
            for (var i = first; i < first + count; i++)
            {
                rows.Read(i, row);
                TensorPrimitives.Subtract(row, Mean, row);
                positions[2 * i] = TensorPrimitives.Dot<float>(row, Directions.AsSpan(0, d));
                positions[(2 * i) + 1] = TensorPrimitives.Dot<float>(row, Directions.AsSpan(d, d));
            }
        }, cancellationToken);
        return positions;
    }

    /// <summary>Centres positions and scales them so that the first coordinate has this deviation.</summary>
    internal static void Scale(float[] positions, float deviation)
    {
        double x = 0, y = 0, squares = 0;
        var n = positions.Length / 2;
        for (var i = 0; i < n; i++) (x, y) = (x + positions[2 * i], y + positions[(2 * i) + 1]);
        (x, y) = (x / n, y / n);
        for (var i = 0; i < n; i++) squares += (positions[2 * i] - x) * (positions[2 * i] - x);
        var scale = squares > 0 ? deviation / Math.Sqrt(squares / n) : 1;
        for (var i = 0; i < n; i++)
        {
            positions[2 * i] = (float)((positions[2 * i] - x) * scale);
            positions[(2 * i) + 1] = (float)((positions[(2 * i) + 1] - y) * scale);
        }
    }

    private static PrincipalComponents Iterate(float[] covariance, float[] mean, int d, CancellationToken cancellationToken)
    {
        var wanted = Math.Min(Iterated, d);
        var random = new Random(1);
        var basis = new float[wanted * d];
        for (var i = 0; i < basis.Length; i++) basis[i] = random.NextSingle() - 0.5f;
        var image = new float[wanted * d];
        var variances = new double[2];
        var before = new double[2];
        for (var step = 0; step < Iterations; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var v = 0; v < wanted; v++)
                for (var j = 0; j < d; j++)
                    image[(v * d) + j] = TensorPrimitives.Dot<float>(covariance.AsSpan(j * d, d), basis.AsSpan(v * d, d));
            for (var v = 0; v < 2 && v < wanted; v++) variances[v] = TensorPrimitives.Norm<float>(image.AsSpan(v * d, d));
            (basis, image) = (image, basis);
            Orthonormalise(basis, wanted, d);
            if (step > 10 && Math.Abs(variances[0] - before[0]) + Math.Abs(variances[1] - before[1]) <= 1e-9 * variances[0]) break;
            variances.CopyTo(before, 0);
        }

        var directions = new float[2 * d];
        basis.AsSpan(0, Math.Min(2, wanted) * d).CopyTo(directions);
        for (var v = 0; v < 2; v++)
        {
            var direction = directions.AsSpan(v * d, d);
            if (direction[TensorPrimitives.IndexOfMaxMagnitude<float>(direction)] < 0) TensorPrimitives.Negate(direction, direction);
        }

        return new PrincipalComponents(mean, directions, variances);
    }

    /// <summary>Gram and Schmidt, twice for each direction: once is not enough where two are nearly the same.</summary>
    private static void Orthonormalise(float[] basis, int count, int d)
    {
        for (var v = 0; v < count; v++)
        {
            var own = basis.AsSpan(v * d, d);
            Vectors.Normalise(own);
            for (var pass = 0; pass < 2; pass++)
            {
                for (var u = 0; u < v; u++)
                {
                    var other = basis.AsSpan(u * d, d);
                    TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<float>(own, other), own, own);
                }

                Vectors.Normalise(own);
            }
        }
    }
}
