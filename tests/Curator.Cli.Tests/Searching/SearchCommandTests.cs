using System.Text.Json;

namespace Curator.Cli.Tests.Searching;

public sealed class SearchCommandTests(EmbeddedProject project) : IClassFixture<EmbeddedProject>
{
    [Fact]
    public async Task A_picture_finds_itself_first_and_hits_tell_what_is_known()
    {
        var hits = await HitsAsync(project.PictureAt(4), "-k", "5");
        Assert.Equal(5, hits.Count);
        Assert.Equal(project.PictureAt(4), hits[0].GetProperty("path").GetString());
        Assert.Equal(0, hits[0].GetProperty("distance").GetDouble(), 0.001);
        Assert.Equal("pictures", hits[0].GetProperty("product").GetString());
        Assert.Equal("2020-01-05T00:00:00+00:00", hits[0].GetProperty("takenAt").GetString());
        Assert.Equal(174, hits[0].GetProperty("footprint").GetProperty("west").GetDouble());
        Assert.False(hits[0].TryGetProperty("query", out _));
        var id = hits[0].GetProperty("id").GetString()!;
        Assert.Equal(hits.Select(Path), (await HitsAsync(id, "-k", "5")).Select(Path));
        Assert.Equal(hits.Select(Path), (await HitsAsync(id, "-k", "5", "--exact")).Select(Path));
        Assert.NotEqual(hits.Select(Path), (await HitsAsync(id, "-k", "5", "--not", hits[1].GetProperty("id").GetString()!)).Select(Path));
    }

