using Curator.Core.Files;
using Curator.Imagery.Decoding;
using Curator.Imagery.Drawing;
using Curator.Imagery.Thumbnails;
using SkiaSharp;

namespace Curator.Imagery.Sheets;

/// <summary>The coloured frame round a picture of a sheet.</summary>
public enum SheetFrame
{
    None,

    /// <summary>Blue: the picture that was asked with.</summary>
    Query,

    /// <summary>Green: right, found, yes.</summary>
    Good,

    /// <summary>Red: wrong, missed, no.</summary>
    Bad,
}

/// <summary>One picture of a sheet: from a file or from pixels.</summary>
/// <param name="Caption">One line below the picture; cut with "…" where it is too wide.</param>
public sealed record SheetItem(string? Path, RgbImage? Image, string Caption, SheetFrame Frame = SheetFrame.None)
{
    public SheetItem(string path, string caption, SheetFrame frame = SheetFrame.None)
        : this(path, null, caption, frame)
    {
    }

    public SheetItem(RgbImage image, string caption, SheetFrame frame = SheetFrame.None)
        : this(null, image, caption, frame)
    {
    }
}

/// <summary>How a sheet looks.</summary>
public sealed record SheetOptions
{
    /// <summary>Large line at the top; empty for none.</summary>
    public string Title { get; init; } = "";

    /// <summary>Small grey line below the title; empty for none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>Pictures a row; 0 chooses by their number.</summary>
    public int Columns { get; init; }

    /// <summary>Side of the square that each picture is fitted into, pixels. Smaller pictures are enlarged to it without smoothing away their pixels.</summary>
    public int CellSide { get; init; } = 160;
}

/// <summary>
/// A PNG with many small pictures, their captions and a title. A picture that cannot be read is drawn as a grey square with the reason; the sheet
/// is always made. Thread-safe.
/// </summary>
public static class ContactSheet
{
    private const int Margin = 16;
    private const int Gap = 10;
    private const int CaptionHeight = 20;

    /// <summary>Writes the sheet; the file appears whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<SheetItem> items, SheetOptions options)
    {
        var png = Render(items, options);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>The sheet as PNG bytes.</summary>
    public static byte[] Render(IReadOnlyList<SheetItem> items, SheetOptions options)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CellSide, 16);
        var columns = options.Columns > 0 ? options.Columns : Math.Clamp((int)Math.Ceiling(Math.Sqrt(items.Count * 1.6)), 1, 12);
        columns = Math.Min(columns, Math.Max(1, items.Count));
        var rows = (items.Count + columns - 1) / columns;
        var top = Margin + (options.Title.Length > 0 ? 32 : 0) + (options.Subtitle.Length > 0 ? 22 : 0);
        var width = Math.Max(320, 2 * Margin + columns * (options.CellSide + Gap) - Gap);
        var height = top + rows * (options.CellSide + CaptionHeight + Gap) - (rows > 0 ? Gap : 0) + Margin;
        if ((long)width * height > 100_000_000)
            throw new ArgumentException($"{items.Count} pictures of {options.CellSide} pixels do not fit on one sheet; draw fewer.", nameof(items));
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        DrawTitles(canvas, options, width);
        var thumbnails = new Thumbnailer();
        for (var i = 0; i < items.Count; i++)
        {
            var left = Margin + i % columns * (options.CellSide + Gap);
            var y = top + i / columns * (options.CellSide + CaptionHeight + Gap);
            DrawItem(canvas, items[i], SKRect.Create(left, y, options.CellSide, options.CellSide), thumbnails);
        }
        using var map = surface.PeekPixels();
        return ImageEncoder.Encode(map, EncodedFormat.Png, 100);
    }

    private static void DrawTitles(SKCanvas canvas, SheetOptions options, int width)
    {
        using var ink = new SKPaint { Color = new SKColor(0x1A, 0x1A, 0x1A), IsAntialias = true };
        using var grey = new SKPaint { Color = new SKColor(0x66, 0x66, 0x66), IsAntialias = true };
        using var large = Typefaces.Bold(20);
        using var small = Typefaces.Regular(13);
        float baseline = Margin + 18;
        if (options.Title.Length > 0)
        {
            canvas.DrawText(Typefaces.Fit(options.Title, large, width - 2 * Margin), Margin, baseline, SKTextAlign.Left, large, ink);
            baseline += 24;
        }
        if (options.Subtitle.Length > 0)
            canvas.DrawText(Typefaces.Fit(options.Subtitle, small, width - 2 * Margin), Margin, baseline, SKTextAlign.Left, small, grey);
    }

    private static void DrawItem(SKCanvas canvas, SheetItem item, SKRect cell, Thumbnailer thumbnails)
    {
        using var font = Typefaces.Regular(12);
        using var ink = new SKPaint { Color = new SKColor(0x33, 0x33, 0x33), IsAntialias = true };
        var box = cell;
        try
        {
            var image = item.Image ?? thumbnails.Shrink(item.Path ?? throw new ArgumentException("An item has neither path nor pixels."), (int)cell.Width);
            image.Check(nameof(item));
            box = DrawPixels(canvas, image, cell);
        }
        catch (ImageDecodeException e)
        {
            using var fill = new SKPaint { Color = new SKColor(0xE0, 0xE0, 0xE0) };
            canvas.DrawRect(cell, fill);
            canvas.DrawText(e.Problem.ToString(), cell.MidX, cell.MidY, SKTextAlign.Center, font, ink);
        }
        if (Colour(item.Frame) is { } colour)
        {
            using var stroke = new SKPaint { Color = colour, IsStroke = true, StrokeWidth = 4, IsAntialias = true };
            box.Inflate(1, 1);
            canvas.DrawRect(box, stroke);
        }
        canvas.DrawText(Typefaces.Fit(item.Caption, font, cell.Width), cell.MidX, cell.Bottom + 16, SKTextAlign.Center, font, ink);
    }

    private static unsafe SKRect DrawPixels(SKCanvas canvas, RgbImage image, SKRect cell)
    {
        var rgbx = new byte[4 * image.Width * image.Height];
        ImageEncoder.Expand(image.Rgb.Span, rgbx);
        fixed (byte* pixels = rgbx)
        {
            var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque);
            using var picture = SKImage.FromPixelCopy(info, (nint)pixels);
            var scale = cell.Width / Math.Max(image.Width, image.Height);
            var (width, height) = (image.Width * scale, image.Height * scale);
            var box = SKRect.Create(cell.MidX - width / 2, cell.MidY - height / 2, width, height);
            canvas.DrawImage(picture, box, new SKSamplingOptions(scale > 2 ? SKFilterMode.Nearest : SKFilterMode.Linear));
            return box;
        }
    }

    private static SKColor? Colour(SheetFrame frame) => frame switch
    {
        SheetFrame.Query => new SKColor(0x00, 0x72, 0xB2),
        SheetFrame.Good => new SKColor(0x00, 0x9E, 0x73),
        SheetFrame.Bad => new SKColor(0xD5, 0x2B, 0x1E),
        _ => null,
    };
}
