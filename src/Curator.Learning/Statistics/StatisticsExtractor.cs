namespace Curator.Learning.Statistics;

/// <summary>
/// Colour and texture statistics of a picture at two scales, and what in it is cut off from its frame, without any training. Six groups, each of length one, joined with
/// fixed weights; turning the picture by 90° changes nothing but roundings, mirroring it little. docs/design/learning.md, "The encoder that needs no training". Not thread-safe.
/// <list type="number">
/// <item>differences of adjacent pixels: joint histogram of log |Δluma|, |Δred-green|, |Δyellow-blue|, 5 × 4 × 4;</item>
/// <item>the same at a quarter of the resolution and two pixels apart, 4 × 3 × 3;</item>
/// <item>local binary patterns of the luma at radius 1, 72;</item>
/// <item>joint colour histogram, 5 × 4 × 4;</item>
/// <item>how strongly edges keep to few directions: Fourier magnitudes of the orientation histogram, 12;</item>
/// <item>what is cut off from the picture's frame, and by how much: depths in each plane at half the resolution, 3 × 2 × 8 (<see cref="EnclosedParts"/>).</item>
/// </list>
/// </summary>
internal sealed class StatisticsExtractor
{
    /// <summary>Side of the pictures it takes, pixels.</summary>
    public const int Side = 64;

    /// <summary>Length of the vector.</summary>
    public const int Dimension = FineBins + CoarseBins + BinaryPatterns.Bins + ColourBins + Orientations + EnclosedParts.Bins;

    private const int Half = 2, Coarse = 4;
    private const int FineBins = 5 * 4 * 4, CoarseBins = 4 * 3 * 3, ColourBins = 5 * 4 * 4, Orientations = 12;

    // Shares of the squared length, found by coordinate search on one split of EuroSAT and checked on another; broad optimum. The last one's lies
    // between two that were measured (ADR 33); a head's regularisation sees the shares.
    private const float FineShare = 1.4f, CoarseShare = 1, PatternShare = 2, ColourShare = 0.4f, OrientationShare = 0.8f, EnclosedShare = 2;

    // |difference| in 1/1023 → position in bins for 7 octaves above 1/256.
    private static readonly float[] Octaves = [.. Enumerable.Range(0, 1024).Select(i => Math.Clamp((MathF.Log2((i / 1023f) + 0.004f) + 8) / 7, 0, 1))];
    private static readonly (float Sine, float Cosine)[] Waves = [.. Enumerable.Range(0, 2 * Orientations).Select(i => MathF.SinCos(MathF.PI * i / Orientations))];

    private readonly ColourPlanes _fine = new(Side);
    private readonly ColourPlanes _half = new(Side / Half);
    private readonly ColourPlanes _coarse = new(Side / Coarse);
    private readonly BinaryPatterns _patterns = new(Side, radius: 1, tolerance: 0.004f);
    private readonly EnclosedParts _enclosed = new(Side / Half);

    /// <param name="pixels">[64, 64, 3] RGB.</param>
    /// <param name="vector">[<see cref="Dimension"/>], overwritten; length one.</param>
    public void Extract(ReadOnlySpan<byte> pixels, Span<float> vector)
    {
        _fine.Fill(pixels);
        _half.FillReduced(pixels, Half);
        _coarse.FillReduced(pixels, Coarse);
        vector.Clear();
        var rest = vector;

        Differences(_fine, 1, Take(ref rest, FineBins), 5, 4);
        Differences(_coarse, 2, Take(ref rest, CoarseBins), 4, 3);
        _patterns.Count(_fine.Luma, Take(ref rest, BinaryPatterns.Bins));
        Colours(_fine, Take(ref rest, ColourBins));
        Directions(_fine, Take(ref rest, Orientations));
        _enclosed.Count(_half, Take(ref rest, EnclosedParts.Bins));

        rest = vector;
        ReadOnlySpan<(int Length, float Share)> groups =
            [
                (FineBins, FineShare), (CoarseBins, CoarseShare), (BinaryPatterns.Bins, PatternShare), (ColourBins, ColourShare), (Orientations, OrientationShare),
                (EnclosedParts.Bins, EnclosedShare),
            ];
        var total = 0f;
        foreach (var (_, share) in groups) total += share;
        foreach (var (length, share) in groups)
        {
            var group = Take(ref rest, length);
            if (length != Orientations) SoftHistogram.ToHellinger(group);
            var weight = MathF.Sqrt(share / total);
            foreach (ref var value in group) value *= weight;
        }
    }