    [Theory]
    [InlineData("--from 2020-01-03 --to 2020-01-05", new[] { 2, 3, 4 })]
    [InlineData("--from 2020-01-03T00:00Z --to 2020-01-05T00:00Z", new[] { 2, 3 })]
    [InlineData("--bbox 0,170,20,170.5", new[] { 0 })]
    [InlineData("--bbox 11,179.5,11,-179.5", new[] { 8, 9, 10 })]
    [InlineData("--bbox=11,-175,11,-174", new[] { 13, 14, 15, 16 })]
    [InlineData("--label class=a --to 2020-01-03", new[] { 0, 2 })]
    [InlineData("--label class!=a --to 2020-01-04", new[] { 1, 3 })]
    [InlineData("--label !class", new int[0])]
    [InlineData("--where folder=b --where file~2020-01-1", new[] { 9, 11, 13, 15, 17 })]
    [InlineData("--where width<32", new int[0])]
    [InlineData("--product other", new int[0])]
    [InlineData("--product PICTURES,other --resolution native --period all --to 2020-01-01", new[] { 0 })]
    public async Task Filters_leave_what_they_say(string flags, int[] expected)
    {
        var hits = await HitsAsync([project.PictureAt(4), "-k", "50", .. flags.Split(' ')]);
        Assert.Equal(expected.Select(project.PictureAt).Order(StringComparer.Ordinal), hits.Select(Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_hit_a_place_and_a_radius_leave_fewer()
    {
        // Neighbours share a third of their union, so of any two side by side one goes.
        var places = (await HitsAsync(project.PictureAt(0), "-k", "50", "--suppress-overlap")).Select(Number).Order().ToArray();
        Assert.InRange(places.Length, 7, 10);
        Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 2, string.Join(' ', places)));
        Assert.Equal(EmbeddedProject.Count, (await HitsAsync(project.PictureAt(0), "-k", "50", "--suppress-overlap", "0.4")).Count);
        Assert.Single(await HitsAsync(project.PictureAt(0), "-k", "50", "--distinct", "2"));
        var all = await HitsAsync(project.PictureAt(0), "-k", "50");
        var fifth = all[4].GetProperty("distance").GetDouble();
        Assert.Equal(5, (await HitsAsync(project.PictureAt(0), "-k", "50", "--within", fifth.ToString("R", System.Globalization.CultureInfo.InvariantCulture))).Count);

        int Number(JsonElement hit) => Enumerable.Range(0, EmbeddedProject.Count).Single(i => project.PictureAt(i) == Path(hit));
    }

    [Fact]
    public async Task Csv_and_GeoJSON_carry_the_hits()
    {
        var csv = await project.RunAsync("search", project.PictureAt(9), "-k", "3", "--format", "csv", "--encoder", "statistics");
        Assert.Equal(ExitCodes.Done, csv.ExitCode);
        var lines = csv.Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.Equal("query,rank,image,distance,path,product,resolution,period,taken_at,south,west,north,east", lines[0]);
        Assert.Equal(4, lines.Length);
        Assert.StartsWith(",1,1-", lines[1], StringComparison.Ordinal);
        Assert.EndsWith($"\"{project.PictureAt(9)}\",pictures,native,all,2020-01-10T00:00:00Z,10,179,12,-179", lines[1], StringComparison.Ordinal);

        var file = project["hits.geojson"];
        Assert.Equal(ExitCodes.Done, (await project.RunAsync("search", project.PictureAt(9), "-k", "20", "--out", file, "--encoder", "statistics")).ExitCode);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        Assert.Equal("FeatureCollection", json.RootElement.GetProperty("type").GetString());
        var features = json.RootElement.GetProperty("features").EnumerateArray().ToList();
        Assert.Equal(20, features.Count);
        // The first lies across the antimeridian and is cut in two there.
        Assert.Equal("MultiPolygon", features[0].GetProperty("geometry").GetProperty("type").GetString());
        Assert.Equal(
            "[[[[179,10],[180,10],[180,12],[179,12],[179,10]]],[[[-180,10],[-179,10],[-179,12],[-180,12],[-180,10]]]]",
            features[0].GetProperty("geometry").GetProperty("coordinates").GetRawText());
        Assert.Equal(19, features.Count(feature => feature.GetProperty("geometry").GetProperty("type").GetString() == "Polygon"));
        Assert.Equal(1, features[0].GetProperty("properties").GetProperty("rank").GetInt32());
    }

    [Fact]
    public async Task A_batch_leaves_out_what_cannot_be_read_and_says_so()
    {
        var list = project["pictures/list.txt"];
        await File.WriteAllLinesAsync(list, ["# examples", project.PictureAt(1), "", "a/absent.bmp", "1-5", System.IO.Path.GetRelativePath(project["pictures"], project.PictureAt(3))]);
        var run = await project.RunAsync("search", "--batch", list, "-k", "2", "--json", "--sheet", project["sheets/hits.png"], "--encoder", "statistics");
        Assert.Equal(ExitCodes.DoneWithSkipped, run.ExitCode);
        Assert.Contains("absent.bmp", run.Error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(run.Output);
        var hits = json.RootElement.EnumerateArray().ToList();
        Assert.Equal(6, hits.Count);
        Assert.Equal(project.PictureAt(1), hits[0].GetProperty("query").GetString());
        Assert.Equal(project.PictureAt(1), Path(hits[0]));
        Assert.Equal("1-5", hits[2].GetProperty("id").GetString());
        Assert.Equal(project.PictureAt(3), Path(hits[4]));
        Assert.Equal(["hits-0001.png", "hits-0003.png", "hits-0004.png"], Directory.GetFiles(project["sheets"]).Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("npy")]
    [InlineData("csv")]
    [InlineData("parquet")]
    public async Task Embeddings_go_out_and_come_back_as_an_encoder_that_is_searched(string kind)
    {
        var file = project[$"ours.{kind}"];
        Assert.Equal(ExitCodes.Done, (await project.RunAsync("embeddings", "export", file, "--encoder", "statistics")).ExitCode);
        var import = await project.RunAsync("embeddings", "import", file, "--name", "outside-" + kind);
        Assert.True(import.ExitCode == ExitCodes.Done, import.Error);
        Assert.Equal(
            (await HitsAsync("1-7", "--encoder", "statistics")).Select(Path), (await HitsAsync("1-7", "--encoder", "outside-" + kind)).Select(Path));
        Assert.Contains("imported", (await project.RunAsync("encoders", "list")).Output, StringComparison.Ordinal);
        var picture = await project.RunAsync("search", project.PictureAt(1), "--encoder", "outside-" + kind);
        Assert.Equal(ExitCodes.CouldNot, picture.ExitCode);
        Assert.Contains("--embedding FILE", picture.Error, StringComparison.Ordinal);
        if (kind == "npy")
        {
            var run = await project.RunAsync("search", "--batch", file, "-k", "1", "--encoder", "statistics", "--json");
            using var json = JsonDocument.Parse(run.Output);
            Assert.Equal(Enumerable.Range(0, EmbeddedProject.Count).Select(i => $"1-{i}"), json.RootElement.EnumerateArray().Select(hit => hit.GetProperty("id").GetString()));
        }
    }

    [Theory]
    [InlineData("", "nothing to search with")]
    [InlineData("1-1 --batch list.txt", "--batch")]
    [InlineData("1-1 --from yesterday --bbox 1,2,3 --label = --where depth<3 --suppress-overlap 7 -k 0", "'yesterday'|'1,2,3'|'='|--suppress-overlap is 7|--count is 0")]
    [InlineData("1-1 --where depth<3", "'depth'")]
    [InlineData("1-1 --from 2021-01-01 --to 2020-01-01", "not before")]
    [InlineData("1-99999", "no picture 1-99999")]
    [InlineData("1-1 --label nothing=yes", "'nothing'")]
    [InlineData("1-1 --encoder nothing", "'nothing'")]
    public async Task Wrong_flags_are_all_named(string flags, string problems)
    {
        var run = await project.RunAsync(["search", .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(ExitCodes.CouldNot, run.ExitCode);
        Assert.All(problems.Split('|'), problem => Assert.Contains(problem, run.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("bug in Curator", run.Error, StringComparison.Ordinal);
    }

    private async Task<List<JsonElement>> HitsAsync(params string[] args)
    {
        var encoder = args.Contains("--encoder") ? Array.Empty<string>() : ["--encoder", "statistics"];
        var run = await project.RunAsync(["search", .. args, .. encoder, "--json"]);
        Assert.True(run.ExitCode == ExitCodes.Done, run.Error);
        return [.. JsonDocument.Parse(run.Output).RootElement.EnumerateArray()];
    }

    private static string Path(JsonElement hit) => hit.GetProperty("path").GetString()!;
}
