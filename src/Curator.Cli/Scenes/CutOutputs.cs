using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Curator.Core.Files;
using Curator.Imagery.Records;
using Curator.Imagery.Scenes;
using Curator.Labeling.Export;

namespace Curator.Cli.Scenes;

/// <summary>What lies beside the tiles of a cut: footprints, STAC items, TFRecords, and how it all came about. Each file is there whole or not at all; a second run writes the same.</summary>
internal sealed class CutOutputs(string folder, CutOptions options)
{
    /// <summary>Bytes of pictures after which the next TFRecord file begins, as the GIBS downloader has it.</summary>
    private const long ShardBytes = 100_000_000;

    private static readonly JsonWriterOptions s_pretty = new() { Indented = true };

    private readonly List<(string Scene, CutTile Tile)> _tiles = [];

    public void Add(string scene, CutTile tile)
    {
        _tiles.Add((scene, tile));
        if (options.Stac && tile.Footprint is not null) WriteItem(scene, tile);
    }

    /// <summary>Writes what is about all tiles.</summary>
    public void Finish(IReadOnlyList<string> scenes)
    {
        AtomicFile.Write(Path.Combine(folder, "footprints.geojson"), WriteFootprints);
        AtomicFile.Write(Path.Combine(folder, "provenance.json"), stream => WriteProvenance(stream, scenes));
        if (options.Tfrecords) WriteRecords();
    }

    private void WriteFootprints(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        foreach (var (scene, tile) in _tiles)
        {
            json.WriteStartObject();
            json.WriteString("type", "Feature");
            json.WriteString("id", Relative(tile.Path));
            json.WritePropertyName("geometry");
            Footprints.WriteGeometry(json, tile.Footprint);
            json.WriteStartObject("properties");
            json.WriteString("scene", Path.GetFileName(scene));
            json.WriteNumber("x", tile.X);
            json.WriteNumber("y", tile.Y);
            json.WriteNumber("width", tile.Width);
            json.WriteNumber("height", tile.Height);
            json.WriteNumber("nodata_share", Math.Round(tile.NoDataShare, 6));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>STAC 1.1 with the projection extension, beside the tile.</summary>
    private static void WriteItem(string scene, CutTile tile) => AtomicFile.Write(Path.ChangeExtension(tile.Path, ".json"), stream =>
    {
        var box = tile.Footprint!.Value;
        using var json = new Utf8JsonWriter(stream, s_pretty);
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        json.WriteString("stac_version", "1.1.0");
        json.WriteStartArray("stac_extensions");
        json.WriteStringValue("https://stac-extensions.github.io/projection/v2.0.0/schema.json");
        json.WriteEndArray();
        json.WriteString("id", Path.GetFileNameWithoutExtension(tile.Path));
        json.WritePropertyName("geometry");
        Footprints.WriteGeometry(json, box);
        json.WritePropertyName("bbox");
        Footprints.WriteBox(json, box);
        json.WriteStartObject("properties");
        if (TileName.TryParse(tile.Path, out var date, out _)) json.WriteString("datetime", date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "T00:00:00Z");
        else json.WriteNull("datetime");
        if (tile.Place is { } place)
        {
            if (place.Epsg is { } epsg) json.WriteString("proj:code", $"EPSG:{epsg}");
            Numbers(json, "proj:shape", tile.Height, tile.Width);
            Numbers(json, "proj:transform", place.PixelX, 0, place.OriginX, 0, place.PixelY, place.OriginY);
        }

        json.WriteNumber("curator:nodata_share", Math.Round(tile.NoDataShare, 6));
        json.WriteEndObject();
        json.WriteStartArray("links");
        json.WriteStartObject();
        json.WriteString("rel", "derived_from");
        json.WriteString("href", new Uri(scene).AbsoluteUri);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("assets");
        json.WriteStartObject("image");
        json.WriteString("href", $"./{Path.GetFileName(tile.Path)}");
        json.WriteString("type", Path.GetExtension(tile.Path) switch { ".tif" => "image/tiff; application=geotiff", ".png" => "image/png", _ => "image/jpeg" });
        json.WriteStartArray("roles");
        json.WriteStringValue("data");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void Numbers(Utf8JsonWriter json, string name, params ReadOnlySpan<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private void WriteProvenance(Stream stream, IReadOnlyList<string> scenes)
    {
        var text = new JsonObject
        {
            ["program"] = "curator cut",
            ["version"] = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            ["options"] = JsonSerializer.SerializeToNode(options),
            ["scenes"] = new JsonArray([.. scenes.Select(JsonNode? (scene) => new JsonObject
            {
                ["path"] = scene,
                ["tiles"] = _tiles.Count(tile => tile.Scene == scene),
                ["epsg"] = _tiles.Find(tile => tile.Scene == scene).Tile?.Place is { } place ? JsonSerializer.SerializeToNode(place.Epsg) : null,
            })]),
        };
        using var json = new Utf8JsonWriter(stream, s_pretty);
        text.WriteTo(json);
    }

    /// <summary>The GIBS downloader's schema, with width and height the right way round.</summary>
    private void WriteRecords()
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        var next = 0;
        for (var at = 0; at < _tiles.Count;)
        {
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}_tf-{next++:000}.tfrecord"));
            AtomicFile.Write(path, stream =>
            {
                using var kept = new KeepOpen(stream);
                using var writer = new TfRecordWriter(kept);
                for (long bytes = 0; at < _tiles.Count && bytes < ShardBytes; at++)
                {
                    var tile = _tiles[at].Tile;
                    var picture = File.ReadAllBytes(tile.Path);
                    bytes += picture.Length;
                    var (width, height) = SceneCutter.TileSize(options.Tile);
                    var example = new TfExample().Add("date", TileName.TryParse(tile.Path, out var date, out _) ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "").Add("image_raw", picture)
                        .Add("width", (long)width).Add("height", (long)height);
                    if (tile.Footprint is { } box)
                        example.Add("bottom_left_lat", (float)box.South).Add("bottom_left_long", (float)box.West).Add("top_right_lat", (float)box.North).Add("top_right_long", (float)box.East);
                    writer.Write(example.ToBytes());
                }
            });
        }
    }

    private string Relative(string path) => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>The record writer closes its stream; the file is still to be made durable.</summary>
    private sealed class KeepOpen(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);
    }
}
