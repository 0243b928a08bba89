using Curator.Core.Files;
using Curator.Imagery.Drawing;

namespace Curator.Imagery.Plots;

/// <summary>A PNG of very many points in a plane: the more points a pixel has the fuller its colour, by the logarithm, so that both a crowd and a single point are seen. Thread-safe.</summary>
public static class PointPicture
{
    private const int Margin = 24;

    /// <summary>Writes the picture; it appears whole or not at all.</summary>
    /// <param name="positions">[n × 2], x to the right and y upwards, finite.</param>
    /// <param name="categories">One a point; −1 is drawn grey.</param>
    /// <param name="side">Pixels, from 64 to 8,192.</param>
    public static void Write(string path, ReadOnlySpan<float> positions, ReadOnlySpan<int> categories, int side)
    {
        var png = ImageEncoder.Encode(Render(positions, categories, side), side, side, EncodedFormat.Png, 100);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>The picture as <c>[side, side, 3]</c>.</summary>
    public static byte[] Render(ReadOnlySpan<float> positions, ReadOnlySpan<int> categories, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, 8192);
        if (positions.Length != 2 * categories.Length) throw new ArgumentException($"{positions.Length} numbers are not the places of {categories.Length} points.", nameof(positions));
        float left = float.PositiveInfinity, right = float.NegativeInfinity, bottom = left, top = right;
        for (var i = 0; i < positions.Length; i += 2)
        {
            (left, right) = (Math.Min(left, positions[i]), Math.Max(right, positions[i]));
            (bottom, top) = (Math.Min(bottom, positions[i + 1]), Math.Max(top, positions[i + 1]));
        }

        var span = Math.Max(Math.Max(right - left, top - bottom), 1e-6f);
        var scale = (side - (2 * Margin) - 1) / span;
        var (offsetX, offsetY) = ((side - ((right + left) * scale)) / 2, (side + ((top + bottom) * scale)) / 2);
        var counts = new int[side * side];
        var sums = new float[side * side * 3];
        // Few points are drawn larger, so that they are seen at all.
        var size = categories.Length switch { < 2000 => 5, < 20_000 => 3, < 100_000 => 2, _ => 1 };
        var most = 0;
        for (var i = 0; i < categories.Length; i++)
        {
            var (red, green, blue) = CategoryColours.Of(categories[i]);
            var x = (int)(offsetX + (positions[2 * i] * scale)) - (size / 2);
            var y = (int)(offsetY - (positions[(2 * i) + 1] * scale)) - (size / 2);
            for (var row = Math.Max(0, y); row < Math.Min(side, y + size); row++)
            {
                for (var column = Math.Max(0, x); column < Math.Min(side, x + size); column++)
                {
                    var pixel = (row * side) + column;
                    most = Math.Max(most, ++counts[pixel]);
                    sums[3 * pixel] += red;
                    sums[(3 * pixel) + 1] += green;
                    sums[(3 * pixel) + 2] += blue;
                }
            }
        }

        var rgb = new byte[side * side * 3];
        var full = Math.Log(1 + most);
        for (var pixel = 0; pixel < counts.Length; pixel++)
        {
            var fill = counts[pixel] == 0 ? 0 : 0.35 + (0.65 * Math.Log(1 + counts[pixel]) / full);
            for (var channel = 0; channel < 3; channel++)
                rgb[(3 * pixel) + channel] = (byte)(255 - (fill * (255 - (counts[pixel] == 0 ? 255 : sums[(3 * pixel) + channel] / counts[pixel]))));
        }

        return rgb;
    }
}
