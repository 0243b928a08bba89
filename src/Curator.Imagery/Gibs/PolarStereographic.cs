namespace Curator.Imagery.Gibs;

/// <summary>
/// Polar stereographic projection of the WGS 84 ellipsoid with a parallel of true scale (variant B). Source: Snyder, Map Projections: A Working Manual (1987),
/// equations 15-9, 14-15, 21-33, 21-34, 20-16 and 7-9. Accurate to under a millimetre.
/// </summary>
internal sealed class PolarStereographic
{
    private const double SemiMajorAxis = 6_378_137;
    private const double Flattening = 1 / 298.257223563;
    private const double Degree = Math.PI / 180;
    private static readonly double Eccentricity = Math.Sqrt(Flattening * (2 - Flattening));

    private readonly int _side;
    private readonly double _middle;
    private readonly double _scale;

    private PolarStereographic(bool north, double trueScaleLatitude, double middleLongitude)
    {
        _side = north ? 1 : -1;
        _middle = middleLongitude;
        var latitude = trueScaleLatitude * Degree;
        var m = Math.Cos(latitude) / Math.Sqrt(1 - Math.Pow(Eccentricity * Math.Sin(latitude), 2));
        _scale = SemiMajorAxis * m / T(latitude);
    }

    /// <summary>EPSG:3413.</summary>
    public static PolarStereographic Arctic { get; } = new(true, 70, -45);

    /// <summary>EPSG:3031.</summary>
    public static PolarStereographic Antarctic { get; } = new(false, 71, 0);

    /// <summary>Degrees to metres.</summary>
    public (double X, double Y) Forward(double latitude, double longitude)
    {
        var distance = _scale * T(_side * latitude * Degree);
        var angle = (longitude - _middle) * Degree;
        return (distance * Math.Sin(angle), -_side * distance * Math.Cos(angle));
    }

    /// <summary>Metres to degrees; longitude in −180 to 180.</summary>
    public (double Latitude, double Longitude) Inverse(double x, double y)
    {
        var distance = Math.Sqrt(x * x + y * y);
        if (distance == 0) return (_side * 90, 0);
        var t = distance / _scale;
        var latitude = Math.PI / 2 - 2 * Math.Atan(t);
        for (var i = 0; i < 8; i++)
        {
            var sine = Eccentricity * Math.Sin(latitude);
            latitude = Math.PI / 2 - 2 * Math.Atan(t * Math.Pow((1 - sine) / (1 + sine), Eccentricity / 2));
        }
        var longitude = _middle + Math.Atan2(x, -_side * y) / Degree;
        return (_side * latitude / Degree, longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude);
    }

    private static double T(double latitude)
    {
        var sine = Eccentricity * Math.Sin(latitude);
        return Math.Tan(Math.PI / 4 - latitude / 2) / Math.Pow((1 - sine) / (1 + sine), Eccentricity / 2);
    }
}
