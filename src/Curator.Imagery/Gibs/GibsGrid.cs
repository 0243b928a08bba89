using System.Globalization;
using Curator.Core.Images;

namespace Curator.Imagery.Gibs;

/// <summary>One zoom level of a grid: tiles from the upper left corner on.</summary>
/// <param name="Number">The tile matrix, 0 the coarsest.</param>
/// <param name="PixelSize">Degrees, or metres in the polar grids.</param>
/// <param name="TileWidth">Pixels.</param>
/// <param name="TileHeight">Pixels.</param>
/// <param name="Columns">Tiles across; the last ones may hang over the world's edge.</param>
/// <param name="Rows">Tiles down.</param>
public sealed record GibsLevel(int Number, double PixelSize, int TileWidth, int TileHeight, int Columns, int Rows);

/// <summary>A part of a level, pixels from the upper left corner of the grid. In the geographic grid <c>X + Width</c> may reach beyond the antimeridian: pixels go on at the other side.</summary>
internal readonly record struct PixelWindow(int X, int Y, int Width, int Height);

/// <summary>A tile matrix set.</summary>
/// <param name="Name">As the server names it, after its finest resolution: <c>250m</c>.</param>
/// <param name="Left">The grid's left edge, degrees or metres.</param>
/// <param name="Top">The grid's upper edge.</param>
/// <param name="Levels">The coarsest first, each twice as fine as the one before.</param>
public sealed record GibsGrid(string Name, GibsProjection Projection, double Left, double Top, IReadOnlyList<GibsLevel> Levels)
{
    private const double MetresPerDegree = 111_319.490793;

    /// <summary>Metres that a pixel of the level is high, and on the equator wide.</summary>
    public double MetresPerPixel(GibsLevel level)
    {
        ArgumentNullException.ThrowIfNull(level);
        return Projection == GibsProjection.Geographic ? level.PixelSize * MetresPerDegree : level.PixelSize;
    }

    /// <summary>The field's round name of the level's resolution: <c>250m</c>, <c>1km</c>; the finest is the grid's name, each level up doubles it.</summary>
    public string ResolutionName(GibsLevel level)
    {
        ArgumentNullException.ThrowIfNull(level);
        var name = Name[(Name.LastIndexOf('_') + 1)..];
        var metres = (TryParseMetres(name, out var finest) ? finest : MetresPerPixel(Levels[^1])) * Math.Pow(2, Levels.Count - 1 - level.Number);
        return metres >= 1000
            ? (metres / 1000).ToString("0.###", CultureInfo.InvariantCulture) + "km"
            : metres.ToString("0.###", CultureInfo.InvariantCulture) + "m";
    }

