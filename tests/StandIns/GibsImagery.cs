using System.IO.Hashing;
using System.Text;
using SkiaSharp;

namespace Curator.Tests.StandIns;

/// <summary>
/// Makes the tile of any layer, time and address: a stretch of a real picture of the whole Earth, or colours that tell the place. Each tile carries a code of 64 squares of its own, so that no two are
/// alike. The same tile always has the same bytes. Thread-safe.
/// </summary>
internal sealed class GibsImagery : IDisposable
{
    public const int Side = 512;
    private readonly SKImage? _world;

    private GibsImagery(SKImage? world) => _world = world;

    /// <summary>Colours by arithmetic (<see cref="ColourAt"/>), exactly, in PNG layers.</summary>
    public static GibsImagery Arithmetic() => new(null);

    /// <summary>A picture of the whole Earth, EPSG:4326.</summary>
    public static GibsImagery OfWorld(string path)
    {
        using var encoded = SKImage.FromEncodedData(path) ?? throw new InvalidDataException(path);
        return new(encoded.ToRasterImage(ensurePixelData: true));
    }

    /// <summary>The colour of a pixel of the grid at its level: different a few pixels on, and at another time; never black.</summary>
    public static (byte R, byte G, byte B) ColourAt(int x, int y, string time)
    {
        var day = (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(time)) % 97);
        return ((byte)(20 + (x / 4 + day) % 200), (byte)(20 + (y / 4 + 2 * day) % 200), (byte)(20 + (x / 256 * 7 + y / 256 * 13 + day) % 200));
    }

    /// <param name="png">Else JPEG of quality 80.</param>
    public byte[] Tile(string layer, string time, int level, int row, int column, bool png)
    {
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        if (_world is null) Paint(bitmap, time, row, column);
        else Stretch(bitmap, _world, layer, time, level, row, column);
        using var data = bitmap.Encode(png ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 80);
        return data.ToArray();
    }

    /// <summary>What the server answers where it has nothing.</summary>
    public static byte[] Blank(bool png)
    {
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, png ? SKAlphaType.Premul : SKAlphaType.Opaque);
        bitmap.Erase(png ? SKColors.Transparent : SKColors.Black);
        using var data = bitmap.Encode(png ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 80);
        return data.ToArray();
    }

    public void Dispose() => _world?.Dispose();

    private static void Paint(SKBitmap bitmap, string time, int row, int column)
    {
        var pixels = bitmap.GetPixelSpan();
        unsafe
        {
            fixed (byte* at = pixels)
                for (var y = 0; y < Side; y++)
                    for (var x = 0; x < Side; x++)
                    {
                        var (r, g, b) = ColourAt(column * Side + x, row * Side + y, time);
                        var to = at + 4 * (y * Side + x);
                        (to[0], to[1], to[2], to[3]) = (r, g, b, 255);
                    }
        }
    }

    private static void Stretch(SKBitmap bitmap, SKImage world, string layer, string time, int level, int row, int column)
    {
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(new SKColor(8, 16, 32));
        var degrees = 288 / Math.Pow(2, level); // of a tile
        var scale = world.Width / 360.0;
        var from = SKRect.Create((float)(column * degrees * scale), (float)(row * degrees * scale), (float)(degrees * scale), (float)(degrees * scale));
        canvas.DrawImage(world, from, SKRect.Create(Side, Side), new SKSamplingOptions(SKFilterMode.Linear));
        var code = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{layer} {time} {level} {row} {column}"));
        using var paint = new SKPaint();
        for (var bit = 0; bit < 64; bit++)
        {
            paint.Color = (code >> bit & 1) == 1 ? SKColors.White : new SKColor(60, 60, 60);
            canvas.DrawRect(8 * (bit % 8), 8 * (bit / 8), 8, 8, paint);
        }
    }
}
