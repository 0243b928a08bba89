using System.Text.Json;
using Curator.Core;
using Curator.Core.Images;

namespace Curator.Imagery.Gibs;

/// <summary>A part of the Earth: a box in degrees, or polygons. Immutable.</summary>
public sealed class GibsRegion
{
    private const int StepsAnEdge = 64;
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 32 };

    /// <summary>Rings of longitude and latitude; empty for a box. Holes are rings inside others: the even-odd rule leaves them out.</summary>
    private readonly IReadOnlyList<(double X, double Y)[]> _rings;

    private GibsRegion(BoundingBox bounds, IReadOnlyList<(double X, double Y)[]> rings)
    {
        Bounds = bounds;
        _rings = rings;
        Outline = rings.Count > 0 ? [.. rings.SelectMany(ring => ring.Select(point => (point.Y, point.X)))] : [.. BoxOutline(bounds)];
    }

    /// <summary>The smallest box around it, parts beyond the antimeridian included.</summary>
    public BoundingBox Bounds { get; }

    /// <summary>Whether it is more than a box.</summary>
    public bool HasPolygons => _rings.Count > 0;

    /// <summary>Points along its edge, latitude first, close to each other; with a pole inside, the pole too.</summary>
    internal IReadOnlyList<(double Latitude, double Longitude)> Outline { get; }

    public static GibsRegion Of(BoundingBox box)
    {
        if (!(box.North > box.South)) throw new ArgumentException($"The box {box} has no height.", nameof(box));
        return new GibsRegion(box, []);
    }

    /// <summary>Reads a GeoJSON file (RFC 7946): Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection; other geometries are passed over.</summary>
    /// <exception cref="WorkspaceException">Not there, no GeoJSON, or without a polygon.</exception>
    public static GibsRegion FromGeoJson(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            var rings = new List<(double X, double Y)[]>();
            Collect(document.RootElement, rings);
            if (rings.Count == 0) throw new WorkspaceException($"{path} holds no polygon.", "Give a GeoJSON file with a Polygon or MultiPolygon in degrees, longitude first.");
            return new GibsRegion(BoundsOf(rings), rings);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new WorkspaceException($"{path} is no GeoJSON: {error.Message}", "Give a GeoJSON file with a Polygon or MultiPolygon in degrees, longitude first.", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WorkspaceException($"{path} is not there.", "Check the spelling of --region.", error);
        }
    }

    /// <summary>Whether the place lies in it.</summary>
    public bool Contains(double latitude, double longitude)
    {
        if (_rings.Count == 0) return Bounds.Intersects(new BoundingBox(latitude, longitude, latitude, longitude));
        var inside = false;
        foreach (var ring in _rings)
            for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
                if (ring[i].Y > latitude != ring[j].Y > latitude
                    && longitude < (ring[j].X - ring[i].X) * (latitude - ring[i].Y) / (ring[j].Y - ring[i].Y) + ring[i].X)
                    inside = !inside;
        return inside;
    }

    /// <summary>Whether any of the box lies in it; boxes that only touch its edge do not count.</summary>
    internal bool Overlaps(BoundingBox box)
    {
        if (box.CrossesAntimeridian)
            return Overlaps(box with { East = 180 }) || Overlaps(box with { West = -180 });
        if (_rings.Count == 0)
        {
            if (Bounds.CrossesAntimeridian) return Of(Bounds with { East = 180 }).Overlaps(box) || Of(Bounds with { West = -180 }).Overlaps(box);
            return box.South < Bounds.North && box.North > Bounds.South && box.West < Bounds.East && box.East > Bounds.West;
        }
        if (Contains((box.South + box.North) / 2, (box.West + box.East) / 2)) return true;
        foreach (var ring in _rings)
            for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
                if (Crosses(ring[j], ring[i], box))
                    return true;
        return false;
    }

    /// <summary>Whether a segment has a part inside the open box: Liang and Barsky's clipping.</summary>
    private static bool Crosses((double X, double Y) a, (double X, double Y) b, BoundingBox box)
    {
        var (from, to) = (0.0, 1.0);
        Span<(double Along, double Room)> sides =
            [(a.X - b.X, a.X - box.West), (b.X - a.X, box.East - a.X), (a.Y - b.Y, a.Y - box.South), (b.Y - a.Y, box.North - a.Y)];
        foreach (var (along, room) in sides)
        {
            if (along == 0)
            {
                if (room <= 0) return false;
                continue;
            }
            var at = room / along;
            if (along < 0) from = Math.Max(from, at);
            else to = Math.Min(to, at);
        }
        return from < to;
    }

    private static void Collect(JsonElement element, List<(double X, double Y)[]> rings)
    {
        switch (element.GetProperty("type").GetString())
        {
            case "FeatureCollection":
                foreach (var feature in element.GetProperty("features").EnumerateArray()) Collect(feature, rings);
                break;
            case "Feature":
                if (element.GetProperty("geometry") is { ValueKind: JsonValueKind.Object } geometry) Collect(geometry, rings);
                break;
            case "GeometryCollection":
                foreach (var one in element.GetProperty("geometries").EnumerateArray()) Collect(one, rings);
                break;
            case "Polygon":
                foreach (var ring in element.GetProperty("coordinates").EnumerateArray()) rings.Add(Ring(ring));
                break;
            case "MultiPolygon":
                foreach (var polygon in element.GetProperty("coordinates").EnumerateArray())
                    foreach (var ring in polygon.EnumerateArray())
                        rings.Add(Ring(ring));
                break;
        }
    }

    private static (double X, double Y)[] Ring(JsonElement element)
    {
        var points = element.EnumerateArray().Select(point => (X: point[0].GetDouble(), Y: point[1].GetDouble())).ToArray();
        if (points.Length < 4) throw new FormatException("a ring has fewer than four positions");
        foreach (var (x, y) in points)
            if (!(Math.Abs(x) <= 180 && Math.Abs(y) <= 90))
                throw new FormatException($"({x}, {y}) is no longitude and latitude in degrees");
        return points;
    }

    /// <summary>Rings that touch both sides of the antimeridian are the two halves of one region: the box then goes across it.</summary>
    private static BoundingBox BoundsOf(List<(double X, double Y)[]> rings)
    {
        var (south, north) = (rings.Min(ring => ring.Min(p => p.Y)), rings.Max(ring => ring.Max(p => p.Y)));
        var spans = rings.Select(ring => (West: ring.Min(p => p.X), East: ring.Max(p => p.X))).OrderBy(span => span.West).ToList();
        var (west, east) = (spans[0].West, spans.Max(span => span.East));
        if (west == -180 && east == 180)
        {
            // The widest stretch of longitudes without any part is left out.
            var (reach, gap, from, to) = (spans[0].East, 0.0, -180.0, 180.0);
            foreach (var span in spans)
            {
                if (span.West - reach > gap) (gap, from, to) = (span.West - reach, span.West, reach);
                reach = Math.Max(reach, span.East);
            }
            if (gap > 0) (west, east) = (from, to);
        }
        return new BoundingBox(south, west, north, east);
    }

    private static IEnumerable<(double, double)> BoxOutline(BoundingBox box)
    {
        var width = box.CrossesAntimeridian ? box.East + 360 - box.West : box.East - box.West;
        for (var i = 0; i <= StepsAnEdge; i++)
        {
            var longitude = box.West + width * i / StepsAnEdge;
            if (longitude > 180) longitude -= 360;
            yield return (box.South, longitude);
            yield return (box.North, longitude);
            var latitude = box.South + (box.North - box.South) * i / StepsAnEdge;
            yield return (latitude, box.West);
            yield return (latitude, box.East);
        }
    }
}
