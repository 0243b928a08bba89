using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Curator.Imagery.Resizing;

/// <summary>How a picture of any shape becomes a square.</summary>
public enum SquareMode
{
    /// <summary>Both sides are scaled on their own. The default: nothing of a tile is lost.</summary>
    Stretch,

    /// <summary>The short side is scaled, keeping the shape, and the middle is cut out (torchvision's Resize and CenterCrop).</summary>
    CentreCrop,
}

/// <summary>
/// Resizes RGB, uint8, with the antialiased triangle filter: the "bilinear, antialias" of PIL and torchvision, which encoders were trained
/// with; equal to them within one level. When shrinking by s, each target pixel is the mean of 2s source pixels weighted by a triangle.
/// <para>Not thread-safe: use one per thread; it keeps its weights and rows between calls. Cost: O(source pixels) when shrinking.
/// Images are <c>[height, width, 3]</c>, row-major, without padding.</para>
/// </summary>
public sealed class Resizer
{
    private readonly Dictionary<(int Source, int Target, int First, int Count), TriangleWeights> _weights = [];
    private float[] _rows = [];

    /// <summary>Scales a whole picture.</summary>
    /// <param name="source"><c>[height, width, 3]</c>.</param>
    /// <param name="destination"><c>[newHeight, newWidth, 3]</c>; must not overlap <paramref name="source"/>.</param>
    public void Resize(ReadOnlySpan<byte> source, int width, int height, Span<byte> destination, int newWidth, int newHeight)
    {
        Check(source, width, height, nameof(source));
        Check(destination, newWidth, newHeight, nameof(destination));
        Run(source, width, height, destination, Weights(width, newWidth, 0, newWidth), Weights(height, newHeight, 0, newHeight));
    }

    /// <summary>Makes a square of <paramref name="side"/> pixels.</summary>
    /// <param name="destination"><c>[side, side, 3]</c>.</param>
    /// <param name="shortSide">
    /// <see cref="SquareMode.CentreCrop"/> only: the short side is scaled to this before the middle is cut out, as in Resize(256) and
    /// CenterCrop(224); null for <paramref name="side"/> itself.
    /// </param>
    public void ToSquare(
        ReadOnlySpan<byte> source, int width, int height, Span<byte> destination, int side, SquareMode mode = SquareMode.Stretch, int? shortSide = null)
    {
        if (mode == SquareMode.Stretch)
        {
            Resize(source, width, height, destination, side, side);
            return;
        }
        Check(source, width, height, nameof(source));
        Check(destination, side, side, nameof(destination));
        var scaled = shortSide ?? side;
        ArgumentOutOfRangeException.ThrowIfLessThan(scaled, side, nameof(shortSide));
        var (scaledWidth, scaledHeight) = width <= height
            ? (scaled, (int)((long)scaled * height / width))
            : ((int)((long)scaled * width / height), scaled);
        Run(
            source, width, height, destination,
            Weights(width, scaledWidth, Middle(scaledWidth, side), side), Weights(height, scaledHeight, Middle(scaledHeight, side), side));
    }

    /// <summary>Left edge of the middle, rounding half to even as Python's <c>round</c> does.</summary>
    private static int Middle(int scaled, int side) => (int)Math.Round((scaled - side) / 2.0, MidpointRounding.ToEven);

