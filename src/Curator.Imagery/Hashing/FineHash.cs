using System.Numerics;
using Curator.Imagery.Resizing;

namespace Curator.Imagery.Hashing;

/// <summary>
/// 256-bit perceptual hash with a quality score, for confirming what the 64-bit hash proposes: 64×64 luma, DCT-II, the 16×16 frequencies from 1 to 16, one
/// bit each: above the median of all. The mean is left out, so brightness does not count. Source: the design of PDQ (Facebook, "The TMK+PDQF video-hashing
/// algorithm and the PDQ image-hashing algorithm", 2019); not bit-compatible with it, as the picture is shrunk by the antialiased triangle filter.
/// <para>Not thread-safe: use one per thread.</para>
/// </summary>
public sealed class FineHash(Resizer resizer)
{
    internal const int Side = 64;
    internal const int Low = 16;

    /// <summary>Bits of a hash.</summary>
    public const int Bits = Low * Low;

    /// <summary>64-bit words of a hash.</summary>
    public const int Words = Bits / 64;

    private readonly LowFrequencies _frequencies = new(Side, first: 1, Low);
    private readonly byte[] _small = new byte[Side * Side * 3];
    private readonly double[] _luma = new double[Side * Side];
    private readonly double[] _low = new double[Bits];
    private readonly double[] _turned = new double[Bits];
    private readonly double[] _sorted = new double[Bits];

    /// <summary>Hash with a resizer of its own.</summary>
    public FineHash()
        : this(new Resizer())
    {
    }

    /// <summary>Bits that differ, 0 to 256; unrelated pictures differ in about 128.</summary>
    public static int Distance(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        var distance = 0;
        for (var i = 0; i < Words; i++) distance += BitOperations.PopCount(left[i] ^ right[i]);
        return distance;
    }

    /// <summary>Hash of an RGB picture, <c>[height, width, 3]</c>, uint8. Bit 16v + u belongs to the frequency (1 + u across, 1 + v down).</summary>
    /// <param name="hash">Room for four words.</param>
    /// <returns>
    /// Quality, 0 to 100: the sum of the brightness steps between neighbouring pixels of the shrunk picture. Below about 50 the hash is made of noise and says little.
    /// </returns>
    public int Of(ReadOnlySpan<byte> rgb, int width, int height, Span<ulong> hash)
    {
        Transform(rgb, width, height);
        Threshold(_low, hash[..Words]);
        return Quality();
    }

    /// <summary>Hashes of all eight mirrored and turned forms, the picture itself first, from one transform; forms as in <see cref="LowFrequencies.Turn"/>.</summary>
    /// <param name="hashes">Room for 8 × 4 words.</param>
    /// <returns>Quality as in <see cref="Of"/>.</returns>
    public int AllForms(ReadOnlySpan<byte> rgb, int width, int height, Span<ulong> hashes)
    {
        Transform(rgb, width, height);
        for (var form = 0; form < LowFrequencies.Forms; form++)
        {
            _frequencies.Turn(_low, form, _turned);
            Threshold(_turned, hashes.Slice(form * Words, Words));
        }
        return Quality();
    }

    private void Transform(ReadOnlySpan<byte> rgb, int width, int height)
    {
        resizer.Resize(rgb, width, height, _small, Side, Side);
        LowFrequencies.Luma(_small, _luma);
        _frequencies.Transform(_luma, _low);
    }

    private void Threshold(double[] low, Span<ulong> hash)
    {
        low.CopyTo(_sorted, 0);
        Array.Sort(_sorted);
        var median = (_sorted[Bits / 2 - 1] + _sorted[Bits / 2]) / 2;
        hash.Clear();
        for (var i = 0; i < Bits; i++)
            if (low[i] > median + PerceptualHash.Tolerance)
                hash[i / 64] |= 1UL << (i % 64);
    }

    private int Quality()
    {
        double steps = 0;
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                if (x + 1 < Side) steps += Math.Abs(_luma[y * Side + x + 1] - _luma[y * Side + x]);
                if (y + 1 < Side) steps += Math.Abs(_luma[(y + 1) * Side + x] - _luma[y * Side + x]);
            }
        return (int)Math.Min(100, steps / 255 * 100 / 90);
    }
}
