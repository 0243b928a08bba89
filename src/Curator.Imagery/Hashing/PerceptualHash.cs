using System.Numerics;
using Curator.Imagery.Resizing;

namespace Curator.Imagery.Hashing;

/// <summary>
/// 64-bit DCT perceptual hash: the picture is shrunk to 32×32, its luma is transformed with a DCT-II, and each of the 8×8 lowest
/// frequencies gives one bit: whether it lies above the median of the 63 that are not the mean. Pictures that look alike differ in few bits;
/// 6 is the usual limit, 10 a generous one. Featureless pictures (deviation near zero) hash alike and must be told apart by other means.
/// Source: C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2.
/// <para>Not thread-safe: use one per thread.</para>
/// </summary>
public sealed class PerceptualHash(Resizer resizer)
{
    /// <summary>Side of the shrunk picture.</summary>
    internal const int Side = 32;

    /// <summary>Lowest frequencies each way.</summary>
    internal const int Low = 8;

    /// <summary>Coefficients this near to each other count as equal, so that rounding does not decide bits of flat pictures.</summary>
    internal const double Tolerance = 1e-6;

    private static readonly double[] Cosines = MakeCosines();

    private readonly byte[] _small = new byte[Side * Side * 3];
    private readonly double[] _luma = new double[Side * Side];
    private readonly double[] _half = new double[Low * Side];
    private readonly double[] _low = new double[Low * Low];
    private readonly double[] _sorted = new double[Low * Low - 1];

    /// <summary>Hash with a resizer of its own.</summary>
    public PerceptualHash()
        : this(new Resizer())
    {
    }

    /// <summary>Bits that differ, 0 to 64.</summary>
    public static int Distance(ulong left, ulong right) => BitOperations.PopCount(left ^ right);

    /// <summary>Hash of an RGB picture, <c>[height, width, 3]</c>, uint8. Bit 8v + u (from the lowest) belongs to the frequency (u across, v down).</summary>
    public ulong Of(ReadOnlySpan<byte> rgb, int width, int height)
    {
        resizer.Resize(rgb, width, height, _small, Side, Side);
        for (var i = 0; i < _luma.Length; i++)
            _luma[i] = (299 * _small[3 * i] + 587 * _small[3 * i + 1] + 114 * _small[3 * i + 2]) / 1000.0;
        Transform();
        _low.AsSpan(1).CopyTo(_sorted);
        Array.Sort(_sorted);
        var median = _sorted[_sorted.Length / 2];
        ulong hash = 0;
        for (var i = 0; i < _low.Length; i++)
            if (_low[i] > median + Tolerance)
                hash |= 1UL << i;
        return hash;
    }

    /// <summary>The 8×8 lowest coefficients of the orthonormal DCT-II: first along rows, then along columns.</summary>
    private void Transform()
    {
        for (var y = 0; y < Side; y++)
            for (var u = 0; u < Low; u++)
            {
                double sum = 0;
                for (var x = 0; x < Side; x++) sum += _luma[y * Side + x] * Cosines[u * Side + x];
                _half[u * Side + y] = sum;
            }
        for (var v = 0; v < Low; v++)
            for (var u = 0; u < Low; u++)
            {
                double sum = 0;
                for (var y = 0; y < Side; y++) sum += _half[u * Side + y] * Cosines[v * Side + y];
                _low[v * Low + u] = sum;
            }
    }

    private static double[] MakeCosines()
    {
        var table = new double[Low * Side];
        for (var u = 0; u < Low; u++)
            for (var x = 0; x < Side; x++)
                table[u * Side + x] = Math.Sqrt((u == 0 ? 1.0 : 2.0) / Side) * Math.Cos(Math.PI * u * (2 * x + 1) / (2 * Side));
        return table;
    }
}
