using System.Globalization;
using System.Text.Json;
using Curator.Core.Images;

namespace Curator.Labeling.Export.Formats;

/// <summary>
/// A static STAC 1.0 collection with the label extension: an item an image, in catalogs of a thousand so that no folder and no list of links grows long. An image without a date was
/// taken some time before its file was written: the item says just that.
/// </summary>
internal sealed class StacWriter(ExportContext context) : IDataSetWriter
{
    private const int ItemsPerCatalog = 1000;
    private const string Version = "1.0.0";
    private const string LabelExtension = "https://stac-extensions.github.io/label/v1.0.1/schema.json";
    private const string FileExtension = "https://stac-extensions.github.io/file/v2.1.0/schema.json";

    private readonly List<string> _catalogs = [];
    private readonly List<string> _items = [];
    private double _south = 90, _west = 180, _north = -90, _east = -180;
    private DateTimeOffset? _first, _last;

    public string Reading => "`pystac.Collection.from_file(\"collection.json\").get_items(recursive=True)` reads it, as does every STAC browser; the asset `image` is the picture where it lies.";

    public string Write(ExportItem item)
    {
        if (_items.Count == ItemsPerCatalog) EndCatalog();
        var (label, record) = (item.Label, item.Label.Record);
        var name = $"{CatalogName(_catalogs.Count)}/{label.Image}.json";
        Note(record);
        Json(name, json =>
        {
            json.WriteString("type", "Feature");
            json.WriteString("stac_version", Version);
            json.WriteStartArray("stac_extensions");
            json.WriteStringValue(LabelExtension);
            json.WriteStringValue(FileExtension);
            json.WriteEndArray();
            json.WriteString("id", label.Image.ToString());
            json.WritePropertyName("geometry");
            Footprints.WriteGeometry(json, record.Footprint);
            if (record.Footprint is { } box)
            {
                json.WritePropertyName("bbox");
                Footprints.WriteBox(json, box);
            }
            json.WriteStartObject("properties");
            WriteTimes(json, record);
            WriteLabel(json);
            ExportText.WriteFacts(json, item);
            json.WriteEndObject();
            WriteLinks(json, ("root", "../collection.json"), ("parent", "./catalog.json"), ("collection", "../collection.json"));
            json.WriteString("collection", context.Task.Name);
            json.WriteStartObject("assets");
            json.WriteStartObject("image");
            json.WriteString("href", ExportText.FileAddress(record.Uri));
            json.WriteNumber("file:size", record.SizeBytes);
            // A multihash: 12 for SHA-256, 20 for its 32 bytes.
            json.WriteString("file:checksum", "1220" + record.Sha256);
            json.WriteStartArray("roles");
            json.WriteStringValue("data");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("labels");
            json.WriteString("href", "../" + LabelTable.FileName);
            json.WriteString("type", "text/csv");
            json.WriteStartArray("roles");
            json.WriteStringValue("labels");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        });
        _items.Add($"./{label.Image}.json");
        return ExportText.RelativeName(record);
    }

    public void Finish()
    {
        if (_items.Count > 0) EndCatalog();
        Json("collection.json", json =>
        {
            json.WriteString("type", "Collection");
            json.WriteString("stac_version", Version);
            json.WriteString("id", context.Task.Name);
            json.WriteString("title", context.Task.Question);
            json.WriteString("description", $"Labels of {context.Task.Name}: {context.Task.Question}");
            json.WriteString("license", "other");
            json.WriteStartObject("extent");
            json.WriteStartObject("spatial");
            json.WriteStartArray("bbox");
            Footprints.WriteBox(json, _south > _north ? new BoundingBox(-90, -180, 90, 180) : new BoundingBox(_south, _west, _north, _east));
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("temporal");
            json.WriteStartArray("interval");
            json.WriteStartArray();
            foreach (var end in (DateTimeOffset?[])[_first, _last])
                if (end is { } time) json.WriteStringValue(ExportText.Time(time));
                else json.WriteNullValue();
            json.WriteEndArray();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            WriteLinks(json, [("root", "./collection.json"), .. _catalogs.Select(c => ("child", $"./{c}/catalog.json"))]);
        });
    }

    public void Dispose()
    {
        // Nothing is held open.
    }

    private static string CatalogName(int number) => string.Create(CultureInfo.InvariantCulture, $"items-{number:D4}");

    private void EndCatalog()
    {
        var name = CatalogName(_catalogs.Count);
        Json(name + "/catalog.json", json =>
        {
            json.WriteString("type", "Catalog");
            json.WriteString("stac_version", Version);
            json.WriteString("id", $"{context.Task.Name}-{name}");
            json.WriteString("description", string.Create(CultureInfo.InvariantCulture, $"{_items.Count} labeled images."));
            WriteLinks(json, [("root", "../collection.json"), ("parent", "../collection.json"), .. _items.Select(i => ("item", i))]);
        });
        _catalogs.Add(name);
        _items.Clear();
    }

    private void Note(ImageRecord record)
    {
        if (record.TakenAt is { } taken)
        {
            if (_first is null || taken < _first) _first = taken;
            if (_last is null || taken > _last) _last = taken;
        }
        if (record.Footprint is not { } box) return;
        (_south, _north) = (Math.Min(_south, box.South), Math.Max(_north, box.North));
        // A box over the antimeridian reaches both ends of the map.
        (_west, _east) = (Math.Min(_west, box.CrossesAntimeridian ? -180 : box.West), Math.Max(_east, box.CrossesAntimeridian ? 180 : box.East));
    }

    private static void WriteTimes(Utf8JsonWriter json, ImageRecord record)
    {
        if (record.TakenAt is { } taken)
        {
            json.WriteString("datetime", ExportText.Time(taken));
            return;
        }
        json.WriteNull("datetime");
        json.WriteString("start_datetime", ExportText.Time(DateTimeOffset.UnixEpoch));
        json.WriteString("end_datetime", ExportText.Time(DateTimeOffset.UnixEpoch.AddTicks(record.ModifiedNanoseconds / TimeSpan.NanosecondsPerTick)));
    }

    private void WriteLabel(Utf8JsonWriter json)
    {
        json.WriteString("label:type", "vector");
        json.WriteString("label:description", context.Task.Question);
        json.WriteStartArray("label:properties");
        json.WriteStringValue("label");
        json.WriteEndArray();
        json.WriteStartArray("label:tasks");
        json.WriteStringValue("classification");
        json.WriteEndArray();
        json.WriteStartArray("label:classes");
        json.WriteStartObject();
        json.WriteString("name", "label");
        json.WriteStartArray("classes");
        foreach (var name in context.Task.Classes) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteLinks(Utf8JsonWriter json, params ReadOnlySpan<(string Relation, string Address)> links)
    {
        json.WriteStartArray("links");
        foreach (var (relation, address) in links)
        {
            json.WriteStartObject();
            json.WriteString("rel", relation);
            json.WriteString("href", address);
            json.WriteString("type", relation == "item" ? "application/geo+json" : "application/json");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void Json(string name, Action<Utf8JsonWriter> members)
    {
        using var stream = context.Folder.Create(name);
        using var json = new Utf8JsonWriter(stream, ExportText.Json);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }
}
