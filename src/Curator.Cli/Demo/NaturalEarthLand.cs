namespace Curator.Cli.Demo;

/// <summary>
/// Natural Earth's land polygons, 1:10 million, as the npm package world-atlas carries them. They are the demo's independent truth:
/// only the simulated labeler and the scores see them.
/// <para>Shared arcs were merged across the antimeridian, so a ring may step from 180° to −180°. Here every ring is continuous: its longitudes
/// run on beyond ±180, and a ring that goes once around the Earth (Antarctica) is closed over its pole.</para>
/// </summary>
internal sealed class NaturalEarthLand
{
    public const string Package = "world-atlas";
    private const string RelativePath = "world-atlas/land-10m.json";
    private const double EarthRadiusKm = 6_371.0072; // authalic: the sphere of the Earth's area

    /// <summary>Terms, for reports.</summary>
    public const string Terms =
        "Coastlines, used only to simulate the person and to score: Natural Earth 4.1, land, 1:10 million (public domain), from the npm package world-atlas 2.0.2 (ISC).";

    private NaturalEarthLand(IReadOnlyList<GeoPoint[]> rings) => Rings = rings;

    /// <summary>Closed and continuous rings, outlines and holes alike: a point is on land when an odd number of them enclose it.</summary>
    public IReadOnlyList<GeoPoint[]> Rings { get; }

    /// <summary>Area on the sphere, square kilometres: holes count negative, by their direction.</summary>
    public double AreaSquareKm => Math.Abs(Rings.Sum(SignedArea));

    /// <param name="packages">The <c>node_modules</c> folder.</param>
    /// <exception cref="DemoDataException">The file is not there.</exception>
    public static string FindFile(string packages)
    {
        var path = Path.GetFullPath(Path.Combine(packages, RelativePath));
        return File.Exists(path) ? path : throw new DemoDataException($"The coastlines are missing: {path} does not exist.");
    }

    /// <param name="json">The TopoJSON file's bytes.</param>
    /// <exception cref="DemoDataException">It is not a topology of land polygons.</exception>
    public static NaturalEarthLand Read(ReadOnlyMemory<byte> json) =>
        new([.. TopoJson.ReadPolygons(json, "land").SelectMany(polygon => polygon).Select(MakeContinuous)]);

    /// <summary>Lets longitudes run on where the ring crosses the antimeridian, and closes a ring around a pole over that pole.</summary>
    internal static GeoPoint[] MakeContinuous(GeoPoint[] ring)
    {
        var points = new List<GeoPoint>(ring.Length + 3) { ring[0] };
        for (var i = 1; i < ring.Length; i++)
        {
            var step = ring[i].Longitude - ring[i - 1].Longitude;
            if (step > 180) step -= 360;
            else if (step < -180) step += 360;
            points.Add(ring[i] with { Longitude = points[^1].Longitude + step });
        }
        if (Math.Abs(points[^1].Longitude - points[0].Longitude) <= 180)
        {
            // Adding up steps leaves a rounding error; a ring ends exactly where it began.
            points[^1] = points[0];
            return [.. points];
        }
        var pole = ring.Average(point => point.Latitude) < 0 ? -90.0 : 90.0;
        points.Add(points[^1] with { Latitude = pole });
        points.Add(points[0] with { Latitude = pole });
        points.Add(points[0]);
        return [.. points];
    }

    /// <summary>Area under the ring's edges in the cylindrical equal-area projection; edges are taken as straight there.</summary>
    private static double SignedArea(GeoPoint[] ring)
    {
        double sum = 0;
        for (var i = 1; i < ring.Length; i++)
            sum += double.DegreesToRadians(ring[i].Longitude - ring[i - 1].Longitude)
                * (Math.Sin(double.DegreesToRadians(ring[i].Latitude)) + Math.Sin(double.DegreesToRadians(ring[i - 1].Latitude))) / 2;
        return EarthRadiusKm * EarthRadiusKm * sum;
    }
}
