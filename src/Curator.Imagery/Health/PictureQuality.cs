namespace Curator.Imagery.Health;

/// <summary>Estimates of a picture's use from its pixels alone. Integer sums, so the same picture gives the same numbers on every machine.</summary>
/// <param name="CloudShare">0 to 1, of the pixels that were seen; 0 when none was.</param>
/// <param name="Sharpness">Sum of the luma's second differences over that of its first, along rows and columns, 0 to 2; null where the mean first difference is below one level.</param>
internal readonly record struct PictureQuality(float CloudShare, float? Sharpness)
{
    /// <summary>A cloud's largest channel is above this. With <see cref="MostColour"/> set on a MODIS day beside a cloudless mosaic (docs/design/imagery.md).</summary>
    private const int LeastBright = 100;

    /// <summary>A cloud's channels differ by less than this share of the largest one, in fifths: 1/5.</summary>
    private const int MostColour = 5;

    /// <summary>A pixel whose largest channel is at most this was not seen.</summary>
    private const int Black = 3;

    /// <param name="rgb"><c>[height, width, 3]</c>, uint8.</param>
    public static PictureQuality Of(ReadOnlySpan<byte> rgb, int width, int height)
    {
        long seen = 0, clouds = 0, first = 0, second = 0, pairs = 0;
        var luma = new short[3 * width]; // Three rows, in turns.
        for (var y = 0; y < height; y++)
        {
            var row = luma.AsSpan(y % 3 * width, width);
            var from = rgb.Slice(3 * width * y, 3 * width);
            for (int x = 0, at = 0; x < width; x++, at += 3)
            {
                int red = from[at], green = from[at + 1], blue = from[at + 2];
                row[x] = (short)((77 * red + 150 * green + 29 * blue + 64) >> 7); // In half levels.
                var most = Math.Max(red, Math.Max(green, blue));
                if (most <= Black) continue;
                seen++;
                if (most > LeastBright && MostColour * (most - Math.Min(red, Math.Min(green, blue))) < most) clouds++;
            }

            for (var x = 1; x < width; x++) first += Math.Abs(row[x] - row[x - 1]);
            for (var x = 2; x < width; x++) second += Math.Abs(row[x] - 2 * row[x - 1] + row[x - 2]);
            pairs += width - 1;
            if (y == 0) continue;
            var above = luma.AsSpan((y + 2) % 3 * width, width);
            for (var x = 0; x < width; x++) first += Math.Abs(row[x] - above[x]);
            pairs += width;
            if (y == 1) continue;
            var twice = luma.AsSpan((y + 1) % 3 * width, width);
            for (var x = 0; x < width; x++) second += Math.Abs(row[x] - 2 * above[x] + twice[x]);
        }

        return new PictureQuality(seen == 0 ? 0 : (float)((double)clouds / seen), first < 2 * pairs || pairs == 0 ? null : (float)((double)second / first));
    }
}
