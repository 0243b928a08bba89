using SkiaSharp;

namespace Curator.Benchmarks.Page;

/// <summary>A picture with as much detail as a photograph, so that decoding it costs what a real one costs; another one for each seed.</summary>
internal static class DrawnPicture
{
    public static void Write(string path, int side, int seed)
    {
        var random = new Random(seed);
        using var bitmap = new SKBitmap(side, side);
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { IsAntialias = true };
        canvas.Clear(Colour(random));
        for (var i = 0; i < 600; i++)
        {
            paint.Color = Colour(random).WithAlpha((byte)(60 + random.Next(160)));
            canvas.DrawCircle(random.Next(side), random.Next(side), 2 + random.Next(side / (4 + i / 10)), paint);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        using var file = File.Create(path);
        data.SaveTo(file);
    }

    private static SKColor Colour(Random random) => new((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
}
