using System.Numerics.Tensors;

namespace Curator.Labeling.Heads;

/// <summary>
/// Brings an embedding to length 1, subtracts the mean of such rows, and multiplies by one number so that the mean squared length of a row is 1.
/// Fitted on unlabeled rows, of which there are far more than labels. One grid of regularisation strengths then serves every encoder.
/// (Measured against scaling every feature to deviation 1: docs/design/active-learning.md.) Immutable, thread-safe.
/// </summary>
public sealed class RowScaler
{
    private readonly float[] _mean;

    /// <param name="mean">[d]: mean of the rows of length 1.</param>
    /// <param name="factor">Above 0.</param>
    public RowScaler(float[] mean, float factor)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentOutOfRangeException.ThrowIfZero(mean.Length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        (_mean, Factor) = (mean, factor);
    }

    public int Dimension => _mean.Length;

    public ReadOnlySpan<float> Mean => _mean;

    public float Factor { get; }

    /// <param name="rows">[n, d], row-major; rows of zeros are passed over.</param>
    public static RowScaler Fit(ReadOnlySpan<float> rows, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        var sum = new double[dimension];
        var n = 0;
        for (var start = 0; start + dimension <= rows.Length; start += dimension)
        {
            var row = rows.Slice(start, dimension);
            double norm = TensorPrimitives.Norm(row);
            if (norm == 0) continue;
            n++;
            for (var c = 0; c < dimension; c++) sum[c] += row[c] / norm;
        }
        var mean = new float[dimension];
        double square = 0;
        for (var c = 0; c < dimension && n > 0; c++)
        {
            mean[c] = (float)(sum[c] / n);
            square += sum[c] / n * (sum[c] / n);
        }
        // Rows have length 1, so the mean squared distance to the mean is 1 − ‖mean‖².
        return new RowScaler(mean, (float)(1 / Math.Sqrt(Math.Max(1e-6, 1 - square))));
    }

    /// <summary>Scales rows into <paramref name="destination"/>, which may be the same memory; a row of zeros becomes the mean's mirror, like any unknown.</summary>
    public void Apply(ReadOnlySpan<float> rows, Span<float> destination)
    {
        for (var start = 0; start + Dimension <= rows.Length; start += Dimension)
        {
            var row = rows.Slice(start, Dimension);
            var target = destination.Slice(start, Dimension);
            var norm = TensorPrimitives.Norm(row);
            TensorPrimitives.Multiply(row, norm > 0 ? Factor / norm : 0, target);
            TensorPrimitives.MultiplyAdd(_mean, -Factor, target, target);
        }
    }
}
