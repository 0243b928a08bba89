using System.Numerics;
using System.Numerics.Tensors;

namespace Curator.Labeling.Heads;

/// <summary>
/// Makes a linear head see curves: a row x becomes [x, √(2/D)·cos(Wx + b)], whose dot product is x·y + exp(−γ‖x − y‖²) on average (Rahimi and Recht, Random Features for
/// Large-Scale Kernel Machines, 2007). W is never stored: it is blocks of √(2γ·m)·H·S₁·H·S₂·H·S₃ with H the Walsh–Hadamard matrix of size m (the power of two
/// not below d) and S diagonal matrices of random signs (Yu et al., Orthogonal Random Features, 2016, "SORF"). O(D·log m) a row. Immutable, thread-safe;
/// all follows from dimension, D, γ and seed.
/// </summary>
public sealed class KernelFeatures : IFeatureMap
{
    private readonly int _size;
    private readonly float[] _signs;
    private readonly float[] _phases;

    /// <param name="dimension">d, of the scaled rows.</param>
    /// <param name="count">D; 0 leaves rows as they are.</param>
    /// <param name="gamma">γ, for rows of mean squared length 1.</param>
    public KernelFeatures(int dimension, int count, float gamma, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gamma);
        (Dimension, Count, Gamma, Seed) = (dimension, count, gamma, seed);
        _size = (int)BitOperations.RoundUpToPowerOf2((uint)dimension);
        var blocks = (count + _size - 1) / _size;
        var random = new Random(seed);
        _signs = new float[blocks * 3 * _size];
        for (var i = 0; i < _signs.Length; i++) _signs[i] = random.Next(2) == 0 ? 1 : -1;
        _phases = new float[count];
        for (var i = 0; i < count; i++) _phases[i] = (float)(2 * Math.PI * random.NextDouble());
    }

    public int Dimension { get; }

    public int Count { get; }

    public float Gamma { get; }

    public int Seed { get; }

    /// <summary>Numbers of a mapped row: d + D.</summary>
    public int OutputDimension => Dimension + Count;

    /// <param name="rows">[n, d], scaled.</param>
    /// <param name="mapped">[n, d + D].</param>
    public void Map(ReadOnlySpan<float> rows, Span<float> mapped)
    {
        var n = rows.Length / Dimension;
        ArgumentOutOfRangeException.ThrowIfNotEqual(mapped.Length, n * OutputDimension);
        var block = new float[_size];
        for (var r = 0; r < n; r++)
        {
            var row = rows.Slice(r * Dimension, Dimension);
            var target = mapped.Slice(r * OutputDimension, OutputDimension);
            row.CopyTo(target);
            var features = target[Dimension..];
            for (var first = 0; first < Count; first += _size)
            {
                Project(row, first / _size, block);
                var part = features.Slice(first, Math.Min(_size, Count - first));
                TensorPrimitives.Add(block.AsSpan(0, part.Length), _phases.AsSpan(first, part.Length), part);
            }
            TensorPrimitives.Cos(features, features);
            TensorPrimitives.Multiply(features, MathF.Sqrt(2f / Math.Max(1, Count)), features);
        }
    }

    /// <summary>One block of Wx.</summary>
    private void Project(ReadOnlySpan<float> row, int block, Span<float> result)
    {
        row.CopyTo(result);
        result[row.Length..].Clear();
        for (var factor = 0; factor < 3; factor++)
        {
            TensorPrimitives.Multiply(result, _signs.AsSpan((block * 3 + factor) * _size, _size), result);
            WalshHadamard(result);
        }
        // Three unscaled transforms leave a factor m^1.5; H is to be orthonormal, and rows of W have the length √(2γ·m).
        TensorPrimitives.Multiply(result, MathF.Sqrt(2 * Gamma) / _size, result);
    }

    /// <summary>The unscaled fast transform in place; O(m·log m).</summary>
    internal static void WalshHadamard(Span<float> values)
    {
        for (var half = 1; half < values.Length; half *= 2)
        {
            for (var start = 0; start < values.Length; start += 2 * half)
            {
                var a = values.Slice(start, half);
                var b = values.Slice(start + half, half);
                if (half >= Vector<float>.Count)
                {
                    for (var i = 0; i < half; i += Vector<float>.Count)
                    {
                        Vector<float> x = new(a[i..]), y = new(b[i..]);
                        (x + y).CopyTo(a[i..]);
                        (x - y).CopyTo(b[i..]);
                    }
                    continue;
                }
                for (var i = 0; i < half; i++) (a[i], b[i]) = (a[i] + b[i], a[i] - b[i]);
            }
        }
    }
}