    private static void Check(ReadOnlySpan<byte> pixels, int width, int height, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.Length != 3L * width * height)
            throw new ArgumentException($"{pixels.Length} bytes are not {height}×{width}×3.", name);
    }

    private TriangleWeights Weights(int source, int target, int first, int count)
    {
        if (_weights.TryGetValue((source, target, first, count), out var weights)) return weights;
        if (_weights.Count > 256) _weights.Clear(); // Folders of a thousand different sizes must not fill memory.
        return _weights[(source, target, first, count)] = TriangleWeights.Of(source, target, first, count);
    }

    private void Run(ReadOnlySpan<byte> source, int width, int height, Span<byte> destination, TriangleWeights across, TriangleWeights down)
    {
        // The pass that makes the picture smaller goes first: fewer numbers for the second one.
        if (down.Count <= height)
            DownThenAcross(source, width, destination, across, down);
        else
            AcrossThenDown(source, width, height, destination, across, down);
    }

    private void DownThenAcross(ReadOnlySpan<byte> source, int width, Span<byte> destination, TriangleWeights across, TriangleWeights down)
    {
        var stride = 3 * width;
        var row = Scratch(stride);
        for (var y = 0; y < down.Count; y++)
        {
            row.Clear();
            var weights = down.Of(y, out var first);
            for (var k = 0; k < weights.Length; k++)
                AddBytes(source.Slice((first + k) * stride, stride), weights[k], row);
            Across(row, across, destination.Slice(3 * across.Count * y, 3 * across.Count));
        }
    }

    private void AcrossThenDown(
        ReadOnlySpan<byte> source, int width, int height, Span<byte> destination, TriangleWeights across, TriangleWeights down)
    {
        var stride = 3 * width;
        var target = 3 * across.Count;
        var all = Scratch(stride + target * (height + 1));
        var row = all[..stride];
        for (var y = 0; y < height; y++)
        {
            row.Clear();
            AddBytes(source.Slice(y * stride, stride), 1, row);
            Across(row, across, all.Slice(stride + y * target, target));
        }
        var sum = all.Slice(stride + target * height, target);
        for (var y = 0; y < down.Count; y++)
        {
            sum.Clear();
            var weights = down.Of(y, out var first);
            for (var k = 0; k < weights.Length; k++)
                AddFloats(all.Slice(stride + (first + k) * target, target), weights[k], sum);
            Round(sum, destination.Slice(y * target, target));
        }
    }

    /// <summary>Floats, with room for one vector more than asked: kernels read four numbers where three count.</summary>
    private Span<float> Scratch(int length)
    {
        if (_rows.Length < length + 8) _rows = GC.AllocateUninitializedArray<float>(length + 8);
        return _rows.AsSpan(0, length);
    }

    private static void AddBytes(ReadOnlySpan<byte> source, float weight, Span<float> sum)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(sum);
        var scale = Vector256.Create(weight);
        nuint i = 0;
        var length = (nuint)source.Length;
        for (; i + 16 <= length; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, i));
            Fma(Floats(low), scale, ref to, i);
            Fma(Floats(high), scale, ref to, i + 8);
        }
        for (; i < length; i++) Unsafe.Add(ref to, i) += weight * Unsafe.Add(ref from, i);
    }

    private static void AddFloats(ReadOnlySpan<float> source, float weight, Span<float> sum)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(sum);
        var scale = Vector256.Create(weight);
        nuint i = 0;
        var length = (nuint)source.Length;
        for (; i + 8 <= length; i += 8) Fma(Vector256.LoadUnsafe(ref from, i), scale, ref to, i);
        for (; i < length; i++) Unsafe.Add(ref to, i) += weight * Unsafe.Add(ref from, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Floats(Vector128<ushort> values)
    {
        var (low, high) = Vector128.Widen(values);
        return Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fma(Vector256<float> value, Vector256<float> scale, ref float to, nuint at) =>
        Vector256.FusedMultiplyAdd(value, scale, Vector256.LoadUnsafe(ref to, at)).StoreUnsafe(ref to, at);

    /// <summary>One row across: RGB floats to RGB bytes. <paramref name="row"/> may be read one number past its end.</summary>
    private static void Across(Span<float> row, TriangleWeights across, Span<byte> destination)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        var half = Vector128.Create(0.5f);
        var top = Vector128.Create(255f);
        for (var x = 0; x < across.Count; x++)
        {
            var pixel = Vector128.ConvertToInt32(Vector128.Clamp(Pixel(ref from, across, x) + half, Vector128<float>.Zero, top));
            destination[3 * x] = (byte)pixel.GetElement(0);
            destination[3 * x + 1] = (byte)pixel.GetElement(1);
            destination[3 * x + 2] = (byte)pixel.GetElement(2);
        }
    }

    /// <summary>One row across, kept as floats. Each store writes one number of the next pixel, which the next store corrects.</summary>
    private static void Across(Span<float> row, TriangleWeights across, Span<float> destination)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(destination);
        for (var x = 0; x < across.Count; x++)
            Pixel(ref from, across, x).StoreUnsafe(ref to, (nuint)(3 * x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pixel(ref float row, TriangleWeights across, int x)
    {
        var weights = across.Of(x, out var first);
        var sum = Vector128<float>.Zero;
        var at = (nuint)(3 * first);
        foreach (var weight in weights)
        {
            sum = Vector128.FusedMultiplyAdd(Vector128.LoadUnsafe(ref row, at), Vector128.Create(weight), sum);
            at += 3;
        }
        return sum;
    }

    private static void Round(ReadOnlySpan<float> sum, Span<byte> destination)
    {
        for (var i = 0; i < sum.Length; i++) destination[i] = (byte)Math.Clamp(sum[i] + 0.5f, 0f, 255f);
    }
}
