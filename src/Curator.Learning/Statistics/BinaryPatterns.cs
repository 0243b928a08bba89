using System.Numerics;

namespace Curator.Learning.Statistics;

/// <summary>
/// Rotation-invariant local binary patterns with eight neighbours on a circle: Ojala, Pietikäinen, Mäenpää 2002, "Multiresolution Gray-Scale and
/// Rotation Invariant Texture Classification with Local Binary Patterns", equation 8 (the 36 rotation classes). Quiet and lively
/// neighbourhoods (mean absolute difference) are counted apart. The same on every vector width. Not thread-safe.
/// </summary>
internal sealed class BinaryPatterns
{
    /// <summary>Bins: 36 rotation classes × quiet or lively.</summary>
    public const int Bins = 72;

    private const float Lively = 0.02f;
    private static readonly byte[] RotationClass = MakeRotationClasses();

    private readonly int _side;
    private readonly int _border;
    private readonly float _tolerance;
    private readonly (int Offset, float Weight)[][] _neighbours;
    private readonly int[] _codes;
    private readonly float[] _liveliness;

    /// <param name="side">Of the picture.</param>
    /// <param name="radius">Of the circle, pixels.</param>
    /// <param name="tolerance">A neighbour counts as brighter when it is so by more than this; keeps noise out of flat parts.</param>
    public BinaryPatterns(int side, float radius, float tolerance)
    {
        _side = side;
        _border = (int)MathF.Ceiling(radius) + 1;
        _tolerance = tolerance;
        _neighbours = [.. Enumerable.Range(0, 8).Select(k => Corners(radius, k))];
        _codes = new int[side];
        _liveliness = new float[side];
    }

    /// <param name="plane">[side, side].</param>
    /// <param name="histogram">[<see cref="Bins"/>]; added to.</param>
    public void Count(ReadOnlySpan<float> plane, Span<float> histogram)
    {
        int from = _border, to = _side - _border;
        for (var y = from; y < to; y++)
        {
            var row = y * _side;
            var x = from;
            for (; x + Vector<float>.Count <= to; x += Vector<float>.Count) CodeVector(plane, row, x);
            for (; x < to; x++) CodeOne(plane, row, x);
            for (x = from; x < to; x++) histogram[RotationClass[_codes[x]] + (_liveliness[x] > Lively * 8 ? 36 : 0)]++;
        }
    }

    private void CodeVector(ReadOnlySpan<float> plane, int row, int x)
    {
        var centre = new Vector<float>(plane[(row + x)..]);
        var threshold = centre + new Vector<float>(_tolerance);
        var codes = Vector<int>.Zero;
        var difference = Vector<float>.Zero;
        for (var k = 0; k < 8; k++)
        {
            var value = Vector<float>.Zero;
            foreach (var (offset, weight) in _neighbours[k]) value += new Vector<float>(plane[(row + x + offset)..]) * weight;
            difference += Vector.Abs(value - centre);
            codes |= Vector.GreaterThan(value, threshold) & new Vector<int>(1 << k);
        }
        codes.CopyTo(_codes, x);
        difference.CopyTo(_liveliness, x);
    }

    private void CodeOne(ReadOnlySpan<float> plane, int row, int x)
    {
        var centre = plane[row + x];
        var code = 0;
        float difference = 0;
        for (var k = 0; k < 8; k++)
        {
            float value = 0;
            foreach (var (offset, weight) in _neighbours[k]) value += plane[row + x + offset] * weight;
            difference += MathF.Abs(value - centre);
            if (value > centre + _tolerance) code |= 1 << k;
        }
        _codes[x] = code;
        _liveliness[x] = difference;
    }

    /// <summary>The up to four pixels between which neighbour k lies, as offsets in the plane with bilinear weights; weightless ones left out.</summary>
    private (int Offset, float Weight)[] Corners(float radius, int k)
    {
        float x = radius * MathF.Cos(k * MathF.PI / 4), y = radius * MathF.Sin(k * MathF.PI / 4);
        // Sine and cosine of multiples of 90° are not exactly whole; the pixel grid is.
        if (k % 2 == 0) (x, y) = (MathF.Round(x * 1024) / 1024, MathF.Round(y * 1024) / 1024);
        int left = (int)MathF.Floor(x), top = (int)MathF.Floor(y);
        float fx = x - left, fy = y - top;
        return [.. new[]
        {
            ((top * _side) + left, (1 - fx) * (1 - fy)), ((top * _side) + left + 1, fx * (1 - fy)),
            (((top + 1) * _side) + left, (1 - fx) * fy), (((top + 1) * _side) + left + 1, fx * fy),
        }.Where(corner => corner.Item2 > 0)];
    }

    private static byte[] MakeRotationClasses()
    {
        var numbers = new SortedDictionary<int, byte>();
        var classes = new byte[256];
        for (var code = 0; code < 256; code++)
        {
            var least = code;
            for (var k = 1; k < 8; k++) least = Math.Min(least, ((code >> k) | (code << (8 - k))) & 255);
            if (!numbers.TryGetValue(least, out var number)) numbers[least] = number = (byte)numbers.Count;
            classes[code] = number;
        }
        return classes;
    }
}
