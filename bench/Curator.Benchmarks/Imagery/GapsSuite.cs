using System.Numerics.Tensors;
using Curator.Imagery.Decoding;
using Curator.Imagery.Gaps;
using Curator.Imagery.Resizing;
using Curator.Learning.Encoders;

namespace Curator.Benchmarks.Imagery;

/// <summary>
/// Whether filling gaps brings a tile's embedding to those of its place. A scene with swath gaps is cut into tiles that overlap by half; for each tile with 10 to 40 % gap, its nearest
/// tile without gap (half a tile or a tile away) is looked for among all tiles without gap, by embedding: the rank at which it comes is better the smaller it is.
/// </summary>
internal static class GapsSuite
{
    private sealed record Tile(int X, int Y, double Gap, byte[] Rgb, byte[] Mask);

    public static void Run(Arguments arguments)
    {
        using var log = new RunLog("gaps", arguments);
        var scene = new ImageDecoder().DecodeFile(arguments.Get("scene", ""), DecodeOptions.Default);
        if (!scene.Succeeded) throw new ArgumentException($"--scene: {scene.Detail}", nameof(arguments));
        var side = arguments.Get("tile", 128);
        var tiles = Cut(scene.Image, side);
        var whole = tiles.Where(tile => tile.Gap == 0).ToList();
        var gapped = tiles.Where(tile => tile.Gap is >= 0.1 and <= 0.4)
            .Select(tile => (Tile: tile, Truth: Nearest(tile, whole, side))).Where(pair => pair.Truth >= 0).ToList();
        using var encoder = new StatisticsEncoder();
        var rows = whole.Select(tile => Embed(encoder, tile.Rgb, side)).ToList();
        foreach (var method in Enum.GetValues<GapFillMethod>())
        {
            var ranks = new List<int>();
            foreach (var (tile, truth) in gapped)
            {
                byte[] filled = [.. tile.Rgb];
                GapFill.Apply(method, filled, side, side, tile.Mask, (ulong)(tile.Y * 100_003 + tile.X));
                var row = Embed(encoder, filled, side);
                var likeness = TensorPrimitives.Dot<float>(row, rows[truth]);
                ranks.Add(1 + rows.Count(other => TensorPrimitives.Dot<float>(row, other) > likeness));
            }
            ranks.Sort();
            log.Add(
                ("filled", method.ToString()), ("tiles", gapped.Count), ("among", whole.Count), ("mean rank", ranks.Average()), ("median rank", (double)ranks[ranks.Count / 2]),
                ("in first 10", ranks.Count(rank => rank <= 10) / (double)ranks.Count));
        }
    }

    private static List<Tile> Cut(DecodedImage scene, int side)
    {
        var tiles = new List<Tile>();
        var rgb = scene.Pixels.Span;
        var detector = new GapDetector();
        for (var y = 0; y + side <= scene.Height; y += side / 2)
            for (var x = 0; x + side <= scene.Width; x += side / 2)
            {
                var pixels = new byte[3 * side * side];
                for (var line = 0; line < side; line++)
                    rgb.Slice(3 * ((y + line) * scene.Width + x), 3 * side).CopyTo(pixels.AsSpan(3 * line * side));
                var mask = new byte[side * side];
                tiles.Add(new Tile(x, y, detector.Detect(pixels, side, side, mask) / (double)mask.Length, pixels, mask));
            }
        return tiles;
    }

    /// <summary>Index of the tile without gap whose middle is nearest, at most one tile away; the first in reading order of equally near ones; −1 where there is none.</summary>
    private static int Nearest(Tile tile, List<Tile> whole, int side)
    {
        var (nearest, least) = (-1, (double)side * side);
        for (var i = 0; i < whole.Count; i++)
        {
            var distance = Math.Pow(whole[i].X - tile.X, 2) + Math.Pow(whole[i].Y - tile.Y, 2);
            if (nearest < 0 ? distance <= least : distance < least) (nearest, least) = (i, distance);
        }
        return nearest;
    }

    private static float[] Embed(StatisticsEncoder encoder, byte[] rgb, int side)
    {
        var small = new byte[3 * encoder.ImageSize * encoder.ImageSize];
        new Resizer().Resize(rgb, side, side, small, encoder.ImageSize, encoder.ImageSize);
        var row = new float[encoder.Dimension];
        encoder.Encode(small, 1, row);
        return row;
    }
}
