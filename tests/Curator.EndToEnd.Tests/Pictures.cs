using SkiaSharp;

namespace Curator.EndToEnd.Tests;

/// <summary>Generated pictures of two kinds, told apart by anyone: bright discs on dark blue (yes) and green stripes (no).</summary>
internal static class Pictures
{
    public const int Side = 48;

    /// <summary>Writes <paramref name="count"/> pictures into <c>disc/</c> and <c>stripes/</c>; one in <paramref name="rarity"/> is a disc.</summary>
    public static void Write(string folder, int count, int rarity = 4)
    {
        var random = new Random(7);
        Directory.CreateDirectory(Path.Combine(folder, "disc"));
        Directory.CreateDirectory(Path.Combine(folder, "stripes"));
        for (var i = 0; i < count; i++)
        {
            var disc = i % rarity == 0;
            WriteOne(Path.Combine(folder, disc ? "disc" : "stripes", $"{i:00000}.jpg"), disc, random);
        }
    }

    /// <summary>A PNG of three channels, or of one where it is large.</summary>
    public static byte[] Png(int width, int height)
    {
        var large = (long)width * height > 1_000_000;
        using var bitmap = new SKBitmap(width, height, large ? SKColorType.Gray8 : SKColorType.Rgb888x, SKAlphaType.Opaque);
        bitmap.Erase(new SKColor(90, 120, 30));
        if (!large)
            for (var x = 0; x < width; x++) bitmap.SetPixel(x, x * height / width, new SKColor((byte)(x * 5), 20, 200));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static void WriteOne(string path, bool disc, Random random)
    {
        using var bitmap = new SKBitmap(Side, Side);
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { IsAntialias = true };
        if (disc)
        {
            canvas.Clear(new SKColor(10, 20, (byte)(60 + random.Next(60))));
            paint.Color = new SKColor((byte)(180 + random.Next(70)), (byte)(160 + random.Next(60)), 90);
            canvas.DrawCircle(12 + random.Next(24), 12 + random.Next(24), 5 + random.Next(8), paint);
        }
        else
        {
            canvas.Clear(new SKColor(30, (byte)(90 + random.Next(60)), 40));
            paint.Color = new SKColor(60, (byte)(120 + random.Next(80)), 50);
            var step = 5 + random.Next(8);
            for (var x = random.Next(step); x < Side; x += step) canvas.DrawRect(x, 0, 2, Side, paint);
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        using var file = File.Create(path);
        data.SaveTo(file);
    }
}
