namespace Curator.Imagery.Gaps;

/// <summary>
/// Fills what is missing smoothly with the colours of what lies around, so that an encoder sees no edge where the Earth has none. Push-pull interpolation: Gortler et al. 1996,
/// "The Lumigraph", section 3.4. O(pixels). Stateless, thread-safe.
/// </summary>
internal static class PushPull
{
    /// <param name="rgb"><c>[height, width, 3]</c>; missing pixels are overwritten. At least one must be there.</param>
    /// <param name="mask"><c>[height, width]</c>, 1 where a pixel is missing.</param>
    public static void Fill(Span<byte> rgb, int width, int height, ReadOnlySpan<byte> mask)
    {
        var values = new float[width * height * 4];
        for (var i = 0; i < width * height; i++)
        {
            if (mask[i] != 0) continue;
            for (var c = 0; c < 3; c++) values[(i * 4) + c] = rgb[(i * 3) + c];
            values[(i * 4) + 3] = 1;
        }
        Interpolate(values, width, height);
        for (var i = 0; i < width * height; i++)
            for (var c = 0; c < 3 && mask[i] != 0; c++)
                rgb[(i * 3) + c] = (byte)Math.Clamp(MathF.Round(values[(i * 4) + c]), 0, 255);
    }

    /// <summary>Means of known pixels go down to half the size until all is known, then back up into what is not.</summary>
    /// <param name="values">[height, width, 4]: colour and 1, or zeros where unknown; filled.</param>
    private static void Interpolate(float[] values, int width, int height)
    {
        if (width == 1 && height == 1) return;
        var (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2);
        var half = new float[halfWidth * halfHeight * 4];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 4; c++)
                    half[((((y / 2) * halfWidth) + (x / 2)) * 4) + c] += values[(((y * width) + x) * 4) + c];
        var complete = true;
        for (var i = 0; i < half.Length; i += 4)
        {
            var weight = half[i + 3];
            complete &= weight > 0;
            for (var c = 0; c < 4 && weight > 0; c++) half[i + c] /= weight;
        }
        if (!complete) Interpolate(half, halfWidth, halfHeight);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                if (values[(((y * width) + x) * 4) + 3] == 0)
                    for (var c = 0; c < 4; c++)
                        values[(((y * width) + x) * 4) + c] = Bilinear(half, halfWidth, halfHeight, (x - 0.5f) / 2, (y - 0.5f) / 2, c);
    }

    private static float Bilinear(float[] values, int width, int height, float x, float y, int channel)
    {
        x = Math.Clamp(x, 0, width - 1);
        y = Math.Clamp(y, 0, height - 1);
        var (left, top) = ((int)x, (int)y);
        var (right, bottom) = (Math.Min(left + 1, width - 1), Math.Min(top + 1, height - 1));
        float Value(int column, int row) => values[(((row * width) + column) * 4) + channel];
        var above = Value(left, top) + ((Value(right, top) - Value(left, top)) * (x - left));
        var below = Value(left, bottom) + ((Value(right, bottom) - Value(left, bottom)) * (x - left));
        return above + ((below - above) * (y - top));
    }
}