    /// <summary>Reads <c>250m</c>, <c>1.5km</c> or <c>250</c> (metres).</summary>
    public static bool TryParseMetres(string text, out double metres)
    {
        ArgumentNullException.ThrowIfNull(text);
        var factor = 1.0;
        var number = text.Trim();
        if (number.EndsWith("km", StringComparison.OrdinalIgnoreCase)) (number, factor) = (number[..^2], 1000);
        else if (number.EndsWith('m')) number = number[..^1];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out metres)) return false;
        metres *= factor;
        return metres > 0;
    }

    /// <summary>Pixels of the level across the whole grid: around the Earth, or over the polar square.</summary>
    internal int WorldWidth(GibsLevel level) => (int)Math.Round((Projection == GibsProjection.Geographic ? 360 : -2 * Left) / level.PixelSize);

    /// <summary>Pixels of the level down the whole grid.</summary>
    internal int WorldHeight(GibsLevel level) => (int)Math.Round((Projection == GibsProjection.Geographic ? 180 : 2 * Top) / level.PixelSize);

    /// <summary>The pixels that show any of the box; null when none of the grid does.</summary>
    internal PixelWindow? Window(GibsLevel level, GibsRegion region)
    {
        double left, top, right, bottom;
        if (Projection == GibsProjection.Geographic)
        {
            var box = region.Bounds;
            (left, top) = (box.West - Left, Top - box.North);
            (right, bottom) = ((box.CrossesAntimeridian ? box.East + 360 : box.East) - Left, Top - box.South);
        }
        else
        {
            (left, top, right, bottom) = (double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
            foreach (var (latitude, longitude) in region.Outline)
            {
                if (Projection == GibsProjection.Arctic ? latitude < 0 : latitude > 0) continue;
                var (x, y) = Polar.Forward(latitude, longitude);
                (left, right) = (Math.Min(left, x - Left), Math.Max(right, x - Left));
                (top, bottom) = (Math.Min(top, Top - y), Math.Max(bottom, Top - y));
            }
            if (left > right) return null;
        }
        return Window(level, left, top, right, bottom);
    }

    /// <summary>The pixels of a polar grid that show any of the rectangle; null when none does.</summary>
    internal PixelWindow? Window(GibsLevel level, GibsMetres metres) =>
        Window(level, metres.Left - Left, Top - metres.Top, metres.Right - Left, Top - metres.Bottom);

    /// <param name="left">From the grid's left edge, as <paramref name="right"/>; the others from its upper edge. Degrees or metres.</param>
    private PixelWindow? Window(GibsLevel level, double left, double top, double right, double bottom)
    {
        // A box that ends on a pixel's edge must not take the next pixel in because of the last digit.
        const double slack = 1e-6;
        var x0 = Math.Max(0, (int)Math.Floor(left / level.PixelSize + slack));
        var y0 = Math.Max(0, (int)Math.Floor(top / level.PixelSize + slack));
        var widest = Projection == GibsProjection.Geographic ? x0 + WorldWidth(level) : WorldWidth(level);
        var x1 = Math.Min(widest, (int)Math.Ceiling(right / level.PixelSize - slack));
        var y1 = Math.Min(WorldHeight(level), (int)Math.Ceiling(bottom / level.PixelSize - slack));
        return x1 > x0 && y1 > y0 ? new PixelWindow(x0, y0, x1 - x0, y1 - y0) : null;
    }

    /// <summary>What a part of the level shows, in degrees. In the polar grids the smallest box around it.</summary>
    internal BoundingBox Footprint(GibsLevel level, PixelWindow window)
    {
        var (left, top) = (Left + window.X * level.PixelSize, Top - window.Y * level.PixelSize);
        var (right, bottom) = (left + window.Width * level.PixelSize, top - window.Height * level.PixelSize);
        if (Projection != GibsProjection.Geographic) return PolarFootprint(left, top, right, bottom);
        if (window.Width >= WorldWidth(level)) return new BoundingBox(bottom, -180, top, 180);
        // On the antimeridian itself a picture begins at -180 and ends at 180.
        if (left >= 180) (left, right) = (left - 360, right - 360);
        return new BoundingBox(Math.Max(-90, bottom), left, top, right > 180 ? right - 360 : right);
    }

    /// <summary>Degrees of the middle of a pixel; fractions are allowed.</summary>
    internal (double Latitude, double Longitude) Place(GibsLevel level, double x, double y)
    {
        var (across, down) = (Left + x * level.PixelSize, Top - y * level.PixelSize);
        if (Projection != GibsProjection.Geographic) return Polar.Inverse(across, down);
        return (down, across > 180 ? across - 360 : across);
    }

    /// <summary>The pixel, with its fraction, of a place.</summary>
    internal (double X, double Y) Pixel(GibsLevel level, double latitude, double longitude)
    {
        var (x, y) = Projection == GibsProjection.Geographic ? (longitude, latitude) : Polar.Forward(latitude, longitude);
        return ((x - Left) / level.PixelSize, (Top - y) / level.PixelSize);
    }

    private PolarStereographic Polar => Projection == GibsProjection.Arctic ? PolarStereographic.Arctic : PolarStereographic.Antarctic;

    private BoundingBox PolarFootprint(double left, double top, double right, double bottom)
    {
        const int steps = 32;
        var latitudes = new List<double>();
        var longitudes = new List<double>();
        for (var i = 0; i <= steps; i++)
        {
            var (x, y) = (left + (right - left) * i / steps, top - (top - bottom) * i / steps);
            foreach (var (latitude, longitude) in new[] { Polar.Inverse(x, top), Polar.Inverse(x, bottom), Polar.Inverse(left, y), Polar.Inverse(right, y) })
            {
                latitudes.Add(latitude);
                longitudes.Add(longitude);
            }
        }
        if (left <= 0 && right >= 0 && bottom <= 0 && top >= 0)
            return Projection == GibsProjection.Arctic ? new BoundingBox(latitudes.Min(), -180, 90, 180) : new BoundingBox(-90, -180, latitudes.Max(), 180);
        // The widest stretch without any point is outside; the box is the rest.
        longitudes.Sort();
        var (west, east, gap) = (longitudes[0], longitudes[^1], longitudes[0] + 360 - longitudes[^1]);
        for (var i = 1; i < longitudes.Count; i++)
            if (longitudes[i] - longitudes[i - 1] > gap)
                (west, east, gap) = (longitudes[i], longitudes[i - 1], longitudes[i] - longitudes[i - 1]);
        return new BoundingBox(latitudes.Min(), west, latitudes.Max(), east);
    }
}