    private static Span<float> Take(ref Span<float> rest, int length)
    {
        var head = rest[..length];
        rest = rest[length..];
        return head;
    }

    private static void Differences(ColourPlanes planes, int distance, Span<float> histogram, int lumaBins, int colourBins)
    {
        var side = planes.Side;
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
            {
                var here = (y * side) + x;
                if (x + distance < side) AddDifference(planes, here, here + distance, histogram, lumaBins, colourBins);
                if (y + distance < side) AddDifference(planes, here, here + (distance * side), histogram, lumaBins, colourBins);
            }
    }

    private static void AddDifference(ColourPlanes planes, int a, int b, Span<float> histogram, int lumaBins, int colourBins) =>
        SoftHistogram.Add(
            histogram,
            Octave(planes.Luma[a] - planes.Luma[b]) * (lumaBins - 1),
            Octave(planes.RedGreen[a] - planes.RedGreen[b]) * (colourBins - 1),
            Octave(planes.YellowBlue[a] - planes.YellowBlue[b]) * (colourBins - 1),
            lumaBins, colourBins, colourBins);

    private static float Octave(float difference) => Octaves[Math.Min((int)((MathF.Abs(difference) * 1023) + 0.5f), 1023)];

    private static void Colours(ColourPlanes planes, Span<float> histogram)
    {
        for (var i = 0; i < planes.Luma.Length; i++)
            SoftHistogram.Add(histogram, planes.Luma[i] * 4, planes.RedGreen[i] * 3, planes.YellowBlue[i] * 3, 5, 4, 4);
    }

    /// <summary>
    /// Gradient directions, weighted by magnitude, shared between the two nearest of 24 directions 7.5° apart; the magnitudes of their Fourier series say how many directions dominate
    /// and how strictly, whatever way the picture is turned.
    /// </summary>
    private static void Directions(ColourPlanes planes, Span<float> group)
    {
        const int bins = 2 * Orientations;
        Span<float> histogram = stackalloc float[bins];
        histogram.Clear();
        var (side, luma) = (planes.Side, planes.Luma);
        float total = 0;
        for (var y = 1; y < side - 1; y++)
            for (var x = 1; x < side - 1; x++)
            {
                var i = (y * side) + x;
                float dx = luma[i + 1] - luma[i - 1], dy = luma[i + side] - luma[i - side];
                var magnitude = MathF.Sqrt((dx * dx) + (dy * dy));
                if (magnitude == 0) continue;
                var turn = MathF.Atan2(dy, dx) / MathF.PI;
                var position = (turn < 0 ? turn + 1 : turn) * bins;
                var nearest = (int)position;
                var share = position - nearest;
                histogram[nearest % bins] += magnitude * (1 - share);
                histogram[(nearest + 1) % bins] += magnitude * share;
                total += magnitude;
            }

        float length = 0;
        for (var k = 0; k < Orientations; k++)
        {
            float real = 0, imaginary = 0;
            for (var i = 0; i < bins; i++)
            {
                var (sine, cosine) = Waves[i * k % bins];
                real += histogram[i] * cosine;
                imaginary += histogram[i] * sine;
            }
            group[k] = total > 0 ? MathF.Sqrt((real * real) + (imaginary * imaginary)) / total : k == 0 ? 1 : 0;
            length += group[k] * group[k];
        }
        length = MathF.Sqrt(length);
        foreach (ref var value in group) value /= length;
    }
}
