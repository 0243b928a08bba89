using System.Runtime.InteropServices;

namespace Curator.Imagery.Gaps;

/// <summary>Limits of what counts as a gap. The defaults were set on MODIS Terra true colour (JPEG).</summary>
public sealed record GapOptions
{
    /// <summary>A pixel whose largest channel is at most this, 0 to 255, is black: where nothing was seen, true-colour products hold (0, 0, 0).</summary>
    public int Black { get; init; } = 3;

    /// <summary>A pixel whose largest channel is at most this still belongs to a gap when it touches one: JPEG blurs its edge.</summary>
    public int Dark { get; init; } = 24;

    /// <summary>
    /// Share of a region's pixels that are black, 0 to 1. On the whole earth of 2020-09-27 the gaps and polar nights have 0.74 to 0.97, all other dark regions of more than 500
    /// pixels 0.00 to 0.01: dark water is dark all over and black hardly anywhere.
    /// </summary>
    public double BlackShare { get; init; } = 0.5;

    /// <summary>Smallest region, as a share of the picture: a few black pixels are a shadow.</summary>
    public double SmallestShare { get; init; } = 0.01;

    /// <summary>
    /// Least length of picture edge that a region touches, as a share of the shorter side. A gap between swaths runs through a tile from edge to edge; a lake lies inside or ends
    /// at a short piece of an edge. 0 for a whole scene, whose gaps may lie inside.
    /// </summary>
    public double EdgeShare { get; init; } = 0.08;
}

/// <summary>
/// Finds the pixels of a picture where nothing was seen (gaps between swaths, night, outside of the scene), where no mask layer says so: connected dark regions that are black
/// nearly all over, large enough, and touch the picture's edge. A dark lake is not a gap. Not thread-safe: use one per thread. Cost: O(pixels), 9 bytes a pixel.
/// </summary>
public sealed class GapDetector(GapOptions? options = null)
{
    private readonly GapOptions _options = options ?? new GapOptions();
    private readonly List<int> _region = [];
    private byte[] _level = [];

    /// <param name="rgb"><c>[height, width, 3]</c>, uint8.</param>
    /// <param name="mask"><c>[height, width]</c>; set to 1 where the picture has no data, else 0.</param>
    /// <returns>Pixels without data.</returns>
    public int Detect(ReadOnlySpan<byte> rgb, int width, int height, Span<byte> mask)
    {
        var pixels = checked(width * height);
        if (rgb.Length != 3 * pixels) throw new ArgumentException($"{rgb.Length} bytes are not {height}×{width}×3.", nameof(rgb));
        if (mask.Length != pixels) throw new ArgumentException($"{mask.Length} bytes are not {height}×{width}.", nameof(mask));
        mask.Clear();
        if (_level.Length < pixels) _level = new byte[pixels];
        const byte Bright = 0, DarkOnly = 1, Black = 2, Visited = 3;
        var blackAll = 0;
        for (var i = 0; i < pixels; i++)
        {
            var most = Math.Max(rgb[3 * i], Math.Max(rgb[3 * i + 1], rgb[3 * i + 2]));
            _level[i] = most <= _options.Black ? Black : most <= _options.Dark ? DarkOnly : Bright;
            if (_level[i] == Black) blackAll++;
        }
        if (blackAll == 0) return 0;
        var smallest = Math.Max(1, (int)(_options.SmallestShare * pixels));
        var edgeLeast = (int)Math.Ceiling(_options.EdgeShare * Math.Min(width, height));
        var found = 0;
        for (var start = 0; start < pixels; start++)
        {
            if (_level[start] != Black) continue;
            // Grows over dark pixels from a black one; every dark region with a black pixel is visited once.
            _region.Clear();
            _region.Add(start);
            _level[start] = Visited;
            int black = 1, edge = 0;
            for (var at = 0; at < _region.Count; at++)
            {
                var pixel = _region[at];
                var (x, y) = (pixel % width, pixel / width);
                if (x == 0 || x == width - 1 || y == 0 || y == height - 1) edge++;
                if (x > 0) Take(pixel - 1, ref black);
                if (x < width - 1) Take(pixel + 1, ref black);
                if (y > 0) Take(pixel - width, ref black);
                if (y < height - 1) Take(pixel + width, ref black);
            }
            if (_region.Count < smallest || edge < edgeLeast || black < _options.BlackShare * _region.Count) continue;
            foreach (var pixel in CollectionsMarshal.AsSpan(_region)) mask[pixel] = 1;
            found += _region.Count;
        }
        return found;

        void Take(int pixel, ref int black)
        {
            if (_level[pixel] is Bright or Visited) return;
            if (_level[pixel] == Black) black++;
            _level[pixel] = Visited;
            _region.Add(pixel);
        }
    }
}
