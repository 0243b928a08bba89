namespace Curator.Imagery.Gaps;

/// <summary>
/// Fills parts without data: connected regions of exactly black pixels, as swath gaps and tile edges are. What is filled in is smooth and has the colours of what lies around, so that an encoder sees no
/// edge where the Earth has none. Push-pull interpolation: Gortler et al. 1996, "The Lumigraph", section 3.4. O(pixels). Thread-safe.
/// </summary>
public static class GapFill
{
    /// <summary>Regions of a smaller share of the picture are left as they are: a few black pixels are a shadow.</summary>
    public const double LeastShare = 0.02;

    /// <param name="rgb">[height, width, 3], changed in place.</param>
    /// <returns>Pixels that were filled; 0 also for a picture that is all black.</returns>
    public static int Fill(Span<byte> rgb, int width, int height)
    {
        if (rgb.Length != width * height * 3) throw new ArgumentException($"{width} × {height} pixels are {width * height * 3} bytes, not {rgb.Length}.", nameof(rgb));
        var gap = FindGaps(rgb, width, height, out var count);
        if (count == 0 || count == width * height) return 0;
        var values = new float[width * height * 4];
        for (var i = 0; i < width * height; i++)
        {
            if (gap![i]) continue;
            for (var c = 0; c < 3; c++) values[(i * 4) + c] = rgb[(i * 3) + c];
            values[(i * 4) + 3] = 1;
        }
        PushPull(values, width, height);
        for (var i = 0; i < width * height; i++)
            for (var c = 0; c < 3 && gap![i]; c++)
                rgb[(i * 3) + c] = (byte)Math.Clamp(MathF.Round(values[(i * 4) + c]), 0, 255);
        return count;
    }

    /// <summary>Marks black regions that are large enough; null when there is none.</summary>
    private static bool[]? FindGaps(ReadOnlySpan<byte> rgb, int width, int height, out int count)
    {
        count = 0;
        var black = 0;
        for (var i = 0; i < rgb.Length; i += 3)
            if ((rgb[i] | rgb[i + 1] | rgb[i + 2]) == 0)
                black++;
        var least = Math.Max(1, (int)(LeastShare * width * height));
        if (black < least) return null;
        var gap = new bool[width * height];
        var seen = new bool[width * height];
        var region = new List<int>();
        for (var start = 0; start < seen.Length; start++)
        {
            if (seen[start] || !IsBlack(rgb, start)) continue;
            region.Clear();
            region.Add(start);
            seen[start] = true;
            for (var next = 0; next < region.Count; next++)
            {
                var (x, y) = (region[next] % width, region[next] / width);
                if (x > 0) Visit(rgb, region[next] - 1, seen, region);
                if (x + 1 < width) Visit(rgb, region[next] + 1, seen, region);
                if (y > 0) Visit(rgb, region[next] - width, seen, region);
                if (y + 1 < height) Visit(rgb, region[next] + width, seen, region);
            }
            if (region.Count < least) continue;
            foreach (var pixel in region) gap[pixel] = true;
            count += region.Count;
        }
        return gap;
    }

    private static void Visit(ReadOnlySpan<byte> rgb, int pixel, bool[] seen, List<int> region)
    {
        if (seen[pixel] || !IsBlack(rgb, pixel)) return;
        seen[pixel] = true;
        region.Add(pixel);
    }

    private static bool IsBlack(ReadOnlySpan<byte> rgb, int pixel) => (rgb[pixel * 3] | rgb[(pixel * 3) + 1] | rgb[(pixel * 3) + 2]) == 0;

    /// <summary>Means of known pixels go down to half the size until all is known, then back up into what is not.</summary>
    /// <param name="values">[height, width, 4]: colour and 1, or zeros where unknown; filled.</param>
    private static void PushPull(float[] values, int width, int height)
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
        if (!complete) PushPull(half, halfWidth, halfHeight);
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
