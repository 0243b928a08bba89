namespace Curator.Learning.Encoders;

/// <summary>Pictures at a whole fraction of their size, by the mean of square blocks.</summary>
internal static class PixelReduction
{
    /// <param name="pixels">[N, from, from, 3].</param>
    /// <returns>[N, to, to, 3]; the argument itself when nothing is to do.</returns>
    public static ReadOnlySpan<byte> To(ReadOnlySpan<byte> pixels, int count, int from, int to)
    {
        if (from == to) return pixels;
        var factor = from / to;
        var reduced = new byte[count * to * to * 3];
        var area = factor * factor;
        for (var i = 0; i < reduced.Length; i++)
        {
            var (channel, x, y, image) = (i % 3, i / 3 % to, i / (3 * to) % to, i / (3 * to * to));
            var sum = area / 2;
            for (var dy = 0; dy < factor; dy++)
                for (var dx = 0; dx < factor; dx++)
                    sum += pixels[(((((image * from) + (y * factor) + dy) * from) + (x * factor) + dx) * 3) + channel];
            reduced[i] = (byte)(sum / area);
        }
        return reduced;
    }
}
