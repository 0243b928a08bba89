using System.Text;
using Curator.Core.Files;
using Curator.Imagery.Drawing;
using SkiaSharp;

namespace Curator.Imagery.Plots;

/// <summary>A line plot with axes, ticks, grid, legend and optional bands for intervals. Thread-safe.</summary>
public static class LinePlot
{
    // Okabe and Ito's colours: told apart by people with any colour vision.
    private static readonly SKColor[] Colours =
    [
        new(0x00, 0x72, 0xB2), new(0xD5, 0x5E, 0x00), new(0x00, 0x9E, 0x73), new(0xCC, 0x79, 0xA7), new(0xE6, 0x9F, 0x00), new(0x56, 0xB4, 0xE9),
        new(0x44, 0x44, 0x44),
    ];

    private static readonly SKColor Ink = new(0x26, 0x26, 0x26);
    private static readonly SKColor Grid = new(0xE4, 0xE4, 0xE4);

    /// <summary>Writes the plot as PNG; the file appears whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<PlotSeries> series, PlotOptions options)
    {
        var png = Render(series, options);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>The plot as PNG bytes.</summary>
    public static byte[] Render(IReadOnlyList<PlotSeries> series, PlotOptions options)
    {
        Check(series, options);
        using var surface = SKSurface.Create(new SKImageInfo(options.Width, options.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Draw(surface.Canvas, series, options);
        using var map = surface.PeekPixels();
        return ImageEncoder.Encode(map, EncodedFormat.Png, 100);
    }

    /// <summary>The same plot as an SVG document.</summary>
    public static string ToSvg(IReadOnlyList<PlotSeries> series, PlotOptions options)
    {
        Check(series, options);
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(options.Width, options.Height), stream))
            Draw(canvas, series, options);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Check(IReadOnlyList<PlotSeries> series, PlotOptions options)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Width, 200);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Height, 150);
        foreach (var line in series)
            if (line.X.Count != line.Y.Count || (line.Low ?? line.Y).Count != line.Y.Count || (line.High ?? line.Y).Count != line.Y.Count)
                throw new ArgumentException($"The series '{line.Name}' has {line.X.Count} x values and {line.Y.Count} y values.", nameof(series));
    }

    private static void Draw(SKCanvas canvas, IReadOnlyList<PlotSeries> series, PlotOptions options)
    {
        canvas.Clear(SKColors.White);
        using var small = Typefaces.Regular(13);
        using var ink = new SKPaint { Color = Ink, IsAntialias = true };
        var x = PlotAxis.Of(series.SelectMany(s => s.X), options.XMin, options.XMax, Math.Max(2, options.Width / 110));
        var y = PlotAxis.Of(series.SelectMany(s => s.Y.Concat(s.Low ?? []).Concat(s.High ?? [])), options.YMin, options.YMax, Math.Max(2, options.Height / 70));
        float top = 14;
        if (options.Title.Length > 0)
        {
            using var large = Typefaces.Bold(17);
            canvas.DrawText(Typefaces.Fit(options.Title, large, options.Width - 32), 16, top + 16, SKTextAlign.Left, large, ink);
            top += 30;
        }
        top = DrawLegend(canvas, series, options, small, ink, top) + 8;
        var widest = y.Ticks.Select(t => small.MeasureText(y.Text(t))).DefaultIfEmpty(0).Max();
        var left = 16 + widest + 8 + (options.YTitle.Length > 0 ? 22 : 0);
        var bottom = options.Height - 32 - (options.XTitle.Length > 0 ? 22 : 0);
        var area = new SKRect(left, top, options.Width - 24, bottom);
        DrawGrid(canvas, area, x, y, small, ink);
        DrawAxisTitles(canvas, area, options, ink);
        canvas.Save();
        canvas.ClipRect(SKRect.Inflate(area, 1, 1));
        for (var i = 0; i < series.Count; i++) DrawBand(canvas, series[i], Colours[i % Colours.Length], area, x, y);
        for (var i = 0; i < series.Count; i++) DrawLine(canvas, series[i], Colours[i % Colours.Length], area, x, y);
        canvas.Restore();
    }

    private static float DrawLegend(
        SKCanvas canvas, IReadOnlyList<PlotSeries> series, PlotOptions options, SKFont font, SKPaint ink, float top)
    {
        float at = 16;
        var any = false;
        for (var i = 0; i < series.Count; i++)
        {
            if (series[i].Name.Length == 0) continue;
            var name = Typefaces.Fit(series[i].Name, font, options.Width - 80);
            var width = 34 + font.MeasureText(name) + 20;
            if (any && at + width > options.Width - 16)
            {
                at = 16;
                top += 20;
            }
            any = true;
            using var stroke = Stroke(series[i], Colours[i % Colours.Length]);
            canvas.DrawLine(at, top + 10, at + 26, top + 10, stroke);
            canvas.DrawText(name, at + 34, top + 14.5f, SKTextAlign.Left, font, ink);
            at += width;
        }
        return any ? top + 20 : top;
    }

    private static void DrawGrid(SKCanvas canvas, SKRect area, PlotAxis x, PlotAxis y, SKFont font, SKPaint ink)
    {
        using var grid = new SKPaint { Color = Grid, StrokeWidth = 1 };
        using var axis = new SKPaint { Color = Ink, StrokeWidth = 1 };
        foreach (var tick in y.Ticks)
        {
            var at = MathF.Round(area.Bottom - y.Share(tick) * area.Height) + 0.5f;
            canvas.DrawLine(area.Left, at, area.Right, at, grid);
            canvas.DrawText(y.Text(tick), area.Left - 8, at + 4.5f, SKTextAlign.Right, font, ink);
        }
        foreach (var tick in x.Ticks)
        {
            var at = MathF.Round(area.Left + x.Share(tick) * area.Width) + 0.5f;
            canvas.DrawLine(at, area.Top, at, area.Bottom, grid);
            canvas.DrawLine(at, area.Bottom, at, area.Bottom + 4, axis);
            canvas.DrawText(x.Text(tick), at, area.Bottom + 19, SKTextAlign.Center, font, ink);
        }
        canvas.DrawLine(area.Left, area.Bottom + 0.5f, area.Right, area.Bottom + 0.5f, axis);
        canvas.DrawLine(area.Left + 0.5f, area.Top, area.Left + 0.5f, area.Bottom, axis);
    }

    private static void DrawAxisTitles(SKCanvas canvas, SKRect area, PlotOptions options, SKPaint ink)
    {
        using var font = Typefaces.Regular(14);
        if (options.XTitle.Length > 0)
            canvas.DrawText(Typefaces.Fit(options.XTitle, font, area.Width), area.MidX, options.Height - 12, SKTextAlign.Center, font, ink);
        if (options.YTitle.Length == 0) return;
        canvas.Save();
        canvas.Translate(22, area.MidY);
        canvas.RotateDegrees(-90);
        canvas.DrawText(Typefaces.Fit(options.YTitle, font, area.Height), 0, 0, SKTextAlign.Center, font, ink);
        canvas.Restore();
    }

    private static void DrawBand(SKCanvas canvas, PlotSeries series, SKColor colour, SKRect area, PlotAxis x, PlotAxis y)
    {
        if (series.Low is not { } low || series.High is not { } high) return;
        using var path = new SKPathBuilder();
        var order = Enumerable.Range(0, series.X.Count)
            .Where(i => double.IsFinite(series.X[i]) && double.IsFinite(low[i]) && double.IsFinite(high[i])).ToArray();
        if (order.Length < 2) return;
        path.MoveTo(At(area, x, y, series.X[order[0]], high[order[0]]));
        foreach (var i in order.Skip(1)) path.LineTo(At(area, x, y, series.X[i], high[i]));
        foreach (var i in order.Reverse()) path.LineTo(At(area, x, y, series.X[i], low[i]));
        path.Close();
        using var fill = new SKPaint { Color = colour.WithAlpha(0x33), IsAntialias = true };
        using var shape = path.Detach();
        canvas.DrawPath(shape, fill);
    }

    private static void DrawLine(SKCanvas canvas, PlotSeries series, SKColor colour, SKRect area, PlotAxis x, PlotAxis y)
    {
        using var path = new SKPathBuilder();
        using var dot = new SKPaint { Color = colour, IsAntialias = true };
        var open = false;
        var dots = new List<SKPoint>();
        for (var i = 0; i < series.X.Count; i++)
        {
            if (!double.IsFinite(series.X[i]) || !double.IsFinite(series.Y[i]))
            {
                open = false;
                continue;
            }
            var point = At(area, x, y, series.X[i], series.Y[i]);
            if (open) path.LineTo(point);
            else path.MoveTo(point);
            // A point alone would draw nothing.
            var alone = !open && (i + 1 == series.X.Count || !double.IsFinite(series.Y[i + 1]) || !double.IsFinite(series.X[i + 1]));
            if (series.Markers || alone) dots.Add(point);
            open = true;
        }
        using var stroke = Stroke(series, colour);
        using var shape = path.Detach();
        canvas.DrawPath(shape, stroke);
        foreach (var point in dots) canvas.DrawCircle(point, 3.5f, dot);
    }

    private static SKPaint Stroke(PlotSeries series, SKColor colour) => new()
    {
        Color = colour,
        IsStroke = true,
        StrokeWidth = 2,
        StrokeJoin = SKStrokeJoin.Round,
        IsAntialias = true,
        PathEffect = series.Dashed ? SKPathEffect.CreateDash([7, 5], 0) : null,
    };

    private static SKPoint At(SKRect area, PlotAxis x, PlotAxis y, double xValue, double yValue) =>
        new(area.Left + x.Share(xValue) * area.Width, area.Bottom - y.Share(yValue) * area.Height);
}
