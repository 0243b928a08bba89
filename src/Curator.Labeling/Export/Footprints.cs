using System.Buffers.Binary;
using System.Text.Json;
using Curator.Core.Images;

namespace Curator.Labeling.Export;

/// <summary>Boxes on the Earth as polygons: one, or two where a box crosses the antimeridian (RFC 7946, 3.1.9). Outer rings run counter-clockwise.</summary>
public static class Footprints
{
    /// <summary>Writes a Polygon or MultiPolygon, or null.</summary>
    public static void WriteGeometry(Utf8JsonWriter json, BoundingBox? footprint)
    {
        if (footprint is not { } box)
        {
            json.WriteNullValue();
            return;
        }
        var boxes = Plain(box);
        json.WriteStartObject();
        json.WriteString("type", boxes.Length == 1 ? "Polygon" : "MultiPolygon");
        json.WriteStartArray("coordinates");
        foreach (var plain in boxes)
        {
            if (boxes.Length > 1) json.WriteStartArray();
            json.WriteStartArray();
            foreach (var (x, y) in Ring(plain))
            {
                json.WriteStartArray();
                json.WriteNumberValue(x);
                json.WriteNumberValue(y);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            if (boxes.Length > 1) json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>west, south, east, north; west is greater than east across the antimeridian.</summary>
    public static void WriteBox(Utf8JsonWriter json, BoundingBox box)
    {
        json.WriteStartArray();
        foreach (var degrees in (double[])[box.West, box.South, box.East, box.North]) json.WriteNumberValue(degrees);
        json.WriteEndArray();
    }

    /// <summary>Well-known binary, little-endian (OGC 06-103r4, 8.2).</summary>
    public static byte[]? Binary(BoundingBox? footprint)
    {
        if (footprint is not { } box) return null;
        var boxes = Plain(box);
        var bytes = new List<byte>();
        if (boxes.Length > 1) Head(6, boxes.Length);
        foreach (var plain in boxes)
        {
            Head(3, 1);
            var ring = Ring(plain);
            Add(ring.Length);
            foreach (var (x, y) in ring)
            {
                bytes.AddRange(BitConverter.GetBytes(x));
                bytes.AddRange(BitConverter.GetBytes(y));
            }
        }
        return [.. bytes];

        void Head(int type, int count)
        {
            bytes.Add(1);
            Add(type);
            Add(count);
        }

        void Add(int value)
        {
            Span<byte> four = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(four, value);
            bytes.AddRange(four);
        }
    }

    private static BoundingBox[] Plain(BoundingBox box) =>
        box.CrossesAntimeridian ? [box with { East = 180 }, box with { West = -180 }] : [box];

    private static (double X, double Y)[] Ring(BoundingBox box) =>
        [(box.West, box.South), (box.East, box.South), (box.East, box.North), (box.West, box.North), (box.West, box.South)];
}
