using System.Globalization;
using Curator.Core.Images;

namespace Curator.Imagery.Geography;

/// <summary>Where the pixels of an upright picture lie in a coordinate system.</summary>
/// <param name="OriginX">The upper left corner of the upper left pixel.</param>
/// <param name="OriginY"><inheritdoc cref="GeoReference" path="/param[@name='OriginX']"/></param>
/// <param name="PixelX">Width of a pixel, positive.</param>
/// <param name="PixelY">Height of a pixel, negative: rows go south.</param>
/// <param name="Epsg">The coordinate system; null when unknown, which is taken for degrees where the numbers can be degrees.</param>
public sealed record GeoReference(double OriginX, double OriginY, double PixelX, double PixelY, int? Epsg)
{
    private const int Wgs84 = 4326;
    private const int WebMercator = 3857;

    /// <summary>Whether the coordinates are degrees of longitude and latitude.</summary>
    public bool IsGeographic(int width, int height) =>
        Epsg is Wgs84 or 4258 or 4269
        || (Epsg is null && OriginX >= -180.001 && OriginX + width * PixelX <= 360.001 && OriginY <= 90.001 && OriginY + height * PixelY >= -90.001);

    /// <summary>The same for a part of the picture.</summary>
    public GeoReference Part(int x, int y) => this with { OriginX = OriginX + x * PixelX, OriginY = OriginY + y * PixelY };

    /// <summary>The box in degrees around the picture's outline; null where the coordinate system is none of WGS 84, UTM on WGS 84 and Web Mercator.</summary>
    public BoundingBox? Footprint(int width, int height)
    {
        var degrees = IsGeographic(width, height);
        if (!degrees && Epsg is not (WebMercator or (>= 32_601 and <= 32_660) or (>= 32_701 and <= 32_760))) return null;
        double south = 90, north = -90, west = double.MaxValue, east = double.MinValue;
        double? before = null;
        foreach (var (x, y) in Outline(width, height))
        {
            var (longitude, latitude) = degrees ? (x, y) : Epsg == WebMercator ? FromWebMercator(x, y) : TransverseMercator.ToDegrees(x, y, Epsg!.Value);
            // Unwrapped along the outline, so that a picture over the antimeridian keeps together.
            if (!degrees && before is { } last) longitude += Math.Round((last - longitude) / 360) * 360;
            before = longitude;
            (south, north) = (Math.Min(south, latitude), Math.Max(north, latitude));
            (west, east) = (Math.Min(west, longitude), Math.Max(east, longitude));
        }

        if (!(north > south && east > west)) return null;
        return east - west >= 360 - 1e-9
            ? new BoundingBox(Math.Max(-90, south), -180, Math.Min(90, north), 180)
            : new BoundingBox(Math.Max(-90, south), Wrapped(west, -180), Math.Min(90, north), Wrapped(east, 180));
    }

    /// <summary>Reads the world file beside a picture (six lines; the last two are the middle of the upper left pixel); null when there is none that can be used.</summary>
    public static GeoReference? FromWorldFile(string picturePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(picturePath);
        var extension = Path.GetExtension(picturePath).TrimStart('.').ToLowerInvariant();
        string[] endings = extension.Length >= 3 ? [$"{extension[0]}{extension[^1]}w", $"{extension}w", "wld"] : ["wld"];
        foreach (var ending in endings)
        {
            var path = Path.ChangeExtension(picturePath, ending);
            if (!File.Exists(path) || new FileInfo(path).Length > 4096) continue;
            var numbers = new List<double>();
            foreach (var line in File.ReadAllLines(path))
                if (double.TryParse(line.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                    numbers.Add(number);
            if (numbers.Count == 6 && numbers[1] == 0 && numbers[2] == 0 && numbers[0] > 0 && numbers[3] < 0)
                return new GeoReference(numbers[4] - numbers[0] / 2, numbers[5] - numbers[3] / 2, numbers[0], numbers[3], null);
        }

        return null;
    }

    /// <summary>The six lines of a world file.</summary>
    public string ToWorldFile() =>
        string.Create(CultureInfo.InvariantCulture, $"{PixelX:R}\n0\n0\n{PixelY:R}\n{OriginX + PixelX / 2:R}\n{OriginY + PixelY / 2:R}\n");

    private IEnumerable<(double X, double Y)> Outline(int width, int height)
    {
        const int Steps = 8; // Edges are curves in degrees.
        for (var i = 0; i < Steps; i++) yield return At(width * i / (double)Steps, 0);
        for (var i = 0; i < Steps; i++) yield return At(width, height * i / (double)Steps);
        for (var i = Steps; i > 0; i--) yield return At(width * i / (double)Steps, height);
        for (var i = Steps; i > 0; i--) yield return At(0, height * i / (double)Steps);

        (double X, double Y) At(double x, double y) => (OriginX + x * PixelX, OriginY + y * PixelY);
    }

    /// <summary>Into −180 to 180; the edge itself stays on the side that is given.</summary>
    private static double Wrapped(double longitude, double edge)
    {
        while (longitude > 180) longitude -= 360;
        while (longitude < -180) longitude += 360;
        return Math.Abs(longitude) == 180 ? edge : longitude;
    }

    private static (double Longitude, double Latitude) FromWebMercator(double x, double y)
    {
        const double Radius = 6_378_137;
        return (x / Radius * 180 / Math.PI, (2 * Math.Atan(Math.Exp(y / Radius)) - Math.PI / 2) * 180 / Math.PI);
    }
}
