using Curator.Imagery.Decoding;
using Curator.Imagery.Health;
using Curator.Imagery.Resizing;

namespace Curator.Benchmarks.Imagery;

/// <summary>
/// The error of the cloud share that is told from a tile alone, beside a better method that needs more: a cloudless mosaic of the same place (--clear), where a pixel is a cloud when it is
/// brighter than the mosaic's by more than 65 of 255. Tiles between 58° south and north, of which four fifths or more were seen and are no snow in the mosaic. The estimate's two limits were
/// chosen on MODIS Terra's 2020-09-27; the halves of the Earth are told apart.
/// </summary>
internal static class CloudSuite
{
    private const int Brighter = 65;

    public static void Run(Arguments arguments)
    {
        using var log = new RunLog("clouds", arguments);
        var day = Decode(arguments.Get("scene", ""));
        var clear = Decode(arguments.Get("clear", ""));
        var mosaic = new byte[3 * day.Width * day.Height];
        new Resizer().Resize(clear.Rgb, clear.Width, clear.Height, mosaic, day.Width, day.Height);
        foreach (var side in arguments.GetList("tile", 64, 96, 128))
            foreach (var (half, from, to) in (ReadOnlySpan<(string, int, int)>)[("west", 0, day.Width / 2), ("east", day.Width / 2, day.Width)])
            {
                var errors = new List<(double Estimate, double Truth)>();
                for (var y = 0; y + side <= day.Height; y += side)
                {
                    if (Math.Abs(90 - (y + side / 2) * 180.0 / day.Height) > 58) continue;
                    for (var x = from; x + side <= to; x += side)
                        if (Compare(day.Rgb, mosaic, day.Width, x, y, side) is { } pair)
                            errors.Add(pair);
                }

                var mean = (Estimate: errors.Average(e => e.Estimate), Truth: errors.Average(e => e.Truth));
                var correlation = errors.Sum(e => (e.Estimate - mean.Estimate) * (e.Truth - mean.Truth))
                    / Math.Sqrt(errors.Sum(e => Math.Pow(e.Estimate - mean.Estimate, 2)) * errors.Sum(e => Math.Pow(e.Truth - mean.Truth, 2)));
                var sorted = errors.Select(e => Math.Abs(e.Estimate - e.Truth)).Order().ToArray();
                log.Add(
                    ("half", half), ("tile", side), ("tiles", errors.Count), ("clouds", mean.Truth), ("mean error", sorted.Average()), ("90th percentile", sorted[(int)(0.9 * sorted.Length)]),
                    ("bias", mean.Estimate - mean.Truth), ("correlation", correlation));
            }
    }

    private static (double Estimate, double Truth)? Compare(byte[] day, byte[] mosaic, int stride, int left, int top, int side)
    {
        var tile = new byte[3 * side * side];
        int valid = 0, clouds = 0;
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
            {
                var at = 3 * ((top + y) * stride + left + x);
                day.AsSpan(at, 3).CopyTo(tile.AsSpan(3 * (y * side + x)));
                double now = Luma(day, at), before = Luma(mosaic, at);
                if (Math.Max(day[at], Math.Max(day[at + 1], day[at + 2])) <= 8 || before > 170) continue;
                valid++;
                if (now - before > Brighter) clouds++;
            }

        return valid < 0.8 * side * side ? null : (PictureQuality.Of(tile, side, side).CloudShare, (double)clouds / valid);
    }

    private static double Luma(byte[] rgb, int at) => 0.299 * rgb[at] + 0.587 * rgb[at + 1] + 0.114 * rgb[at + 2];

    private static (int Width, int Height, byte[] Rgb) Decode(string path)
    {
        var result = new ImageDecoder().DecodeFile(path, DecodeOptions.Default);
        return result.Succeeded ? (result.Image.Width, result.Image.Height, result.Image.Pixels.ToArray()) : throw new ArgumentException($"{path}: {result.Detail}");
    }
}
