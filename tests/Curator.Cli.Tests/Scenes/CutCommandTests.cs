using System.Text.Json;
using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Geography;

namespace Curator.Cli.Tests.Scenes;

/// <summary><c>cut</c> with real files, and what <c>add</c> makes of its outputs.</summary>
public sealed class CutCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static JsonElement Json(CommandLineRun run)
    {
        Assert.True(run.Output.Count(c => c == '\n') == 1, run.Output + run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>Of 96 × 64 pixels of a quarter of a degree, of which the left third was never seen.</summary>
    private string Scene(string name)
    {
        const int Width = 96, Height = 64;
        var form = new RasterForm(Width, Height, 3, 8, 1);
        var samples = new byte[Width * Height * 3];
        for (var i = 0; i < samples.Length; i++)
            if (i / 3 % Width >= 32)
                samples[i] = (byte)(1 + i * 37 % 250);
        File.WriteAllBytes(_folder[name], GeoTiffWriter.Encode(samples, form, new GeoReference(-10, 20, 0.25, -0.25, 4326), null));
        return _folder[name];
    }

    [Fact]
    public async Task Tiles_items_records_and_footprints_of_a_scene_are_written_once_and_added_with_their_places()
    {
        string[] line = ["cut", Scene("s_2020-09-27.tif"), "--output", _folder["out"], "--tile", "32", "--overlap", "0", "--max-nodata", "0.5", "--stac", "--tfrecords", "--json"];
        var first = Json(await CommandLineRun.OfAsync(line));
        Assert.Equal((4, 0), (first.GetProperty("written").GetInt32(), first.GetProperty("there").GetInt32())); // Two of three columns, two rows.
        var files = Directory.EnumerateFiles(_folder["out"], "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(_folder["out"], path), File.ReadAllBytes);
        Assert.Equal(4 + 4 + 3, files.Count);
        var again = Json(await CommandLineRun.OfAsync(line));
        Assert.Equal((0, 4), (again.GetProperty("written").GetInt32(), again.GetProperty("there").GetInt32()));
        Assert.All(files, file => Assert.Equal(file.Value, File.ReadAllBytes(_folder[Path.Combine("out", file.Key)])));

        using var footprints = JsonDocument.Parse(files["footprints.geojson"]);
        Assert.Equal(4, footprints.RootElement.GetProperty("features").GetArrayLength());
        using var provenance = JsonDocument.Parse(files["provenance.json"]);
        Assert.Equal((4, 4326), (provenance.RootElement.GetProperty("scenes")[0].GetProperty("tiles").GetInt32(), provenance.RootElement.GetProperty("scenes")[0].GetProperty("epsg").GetInt32()));
        using var item = JsonDocument.Parse(Assert.Single(files, file => file.Key.EndsWith(".json", StringComparison.Ordinal) && file.Key.Contains("2020-09-27_012.0000,-002.0000", StringComparison.Ordinal)).Value);
        Assert.Equal("2020-09-27T00:00:00Z", item.RootElement.GetProperty("properties").GetProperty("datetime").GetString());
        Assert.Equal([-2, 12, 6, 20], item.RootElement.GetProperty("bbox").EnumerateArray().Select(side => side.GetDouble()));

        var tiles = await AddedAsync("tiles", _folder["out/s_2020-09-27"]);
        var records = await AddedAsync("records", _folder["out/out_tf-000.tfrecord"]);
        Assert.Equal(4, tiles.Count);
        Assert.Contains(new BoundingBox(12, -2, 20, 6), tiles.Select(row => row.Footprint!.Value));
        Assert.Equal(Facts(tiles), Facts(records));

        static IEnumerable<(string, BoundingBox?, DateTimeOffset?, int, int)> Facts(IEnumerable<ImageRecord> rows) =>
            rows.OrderBy(row => row.Sha256, StringComparer.Ordinal).Select(row => (row.Sha256, row.Footprint, row.TakenAt, row.Width, row.Height));
    }

    [Fact]
    public async Task Originals_go_once_everything_about_their_tiles_is_written_and_bad_scenes_stay()
    {
        Directory.CreateDirectory(_folder["scenes"]);
        var good = Scene("scenes/a.tif");
        File.WriteAllBytes(_folder["scenes/b.tif"], File.ReadAllBytes(good).AsSpan(0, (int)new FileInfo(good).Length / 2));
        var run = await CommandLineRun.OfAsync("cut", _folder["scenes"], "--output", _folder["out"], "--tile", "32x64", "--overlap", "0", "--remove-originals", "--json");
        Assert.Equal(ExitCodes.DoneWithSkipped, run.ExitCode);
        Assert.Contains("b.tif", Assert.Single(Json(run).GetProperty("failed").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Equal([_folder["scenes/b.tif"]], Directory.EnumerateFiles(_folder["scenes"]));
        Assert.Equal(3, Directory.EnumerateFiles(_folder["out/a"]).Count());
        Assert.True(File.Exists(_folder["out/footprints.geojson"]));
    }

    [Theory]
    [InlineData("is '0x5', no size", "scene.tif", "--tile", "0x5")]
    [InlineData("is not there", "nowhere.tif")]
    [InlineData("Two scenes are named", "scene.tif", "copy/scene.tif")]
    [InlineData("no box", "scene.bmp", "--bbox=5,0,4,1")]
    public async Task What_cannot_be_done_is_said_before_anything_is_cut(string message, params string[] arguments)
    {
        Directory.CreateDirectory(_folder["copy"]);
        File.Copy(Scene("scene.tif"), _folder["copy/scene.tif"]);
        File.WriteAllBytes(_folder["scene.bmp"], TinyPictures.Bmp(40, 1));
        var run = await CommandLineRun.OfAsync(["cut", .. arguments.Select(argument => argument.StartsWith("--", StringComparison.Ordinal) || argument == "0x5" ? argument : _folder[argument]), "--output", _folder["out"]]);
        Assert.NotEqual(ExitCodes.Done, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    private async Task<List<ImageRecord>> AddedAsync(string project, string source)
    {
        Assert.Equal(ExitCodes.Done, (await CommandLineRun.OfAsync("init", _folder[project])).ExitCode);
        var run = await CommandLineRun.OfAsync("add", source, "--workspace", _folder[project]);
        Assert.True(run.ExitCode == ExitCodes.Done, run.Output + run.Error);
        await using var workspace = await Workspace.OpenAsync(_folder[project], TimeProvider.System, CancellationToken.None);
        using var manifest = workspace.OpenManifest(Assert.Single(await workspace.Catalog.GetPartitionsAsync(CancellationToken.None)));
        return [.. manifest.Read()];
    }
}
