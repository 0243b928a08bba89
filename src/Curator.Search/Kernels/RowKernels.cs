using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Curator.Search.Kernels;

/// <summary>
/// Sums over one pair of rows. Written on <see cref="Vector256{T}"/>, which the JIT turns into AVX2, or into pairs of 128-bit operations where there is
/// no AVX2 (NEON, SSE); tails are scalar, so any dimension is fine. The order of additions depends on the dimension only: same inputs, same bits.
/// </summary>
internal static unsafe class RowKernels
{
    /// <summary>Σ aᵢbᵢ.</summary>
    public static float Dot(float* a, float* b, int dimension)
    {
        var s0 = Vector256<float>.Zero;
        var s1 = s0;
        var s2 = s0;
        var s3 = s0;
        var i = 0;
        for (; i + 32 <= dimension; i += 32)
        {
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 16), Vector256.Load(b + i + 16), s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 24), Vector256.Load(b + i + 24), s3);
        }

        for (; i + 8 <= dimension; i += 8)
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
        var sum = Vector256.Sum((s0 + s1) + (s2 + s3));
        for (; i < dimension; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Σ (aᵢ − bᵢ)², without the cancellation of |a|² + |b|² − 2ab.</summary>
    public static float SquaredDistance(float* a, float* b, int dimension)
    {
        var s0 = Vector256<float>.Zero;
        var s1 = s0;
        var i = 0;
        for (; i + 16 <= dimension; i += 16)
        {
            var d0 = Vector256.Load(a + i) - Vector256.Load(b + i);
            var d1 = Vector256.Load(a + i + 8) - Vector256.Load(b + i + 8);
            s0 = Vector256.FusedMultiplyAdd(d0, d0, s0);
            s1 = Vector256.FusedMultiplyAdd(d1, d1, s1);
        }

        var sum = Vector256.Sum(s0 + s1);
        for (; i < dimension; i++)
        {
            var d = a[i] - b[i];
            sum += d * d;
        }

        return sum;
    }

    /// <summary>Σ rᵢqᵢ and Σ rᵢ² of one single-precision row in one pass.</summary>
    public static (float Dot, float SquaredLength) DotAndSquare(float* row, float* query, int dimension)
    {
        var dot0 = Vector256<float>.Zero;
        var dot1 = dot0;
        var square0 = dot0;
        var square1 = dot0;
        var i = 0;
        for (; i + 16 <= dimension; i += 16)
        {
            var r0 = Vector256.Load(row + i);
            var r1 = Vector256.Load(row + i + 8);
            dot0 = Vector256.FusedMultiplyAdd(r0, Vector256.Load(query + i), dot0);
            dot1 = Vector256.FusedMultiplyAdd(r1, Vector256.Load(query + i + 8), dot1);
            square0 = Vector256.FusedMultiplyAdd(r0, r0, square0);
            square1 = Vector256.FusedMultiplyAdd(r1, r1, square1);
        }

        var dot = Vector256.Sum(dot0 + dot1);
        var square = Vector256.Sum(square0 + square1);
        for (; i < dimension; i++)
        {
            dot += row[i] * query[i];
            square += row[i] * row[i];
        }

        return (dot, square);
    }

    /// <summary>Σ rᵢqᵢ and Σ rᵢ² of one half-precision row in one pass.</summary>
    public static (float Dot, float SquaredLength) DotAndSquare(Half* row, float* query, int dimension)
    {
        var dot0 = Vector256<float>.Zero;
        var dot1 = dot0;
        var square0 = dot0;
        var square1 = dot0;
        var i = 0;
        for (; i + 16 <= dimension; i += 16)
        {
            var (r0, r1) = WidenHalves((ushort*)row + i);
            dot0 = Vector256.FusedMultiplyAdd(r0, Vector256.Load(query + i), dot0);
            dot1 = Vector256.FusedMultiplyAdd(r1, Vector256.Load(query + i + 8), dot1);
            square0 = Vector256.FusedMultiplyAdd(r0, r0, square0);
            square1 = Vector256.FusedMultiplyAdd(r1, r1, square1);
        }

        var dot = Vector256.Sum(dot0 + dot1);
        var square = Vector256.Sum(square0 + square1);
        for (; i < dimension; i++)
        {
            var r = (float)row[i];
            dot += r * query[i];
            square += r * r;
        }

        return (dot, square);
    }

    /// <summary>Σ (s·rᵢ − qᵢ)² of one single-precision row.</summary>
    public static float ScaledSquaredDistance(float* row, float scale, float* query, int dimension)
    {
        var s0 = Vector256<float>.Zero;
        var s1 = s0;
        var scales = Vector256.Create(scale);
        var i = 0;
        for (; i + 16 <= dimension; i += 16)
        {
            var d0 = Vector256.FusedMultiplyAdd(Vector256.Load(row + i), scales, -Vector256.Load(query + i));
            var d1 = Vector256.FusedMultiplyAdd(Vector256.Load(row + i + 8), scales, -Vector256.Load(query + i + 8));
            s0 = Vector256.FusedMultiplyAdd(d0, d0, s0);
            s1 = Vector256.FusedMultiplyAdd(d1, d1, s1);
        }

        var sum = Vector256.Sum(s0 + s1);
        for (; i < dimension; i++)
        {
            var d = MathF.FusedMultiplyAdd(row[i], scale, -query[i]);
            sum += d * d;
        }

        return sum;
    }

    /// <summary>Σ (s·rᵢ − qᵢ)² of one half-precision row.</summary>
    public static float ScaledSquaredDistance(Half* row, float scale, float* query, int dimension)
    {
        var s0 = Vector256<float>.Zero;
        var s1 = s0;
        var scales = Vector256.Create(scale);
        var i = 0;
        for (; i + 16 <= dimension; i += 16)
        {
            var (r0, r1) = WidenHalves((ushort*)row + i);
            var d0 = Vector256.FusedMultiplyAdd(r0, scales, -Vector256.Load(query + i));
            var d1 = Vector256.FusedMultiplyAdd(r1, scales, -Vector256.Load(query + i + 8));
            s0 = Vector256.FusedMultiplyAdd(d0, d0, s0);
            s1 = Vector256.FusedMultiplyAdd(d1, d1, s1);
        }

        var sum = Vector256.Sum(s0 + s1);
        for (; i < dimension; i++)
        {
            var d = MathF.FusedMultiplyAdd((float)row[i], scale, -query[i]);
            sum += d * d;
        }

        return sum;
    }

    /// <summary>Σ rᵢqᵢ of one half-precision row.</summary>
    public static float Dot(Half* row, float* query, int dimension)
    {
        var s0 = Vector256<float>.Zero;
        var s1 = s0;
        var i = 0;
        for (; i + 16 <= dimension; i += 16)
        {
            var (r0, r1) = WidenHalves((ushort*)row + i);
            s0 = Vector256.FusedMultiplyAdd(r0, Vector256.Load(query + i), s0);
            s1 = Vector256.FusedMultiplyAdd(r1, Vector256.Load(query + i + 8), s1);
        }

        var sum = Vector256.Sum(s0 + s1);
        for (; i < dimension; i++) sum += (float)row[i] * query[i];
        return sum;
    }

    /// <summary>
    /// Sixteen halves to singles by shifting the 15 low bits to where a single has its exponent and mantissa and multiplying by 2^112, the difference of
    /// the two biases. Exact for zeros, subnormal and normal numbers; infinities and NaN, which no embedding file holds, come out as large numbers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Low, Vector256<float> High) WidenHalves(ushort* halves)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(halves));
        return (ToSingle(low), ToSingle(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ToSingle(Vector256<uint> half)
    {
        var magnitude = Vector256.ShiftLeft(half & Vector256.Create(0x7fffu), 13).AsSingle() * Vector256.Create(5.192296858534828e33f);
        return (magnitude.AsUInt32() | Vector256.ShiftLeft(half & Vector256.Create(0x8000u), 16)).AsSingle();
    }
}
