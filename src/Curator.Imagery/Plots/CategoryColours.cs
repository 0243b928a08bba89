namespace Curator.Imagery.Plots;

/// <summary>Colours for any number of categories: hues a golden angle apart, so that neighbours in number differ most, in turns of lightness. The page has the same (web/src/map/colours.ts).</summary>
internal static class CategoryColours
{
    private const double GoldenAngle = 137.50776405;
    private static readonly double[] s_lightness = [0.45, 0.58, 0.36];

    /// <param name="category">−1 for none: grey.</param>
    /// <returns>0 to 255 each.</returns>
    public static (byte Red, byte Green, byte Blue) Of(int category)
    {
        if (category < 0) return (150, 150, 150);
        var hue = (210 + (category * GoldenAngle)) % 360 / 60;
        var lightness = s_lightness[category % s_lightness.Length];
        var chroma = (1 - Math.Abs((2 * lightness) - 1)) * 0.7;
        var second = chroma * (1 - Math.Abs((hue % 2) - 1));
        var (red, green, blue) = (int)hue switch
        {
            0 => (chroma, second, 0.0),
            1 => (second, chroma, 0.0),
            2 => (0.0, chroma, second),
            3 => (0.0, second, chroma),
            4 => (second, 0.0, chroma),
            _ => (chroma, 0.0, second),
        };
        var floor = lightness - (chroma / 2);
        return ((byte)Math.Round((red + floor) * 255), (byte)Math.Round((green + floor) * 255), (byte)Math.Round((blue + floor) * 255));
    }
}
