namespace Curator.Imagery.Resizing;

/// <summary>
/// Along one axis: for each target pixel, the first source pixel it draws on and the weights of that and the following ones, which add up to 1.
/// The triangle's half width is max(1, source / target) source pixels, centred on the target pixel's centre. Every target pixel has the same
/// number of weights, some of them 0, so that the loops over them have a length the processor can foresee.
/// </summary>
internal sealed class TriangleWeights
{
    private TriangleWeights(int taps, int[] first, float[] weights)
    {
        Taps = taps;
        First = first;
        Weights = weights;
    }

    /// <summary>Target pixels.</summary>
    public int Count => First.Length;

    /// <summary>Weights a target pixel.</summary>
    public int Taps { get; }

    /// <summary>First source pixel of each target pixel; that and the following <see cref="Taps"/> - 1 lie in the source.</summary>
    public int[] First { get; }

    /// <summary><c>[Count, Taps]</c>.</summary>
    public float[] Weights { get; }

    public ReadOnlySpan<float> Of(int target, out int first)
    {
        first = First[target];
        return Weights.AsSpan(target * Taps, Taps);
    }

    /// <param name="first">First target pixel that is wanted, of <paramref name="target"/>.</param>
    /// <param name="count">How many target pixels are wanted.</param>
    public static TriangleWeights Of(int source, int target, int first, int count)
    {
        var scale = (double)source / target;
        var support = Math.Max(1, scale);
        var taps = 0;
        for (var i = 0; i < count; i++)
        {
            var (from, to) = Range(i);
            taps = Math.Max(taps, to - from);
        }
        var firsts = new int[count];
        var weights = new float[checked(count * taps)];
        var line = new double[taps];
        for (var i = 0; i < count; i++)
        {
            var (from, to) = Range(i);
            double total = 0;
            for (var x = from; x < to; x++)
                total += line[x - from] = Math.Max(0, 1 - Math.Abs((x + 0.5 - (first + i + 0.5) * scale) / support));
            firsts[i] = Math.Min(from, source - taps);
            for (var x = from; x < to; x++) weights[i * taps + x - firsts[i]] = (float)(line[x - from] / total);
        }
        return new TriangleWeights(taps, firsts, weights);

        (int From, int To) Range(int i)
        {
            var centre = (first + i + 0.5) * scale;
            return (Math.Max(0, (int)(centre - support + 0.5)), Math.Min(source, (int)(centre + support + 0.5)));
        }
    }
}
