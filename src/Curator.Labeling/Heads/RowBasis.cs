using System.Numerics.Tensors;

namespace Curator.Labeling.Heads;

/// <summary>
/// Few rows of many numbers, turned so that they need no more numbers than there are rows. A regularised linear head lies in the span of its rows (Kimeldorf and Wahba 1971), and
/// rotations change neither dot products nor lengths: with X·Xᵀ = L·Lᵀ (Cholesky), fitting on the rows of L gives v with the very same loss, and w = Xᵀ·L⁻ᵀ·v. A step of the
/// fit then costs n² instead of n·D.
/// </summary>
internal sealed class RowBasis
{
    /// <summary>Added to the diagonal, as a share of its mean: rows that occur twice leave it positive, and no score moves by more than about that share.</summary>
    private const double Jitter = 1e-5;

    /// <summary>Numbers added up in single precision before double takes over: the factor of nearly dependent rows lives on the last digits.</summary>
    private const int Chunk = 256;

    private readonly ReadOnlyMemory<float> _rows;
    private readonly double[] _factor;
    private readonly int _dimension;

    private RowBasis(ReadOnlyMemory<float> rows, int dimension, double[] factor, int count) => (_rows, _dimension, _factor, Count) = (rows, dimension, factor, count);

    /// <summary>n: rows, and numbers of a turned row.</summary>
    public int Count { get; }

    /// <summary>The turned rows: [n, n], lower triangular.</summary>
    public float[] Turned()
    {
        var turned = new float[_factor.Length];
        TensorPrimitives.ConvertTruncating<double, float>(_factor, turned);
        return turned;
    }

    /// <param name="rows">[n, D].</param>
    public static RowBasis Of(ReadOnlyMemory<float> rows, int dimension)
    {
        var n = rows.Length / dimension;
        var factor = new double[n * n];
        Parallel.For(0, n, i =>
        {
            var row = rows.Span.Slice(i * dimension, dimension);
            for (var j = 0; j <= i; j++) factor[i * n + j] = Dot(row, rows.Span.Slice(j * dimension, dimension));
        });
        double mean = 0;
        for (var i = 0; i < n; i++) mean += factor[i * n + i] / n;
        var jitter = Math.Max(1e-12, Jitter * mean);
        for (var j = 0; j < n; j++)
        {
            var pivotRow = factor.AsSpan(j * n, j);
            var pivot = Math.Sqrt(Math.Max(jitter, factor[j * n + j] + jitter - TensorPrimitives.SumOfSquares<double>(pivotRow)));
            factor[j * n + j] = pivot;
            for (var i = j + 1; i < n; i++)
                factor[i * n + j] = (factor[i * n + j] - TensorPrimitives.Dot<double>(factor.AsSpan(i * n, j), factor.AsSpan(j * n, j))) / pivot;
        }
        return new RowBasis(rows, dimension, factor, n);
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (var c = 0; c < a.Length; c += Chunk)
        {
            var size = Math.Min(Chunk, a.Length - c);
            sum += TensorPrimitives.Dot(a.Slice(c, size), b.Slice(c, size));
        }
        return sum;
    }

    /// <summary>The head on the rows as they were.</summary>
    /// <param name="turned">Fitted on <see cref="Turned"/>.</param>
    public LogisticHead Restore(LogisticHead turned)
    {
        var weights = new float[turned.Outputs * _dimension];
        for (var k = 0; k < turned.Outputs; k++)
        {
            // Solves Lᵀ·a = v from the last row up.
            var a = new double[Count];
            for (var i = 0; i < Count; i++) a[i] = turned.Weights[k * Count + i];
            for (var i = Count - 1; i >= 0; i--)
            {
                a[i] /= _factor[i * Count + i];
                TensorPrimitives.MultiplyAdd<double>(_factor.AsSpan(i * Count, i), -a[i], a.AsSpan(0, i), a.AsSpan(0, i));
            }
            var target = weights.AsSpan(k * _dimension, _dimension);
            var sum = new double[_dimension];
            for (var i = 0; i < Count; i++)
            {
                var row = _rows.Span.Slice(i * _dimension, _dimension);
                for (var c = 0; c < sum.Length; c++) sum[c] += a[i] * row[c];
            }
            for (var c = 0; c < sum.Length; c++) target[c] = (float)sum[c];
        }
        return LogisticHead.FromParts(turned.Classes, _dimension, weights, turned.Biases, turned.Regularisation);
    }
}
