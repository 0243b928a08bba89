namespace Curator.Labeling.Export.Formats;

/// <summary>A FeatureCollection (RFC 7946), one feature a line. Images without a footprint have no geometry.</summary>
internal sealed class GeoJsonWriter(ExportContext context) : IDataSetWriter
{
    private readonly JsonLinesFile _features = new(context.Folder.Create("labels.geojson"), """{"type":"FeatureCollection","features":[""", "]}\n");

    public string Reading => "QGIS, `ogrinfo labels.geojson` and `geopandas.read_file(\"labels.geojson\")` read the footprints; `uri` is where the picture lies.";

    public string Write(ExportItem item)
    {
        var record = item.Label.Record;
        var name = ExportText.RelativeName(record);
        _features.Add(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "Feature");
            json.WriteString("id", item.Label.Image.ToString());
            json.WritePropertyName("geometry");
            Footprints.WriteGeometry(json, record.Footprint);
            json.WriteStartObject("properties");
            ExportText.WriteFacts(json, item);
            json.WriteString("filename", name);
            json.WriteString("uri", record.Uri);
            json.WriteEndObject();
            json.WriteEndObject();
        });
        return name;
    }

    public void Finish()
    {
        // Disposing completes the file.
    }

    public void Dispose() => _features.Dispose();
}
