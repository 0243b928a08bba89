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

    /// <summary>
    /// Shortest side to which a picture may be decoded that is only hashed (<see cref="Decoding.DecodeOptions.ShortestSide"/>): of 469 real JPEGs, 22 have another 64-bit hash then, by two
    /// bits each, and the 256-bit hash changes by 0.7 bits on average, 4 at most.
    /// </summary>
    public const int DecodedSide = 128;

    /// <summary>Lowest frequencies each way.</summary>
    internal const int Low = 8;

    /// <summary>Coefficients this near to each other count as equal, so that rounding does not decide bits of flat pictures.</summary>
    internal const double Tolerance = 1e-6;

    private readonly LowFrequencies _frequencies = new(Side, first: 0, Low);
    private readonly byte[] _small = new byte[Side * Side * 3];
    private readonly double[] _luma = new double[Side * Side];
    private readonly double[] _low = new double[Low * Low];
    private readonly double[] _turned = new double[Low * Low];
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
        Transform(rgb, width, height);
        return Bits(_low);
    }

    /// <summary>Hashes of all eight mirrored and turned forms, the picture itself first, from one transform; forms as in <see cref="LowFrequencies.Turn"/>.</summary>
    /// <param name="hashes">Room for 8.</param>
    public void AllForms(ReadOnlySpan<byte> rgb, int width, int height, Span<ulong> hashes)
    {
        Transform(rgb, width, height);
        for (var form = 0; form < LowFrequencies.Forms; form++)
        {
            _frequencies.Turn(_low, form, _turned);
            hashes[form] = Bits(_turned);
        }
    }

    private void Transform(ReadOnlySpan<byte> rgb, int width, int height)
    {
        resizer.Resize(rgb, width, height, _small, Side, Side);
        LowFrequencies.Luma(_small, _luma);
        _frequencies.Transform(_luma, _low);
    }

    private ulong Bits(ReadOnlySpan<double> low)
    {
        low[1..].CopyTo(_sorted);
        Array.Sort(_sorted);
        var median = _sorted[_sorted.Length / 2];
        ulong hash = 0;
        for (var i = 0; i < low.Length; i++)
            if (low[i] > median + Tolerance)
                hash |= 1UL << i;
        return hash;
    }
}
