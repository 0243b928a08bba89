namespace Curator.Imagery.Resizing;

/// <summary>
/// Along one axis: for each target pixel, the first source pixel it draws on and the weights of that and the following ones, which add up to 1.
/// The triangle's half width is max(1, source / target) source pixels, centred on the target pixel's centre.
/// </summary>
internal sealed class TriangleWeights
{
    private readonly int[] _first;
    private readonly int[] _start;
    private readonly float[] _weights;

    private TriangleWeights(int[] first, int[] start, float[] weights)
    {
        _first = first;
        _start = start;
        _weights = weights;
    }

    /// <summary>Target pixels.</summary>
    public int Count => _first.Length;

    public ReadOnlySpan<float> Of(int target, out int first)
    {
        first = _first[target];
        return _weights.AsSpan(_start[target], _start[target + 1] - _start[target]);
    }

    /// <param name="first">First target pixel that is wanted, of <paramref name="target"/>.</param>
    /// <param name="count">How many target pixels are wanted.</param>
    public static TriangleWeights Of(int source, int target, int first, int count)
    {
        var scale = (double)source / target;
        var support = Math.Max(1, scale);
        var firsts = new int[count];
        var starts = new int[count + 1];
        var weights = new List<float>(count * (int)(2 * support + 2));
        var line = new double[(int)(2 * support) + 3];
        for (var i = 0; i < count; i++)
        {
            var centre = (first + i + 0.5) * scale;
            var from = Math.Max(0, (int)(centre - support + 0.5));
            var to = Math.Min(source, (int)(centre + support + 0.5));
            double total = 0;
            for (var x = from; x < to; x++)
                total += line[x - from] = Math.Max(0, 1 - Math.Abs((x + 0.5 - centre) / support));
            firsts[i] = from;
            for (var k = 0; k < to - from; k++) weights.Add((float)(line[k] / total));
            starts[i + 1] = weights.Count;
        }
        return new TriangleWeights(firsts, starts, [.. weights]);
    }
}
