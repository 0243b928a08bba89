using System.Globalization;

namespace Curator.Imagery.Geography;

/// <summary>The MODIS sinusoidal grid: 36 by 18 squares of 10° at the equator, on a sphere (MODIS land tiling, modis-land.gsfc.nasa.gov/MODLAND_grid.html).</summary>
public static class SinusoidalGrid
{
    /// <summary>The square of a place: <c>h08v05</c>.</summary>
    public static string Name(double latitude, double longitude)
    {
        var x = longitude * Math.Cos(latitude * Math.PI / 180); // In degrees of the equator.
        var h = Math.Clamp((int)Math.Floor((x + 180) / 10), 0, 35);
        var v = Math.Clamp((int)Math.Floor((90 - latitude) / 10), 0, 17);
        return string.Create(CultureInfo.InvariantCulture, $"h{h:00}v{v:00}");
    }
}
