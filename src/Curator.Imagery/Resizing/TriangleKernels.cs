using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Curator.Imagery.Resizing;

/// <summary>
/// The inner loops of <see cref="Resizer"/>: sums stay in registers over all weights of a target pixel. Vectors of 256 bits, which .NET does in two
/// halves where the processor has 128. Pointers are to whole rows whose lengths the caller has checked.
/// </summary>
internal static unsafe class TriangleKernels
{
    /// <summary>One target row as the weighted sum of source rows of bytes.</summary>
    /// <param name="source">First of the rows, <paramref name="length"/> bytes each, without padding.</param>
    public static void Down(byte* source, int length, ReadOnlySpan<float> weights, float* target)
    {
        var i = weights.Length == 3 ? DownThree(source, length, weights, target) : 0; // the usual case, 256 pixels to 224
        for (; i + 16 <= length; i += 16)
        {
            var (low, high) = (Vector256<float>.Zero, Vector256<float>.Zero);
            var at = source + i;
            foreach (var weight in weights)
            {
                var scale = Vector256.Create(weight);
                low = Vector256.FusedMultiplyAdd(Floats(at), scale, low);
                high = Vector256.FusedMultiplyAdd(Floats(at + 8), scale, high);
                at += length;
            }
            low.Store(target + i);
            high.Store(target + i + 8);
        }
        for (; i < length; i++)
        {
            float sum = 0;
            for (var k = 0; k < weights.Length; k++) sum += weights[k] * source[k * length + i];
            target[i] = sum;
        }
    }

    /// <summary>The same sums for three weights, which stay in registers; returns how many numbers were made, a multiple of sixteen.</summary>
    private static int DownThree(byte* source, int length, ReadOnlySpan<float> weights, float* target)
    {
        var (a, b, c) = (Vector256.Create(weights[0]), Vector256.Create(weights[1]), Vector256.Create(weights[2]));
        byte* second = source + length, third = second + length;
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            var low = Vector256.FusedMultiplyAdd(Floats(second + i), b, Floats(source + i) * a);
            var high = Vector256.FusedMultiplyAdd(Floats(second + i + 8), b, Floats(source + i + 8) * a);
            Vector256.FusedMultiplyAdd(Floats(third + i), c, low).Store(target + i);
            Vector256.FusedMultiplyAdd(Floats(third + i + 8), c, high).Store(target + i + 8);
        }

        return i;
    }

    /// <summary>One target row of bytes as the weighted sum of rows of floats.</summary>
    public static void Down(float* source, int length, ReadOnlySpan<float> weights, byte* target)
    {
        var half = Vector256.Create(0.5f);
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            var (low, high) = (half, half);
            var at = source + i;
            foreach (var weight in weights)
            {
                var scale = Vector256.Create(weight);
                low = Vector256.FusedMultiplyAdd(Vector256.Load(at), scale, low);
                high = Vector256.FusedMultiplyAdd(Vector256.Load(at + 8), scale, high);
                at += length;
            }
            var shorts = Vector256.NarrowWithSaturation(Vector256.ConvertToInt32Native(low).AsUInt32(), Vector256.ConvertToInt32Native(high).AsUInt32());
            Vector128.NarrowWithSaturation(shorts.GetLower(), shorts.GetUpper()).Store(target + i);
        }
        for (; i < length; i++)
        {
            var sum = 0.5f;
            for (var k = 0; k < weights.Length; k++) sum += weights[k] * source[k * length + i];
            target[i] = (byte)Math.Min(255f, sum);
        }
    }

    /// <summary>One row across: RGB floats to RGB bytes. Four pixels at a time: each brings one byte of every number of four, and one shuffle puts the twelve in order.</summary>
    /// <param name="row">Readable one number past its end.</param>
    public static void Across(float* row, TriangleWeights across, byte* target)
    {
        var half = Vector128.Create(0.5f);
        var order = Vector128.Create((byte)0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 12, 12, 12);
        var (count, taps) = (across.Count, across.Taps);
        fixed (int* first = across.First)
        fixed (float* weights = across.Weights)
        {
            var x = 0;
            // Sixteen bytes are written, of which the last four are the next pixels', written next.
            for (; 3 * x + 16 <= 3 * count; x += 4)
            {
                var four = Whole(x, weights, first) | Whole(x + 1, weights, first) << 8 | Whole(x + 2, weights, first) << 16 | Whole(x + 3, weights, first) << 24;
                Vector128.Shuffle(four.AsByte(), order).Store(target + 3 * x);
            }
            for (; x < count; x++)
            {
                var pixel = Whole(x, weights, first);
                for (var c = 0; c < 3; c++) target[3 * x + c] = (byte)pixel.GetElement(c);
            }
        }

        // Weights add up to 1, give or take a rounding, so a rounded sum is at most 255.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector128<int> Whole(int x, float* weights, int* first) => Vector128.ConvertToInt32Native(Pixel(row + 3 * first[x], weights + x * taps, taps, half));
    }

    /// <summary>One row across, kept as floats. Each store writes one number of the next pixel, which the next store corrects.</summary>
    /// <param name="target">Writable one number past its end.</param>
    public static void Across(float* row, TriangleWeights across, float* target)
    {
        var (count, taps) = (across.Count, across.Taps);
        fixed (int* first = across.First)
        fixed (float* weights = across.Weights)
            for (var x = 0; x < count; x++)
                Pixel(row + 3 * first[x], weights + x * taps, taps, Vector128<float>.Zero).Store(target + 3 * x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pixel(float* pixel, float* weights, int taps, Vector128<float> sum)
    {
        if (taps == 3) // the usual case, 256 pixels to 224; without the loop decoding and resizing are 7 % faster together
        {
            sum = Vector128.FusedMultiplyAdd(Vector128.Load(pixel), Vector128.Create(weights[0]), sum);
            sum = Vector128.FusedMultiplyAdd(Vector128.Load(pixel + 3), Vector128.Create(weights[1]), sum);
            return Vector128.FusedMultiplyAdd(Vector128.Load(pixel + 6), Vector128.Create(weights[2]), sum);
        }
        for (var k = 0; k < taps; k++, pixel += 3)
            sum = Vector128.FusedMultiplyAdd(Vector128.Load(pixel), Vector128.Create(weights[k]), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Floats(byte* eight) => Vector256.ConvertToSingle(Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(eight)
        : Vector256.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)eight).AsByte()).ToVector256Unsafe()).AsInt32());
}
