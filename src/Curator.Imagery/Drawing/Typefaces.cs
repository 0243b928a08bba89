using System.Diagnostics;
using SkiaSharp;

namespace Curator.Imagery.Drawing;

/// <summary>The two faces that come with the program, so that text looks the same everywhere and needs no installed font. Thread-safe.</summary>
internal static class Typefaces
{
    private static readonly Lazy<SKTypeface> LazyRegular = new(() => Load("DejaVuSans.ttf"));
    private static readonly Lazy<SKTypeface> LazyBold = new(() => Load("DejaVuSans-Bold.ttf"));

    public static SKFont Regular(float size) => new(LazyRegular.Value, size) { Edging = SKFontEdging.Antialias, Subpixel = true };

    public static SKFont Bold(float size) => new(LazyBold.Value, size) { Edging = SKFontEdging.Antialias, Subpixel = true };

    /// <summary>The text, cut with "…" where it would be wider than <paramref name="width"/>.</summary>
    public static string Fit(string text, SKFont font, float width)
    {
        if (font.MeasureText(text) <= width) return text;
        var keep = text.Length;
        while (keep > 0 && font.MeasureText(string.Concat(text.AsSpan(0, keep), "…")) > width) keep--;
        return string.Concat(text.AsSpan(0, keep), "…");
    }

    private static SKTypeface Load(string resource)
    {
        using var stream = typeof(Typefaces).Assembly.GetManifestResourceStream(resource)
            ?? throw new UnreachableException($"the font {resource} is not embedded");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new UnreachableException($"the font {resource} cannot be read");
    }
}
