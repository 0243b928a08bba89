using System.Text.Encodings.Web;
using System.Text.Json;
using Curator.Core.Images;

namespace Curator.Cli.Searching;

/// <summary>Hits as a GeoJSON feature collection (RFC 7946), to be dropped on any map. A hit without a footprint has no geometry.</summary>
internal static class SearchGeoJson
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(IEnumerable<FoundImage> found) => JsonSerializer.Serialize(
        new
        {
            type = "FeatureCollection",
            features = found.Select(hit => new
            {
                type = "Feature",
                geometry = hit.Footprint is { } box ? Geometry(box) : null,
                properties = new { hit.Query, hit.Rank, image = hit.Id, hit.Distance, hit.Path, hit.Product, hit.Resolution, hit.Period, hit.TakenAt },
            }),
        },
        s_json) + "\n";

    /// <summary>A box across the antimeridian is cut into two polygons, as section 3.1.9 asks; one that only touches it is one polygon.</summary>
    private static object Geometry(BoundingBox box)
    {
        if (box is { CrossesAntimeridian: true, West: 180 }) box = box with { West = -180 };
        if (box is { CrossesAntimeridian: true, East: -180 }) box = box with { East = 180 };
        return box.CrossesAntimeridian
            ? new { type = "MultiPolygon", coordinates = new[] { Rings(box with { East = 180 }), Rings(box with { West = -180 }) } }
            : new { type = "Polygon", coordinates = Rings(box) };
    }

    /// <summary>Counter-clockwise, closed.</summary>
    private static double[][][] Rings(BoundingBox box) =>
        [[[box.West, box.South], [box.East, box.South], [box.East, box.North], [box.West, box.North], [box.West, box.South]]];
}
