namespace Curator.Imagery.Decoding;

/// <summary>Turns and mirrors a raster as its EXIF orientation asks (Exif 2.3, tag 0x0112: 1 to 8).</summary>
internal static class Orientation
{
    /// <summary>Whether width and height change places.</summary>
    public static bool SwapsSides(int orientation) => orientation is >= 5 and <= 8;

    /// <param name="source">RGB <c>[height, width, 3]</c>.</param>
    /// <param name="destination">RGB of the same size; <c>[width, height, 3]</c> when <see cref="SwapsSides"/>.</param>
    public static void Apply(int orientation, ReadOnlySpan<byte> source, int width, int height, Span<byte> destination)
    {
        // The pixel at (x, y) goes to start + x·acrossX + y·acrossY, in pixels.
        var (start, stepX, stepY) = orientation switch
        {
            2 => (width - 1, -1, width),
            3 => (width * height - 1, -1, -width),
            4 => ((height - 1) * width, 1, -width),
            5 => (0, height, 1),
            6 => (height - 1, height, -1),
            7 => (width * height - 1, -height, -1),
            8 => ((width - 1) * height, -height, 1),
            _ => (0, 1, width),
        };
        var from = 0;
        for (var y = 0; y < height; y++)
        {
            var to = 3L * (start + (long)y * stepY);
            for (var x = 0; x < width; x++, from += 3, to += 3L * stepX)
            {
                destination[(int)to] = source[from];
                destination[(int)to + 1] = source[from + 1];
                destination[(int)to + 2] = source[from + 2];
            }
        }
    }
}
