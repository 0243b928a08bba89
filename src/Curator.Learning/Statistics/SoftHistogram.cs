namespace Curator.Learning.Statistics;

/// <summary>
/// Joint histogram of three values, each shared linearly between its two nearest bins, so that a small change of a picture is a small
/// change of its statistics.
/// </summary>
internal static class SoftHistogram
{
    /// <summary>Adds one observation.</summary>
    /// <param name="histogram">[a bins, b bins, c bins].</param>
    /// <param name="a">Position in bins, 0 to bins − 1.</param>
    public static void Add(Span<float> histogram, float a, float b, float c, int aBins, int bBins, int cBins)
    {
        int i = Math.Min((int)a, aBins - 2), j = Math.Min((int)b, bBins - 2), k = Math.Min((int)c, cBins - 2);
        float fa = a - i, fb = b - j, fc = c - k;
        var cell = histogram[((((i * bBins) + j) * cBins) + k)..];
        int nextA = bBins * cBins, nextB = cBins;
        float low = (1 - fa) * (1 - fb), lowB = (1 - fa) * fb, lowA = fa * (1 - fb), high = fa * fb;
        cell[0] += low * (1 - fc);
        cell[1] += low * fc;
        cell[nextB] += lowB * (1 - fc);
        cell[nextB + 1] += lowB * fc;
        cell[nextA] += lowA * (1 - fc);
        cell[nextA + 1] += lowA * fc;
        cell[nextA + nextB] += high * (1 - fc);
        cell[nextA + nextB + 1] += high * fc;
    }

    /// <summary>
    /// Square roots of shares: the dot product of two such vectors is the Bhattacharyya coefficient, and their distance Hellinger's. Length one.
    /// </summary>
    public static void ToHellinger(Span<float> histogram)
    {
        float sum = 0;
        foreach (var value in histogram) sum += value;
        if (sum <= 0) return;
        for (var i = 0; i < histogram.Length; i++) histogram[i] = MathF.Sqrt(histogram[i] / sum);
    }
}
