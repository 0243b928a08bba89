using System.Text.Json;

namespace Curator.Cli.Demo;

/// <summary>A point on the Earth in degrees, EPSG:4326.</summary>
internal readonly record struct GeoPoint(double Longitude, double Latitude);

/// <summary>
/// Reads the polygons of one object of a quantised TopoJSON topology. Source: the TopoJSON format specification 1.0: an arc is a list of
/// integer steps (delta-encoded) that <c>transform</c> turns into degrees; a ring is a list of arc numbers, <c>~i</c> meaning arc i backwards; where
/// two arcs of a ring meet the shared point is kept once. Every number is checked: the file comes from outside.
/// </summary>
internal static class TopoJson
{
    private const int MostPoints = 20_000_000;

    /// <summary>Polygons of <paramref name="objectName"/>, each a list of closed rings: the first is the outline, the others are holes.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="DemoDataException">The file is not such a topology.</exception>
    public static IReadOnlyList<IReadOnlyList<GeoPoint[]>> ReadPolygons(ReadOnlyMemory<byte> json, string objectName)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement, objectName);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new DemoDataException($"The coastlines are not the TopoJSON that was expected: {error.Message}", error);
        }
    }

    private static List<IReadOnlyList<GeoPoint[]>> Read(JsonElement topology, string objectName)
    {
        if (topology.GetProperty("type").GetString() != "Topology") throw Wrong("its type is not Topology");
        var transform = topology.GetProperty("transform");
        var (scaleX, scaleY) = Pair(transform.GetProperty("scale"));
        var (fromX, fromY) = Pair(transform.GetProperty("translate"));
        var arcs = new List<GeoPoint[]>();
        var points = 0L;
        foreach (var arc in topology.GetProperty("arcs").EnumerateArray())
        {
            points += arc.GetArrayLength();
            if (points > MostPoints) throw Wrong($"it has more than {MostPoints} points");
            arcs.Add(Decode(arc, scaleX, scaleY, fromX, fromY));
        }
        var polygons = new List<IReadOnlyList<GeoPoint[]>>();
        Collect(topology.GetProperty("objects").GetProperty(objectName), arcs, polygons, depth: 0);
        return polygons;
    }

    private static GeoPoint[] Decode(JsonElement arc, double scaleX, double scaleY, double fromX, double fromY)
    {
        var length = arc.GetArrayLength();
        if (length < 2) throw Wrong($"an arc has {length} points, at least 2 are needed");
        var points = new GeoPoint[length];
        long x = 0, y = 0;
        var at = 0;
        foreach (var step in arc.EnumerateArray())
        {
            if (step.GetArrayLength() != 2) throw Wrong($"a step has {step.GetArrayLength()} numbers instead of 2");
            x += step[0].GetInt32();
            y += step[1].GetInt32();
            var point = new GeoPoint(x * scaleX + fromX, y * scaleY + fromY);
            // One part in a million of room: the quantisation of ±180 and ±90 rounds.
            if (!(Math.Abs(point.Longitude) <= 180.0002 && Math.Abs(point.Latitude) <= 90.0001))
                throw Wrong($"the point {point.Longitude}, {point.Latitude} is not on the Earth");
            points[at++] = point;
        }
        return points;
    }

    private static void Collect(JsonElement geometry, List<GeoPoint[]> arcs, List<IReadOnlyList<GeoPoint[]>> polygons, int depth)
    {
        if (depth > 8) throw Wrong("its collections are nested more than 8 deep");
        switch (geometry.GetProperty("type").GetString())
        {
            case "GeometryCollection":
                foreach (var part in geometry.GetProperty("geometries").EnumerateArray()) Collect(part, arcs, polygons, depth + 1);
                break;
            case "Polygon":
                polygons.Add(Rings(geometry.GetProperty("arcs"), arcs));
                break;
            case "MultiPolygon":
                foreach (var polygon in geometry.GetProperty("arcs").EnumerateArray()) polygons.Add(Rings(polygon, arcs));
                break;
            case var other:
                throw Wrong($"it holds a geometry of type {other ?? "null"}, only polygons are expected");
        }
    }

    private static List<GeoPoint[]> Rings(JsonElement polygon, List<GeoPoint[]> arcs)
    {
        var rings = new List<GeoPoint[]>();
        foreach (var ring in polygon.EnumerateArray()) rings.Add(Stitch(ring, arcs));
        return rings.Count > 0 ? rings : throw Wrong("a polygon has no ring");
    }

    private static GeoPoint[] Stitch(JsonElement ring, List<GeoPoint[]> arcs)
    {
        var points = new List<GeoPoint>();
        foreach (var number in ring.EnumerateArray())
        {
            var index = number.GetInt32();
            var backwards = index < 0;
            if (backwards) index = ~index;
            if (index >= arcs.Count) throw Wrong($"a ring names arc {index} of {arcs.Count}");
            IEnumerable<GeoPoint> arc = backwards ? arcs[index].Reverse() : arcs[index];
            if (points.Count > 0)
            {
                if (arc.First() != points[^1]) throw Wrong($"arc {index} does not begin where the one before it ends");
                arc = arc.Skip(1);
            }
            points.AddRange(arc);
        }
        // Quantisation has flattened the tiniest islands to rings of two or three points; they enclose nothing and harm nothing.
        if (points.Count < 2 || points[0] != points[^1]) throw Wrong($"a ring of {points.Count} points is not closed");
        return [.. points];
    }

    private static (double X, double Y) Pair(JsonElement pair)
    {
        if (pair.GetArrayLength() != 2) throw Wrong("a pair of the transform has not two numbers");
        var (x, y) = (pair[0].GetDouble(), pair[1].GetDouble());
        return double.IsFinite(x) && double.IsFinite(y) ? (x, y) : throw Wrong("the transform is not finite");
    }

    private static DemoDataException Wrong(string what) => new($"The coastlines are not the TopoJSON that was expected: {what}.");
}
