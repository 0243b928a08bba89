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

    private unsafe void DownThenAcross(ReadOnlySpan<byte> source, int width, Span<byte> destination, TriangleWeights across, TriangleWeights down)
    {
        var stride = 3 * width;
        fixed (float* row = Scratch(stride))
        fixed (byte* from = source)
        fixed (byte* to = destination)
            for (var y = 0; y < down.Count; y++)
            {
                var weights = down.Of(y, out var first);
                TriangleKernels.Down(from + (long)first * stride, stride, weights, row);
                TriangleKernels.Across(row, across, to + 3L * across.Count * y);
            }
    }

    private unsafe void AcrossThenDown(
        ReadOnlySpan<byte> source, int width, int height, Span<byte> destination, TriangleWeights across, TriangleWeights down)
    {
        var stride = 3 * width;
        var target = 3 * across.Count;
        // Rows already scaled across, then one row of the source as floats.
        fixed (float* rows = Scratch(checked(target * height + 4 + stride)))
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            var row = rows + (long)target * height + 4;
            for (var y = 0; y < height; y++)
            {
                TriangleKernels.Down(from + (long)y * stride, stride, [1f], row);
                TriangleKernels.Across(row, across, rows + (long)target * y);
            }
            for (var y = 0; y < down.Count; y++)
            {
                var weights = down.Of(y, out var first);
                TriangleKernels.Down(rows + (long)first * target, target, weights, to + (long)target * y);
            }
        }
    }

    /// <summary>Floats, with room for one vector more than asked: kernels read and write four numbers where three count.</summary>
    private float[] Scratch(int length)
    {
        if (_rows.Length < length + 8) _rows = GC.AllocateUninitializedArray<float>(length + 8);
        return _rows;
    }
}
