using System.Text.Json;
using Curator.Core;
using Curator.Tests.StandIns;

namespace Curator.Cli.Tests.Downloads;

/// <summary><c>layers</c> and <c>download</c> against the stand-in.</summary>
public sealed class DownloadCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Task<CommandLineRun> RunAsync(GibsStandIn server, params string[] arguments) =>
        CommandLineRun.OfAsync([.. arguments, "--address", server.Address, "--cache", _folder["cache"], "--workspace", _folder["project"]]);

    private static JsonElement Json(CommandLineRun run)
    {
        Assert.True(run.Output.Count(c => c == '\n') == 1, run.Output + run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    [Fact]
    public async Task Layers_are_found_by_words_as_a_table_and_as_json_also_offline()
    {
        await using var server = await GibsStandIn.StartAsync();
        var run = await RunAsync(server, "layers", "DAILY", "true");
        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Contains(GibsStandIn.DailyJpeg, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(GibsStandIn.DailyPng, run.Output, StringComparison.Ordinal);
        await server.DisposeAsync();
        var json = Json(await RunAsync(server, "layers", "minutes", "--refresh", "--json"));
        var layer = Assert.Single(json.EnumerateArray());
        Assert.Equal((GibsStandIn.SubDaily, "1km", "2020-09-27T00:00:00Z", true),
            (layer.GetProperty("identifier").GetString(), layer.GetProperty("resolution").GetString(), layer.GetProperty("first").GetString(), layer.GetProperty("subDaily").GetBoolean()));
        Assert.Equal(ExitCodes.DoneWithSkipped, (await RunAsync(server, "layers", "no", "such", "words")).ExitCode);
    }

    [Fact]
    public async Task A_plan_says_how_much_and_fetches_nothing()
    {
        await using var server = await GibsStandIn.StartAsync();
        var plan = Json(await RunAsync(server, "download", GibsStandIn.DailyJpeg, "--from", "2020-09-26", "--to", "2020-09-30", "--bbox=0,0,30,30", "--size", "128,1000", "--plan", "--json"));
        var layer = plan.GetProperty("layers")[0];
        Assert.Equal(["2020-09-26", "2020-09-27", "2020-09-29", "2020-09-30"], layer.GetProperty("times").EnumerateArray().Select(time => time.GetString()));
        Assert.Equal(["128km", "1000km"], layer.GetProperty("cuts").EnumerateArray().Select(cut => cut.GetProperty("resolution").GetString()));
        Assert.True(plan.GetProperty("bytes").GetInt64() > 0);
        Assert.Equal(0, server.TileRequests);
        Assert.False(Directory.Exists(_folder["project/imagery"]));
    }

    [Fact]
    public async Task In_a_project_tiles_are_taken_in_with_product_resolution_period_date_and_place()
    {
        await using var server = await GibsStandIn.StartAsync();
        Assert.Equal(ExitCodes.Done, (await CommandLineRun.OfAsync("init", _folder["project"])).ExitCode);
        string[] line = ["download", GibsStandIn.DailyPng, "--from", "2020-09-30", "--to", "2020-10-01", "--bbox=10,10,40,60", "--resolution", "8km", "--tile", "256", "--json"];
        var run = await RunAsync(server, line);
        Assert.True(run.ExitCode == ExitCodes.Done, run.Error);
        var written = Json(run).GetProperty("report").GetProperty("written").GetInt64();
        Assert.Equal(written, Json(run).GetProperty("added").GetProperty("added").GetInt64());
        Assert.Equal(0, Json(await RunAsync(server, line)).GetProperty("added").GetProperty("added").GetInt64());
        await using var workspace = await Workspace.OpenAsync(_folder["project"], TimeProvider.System, CancellationToken.None);
        var partitions = await workspace.Catalog.GetPartitionsAsync(CancellationToken.None);
        Assert.Equal([$"{GibsStandIn.DailyPng}/8km/2020-09", $"{GibsStandIn.DailyPng}/8km/2020-10"], partitions.Select(partition => partition.Name));
        Assert.Equal(written, partitions.Sum(partition => partition.Rows));
        using var manifest = workspace.OpenManifest(partitions[1]);
        Assert.All(manifest.Read(), image =>
        {
            Assert.Equal(new DateTimeOffset(2020, 10, 1, 0, 0, 0, TimeSpan.Zero), image.TakenAt);
            Assert.InRange(image.Footprint!.Value.North - image.Footprint.Value.South, 17.9, 18.1);
        });
    }

    [Fact]
    public async Task Outside_a_project_add_knows_the_folder_later()
    {
        await using var server = await GibsStandIn.StartAsync();
        var run = await RunAsync(server, "download", GibsStandIn.DailyPng, "--from", "2020-09-30", "--bbox=10,10,40,60", "--resolution", "8km", "--out", _folder["tiles"]);
        Assert.True(run.ExitCode == ExitCodes.Done, run.Error);
        Assert.Contains("curator add", run.Error, StringComparison.Ordinal);
        await CommandLineRun.OfAsync("init", _folder["project"]);
        await CommandLineRun.OfAsync("add", _folder["tiles"], "--workspace", _folder["project"]);
        var status = await CommandLineRun.OfAsync("status", "--workspace", _folder["project"], "--json");
        Assert.Contains($"{GibsStandIn.DailyPng}/8km/2020-09", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_told_with_exit_code_1()
    {
        await using var server = await GibsStandIn.StartAsync();
        server.Faults = new GibsFaults(1, 1, (GibsFault.ShortBody, 1));
        var run = await RunAsync(server, "download", GibsStandIn.DailyJpeg, "--from", "2020-09-05", "--bbox=10,10,12,12", "--resolution", "64km", "--out", _folder["tiles"], "--tries", "2", "--pause", "1ms");
        Assert.Equal(ExitCodes.DoneWithSkipped, run.ExitCode);
        Assert.Contains("could not be fetched; the same command tries them again", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_lapse_alone_is_made_without_tiles()
    {
        await using var server = await GibsStandIn.StartAsync();
        var run = await RunAsync(
            server, "download", GibsStandIn.DailyJpeg, "--from", "2020-09-05", "--to", "2020-09-08", "--bbox=10,10,20,30", "--animate", _folder["film.webp"], "--no-tiles", "--frame-side", "64", "--burn-date", "--json");
        Assert.True(run.ExitCode == ExitCodes.Done, run.Error);
        Assert.Equal(4, Json(run).GetProperty("animation").GetProperty("frames").GetInt32());
        Assert.True(new FileInfo(_folder["film.webp"]).Length > 100);
        Assert.Equal(JsonValueKind.Null, Json(run).GetProperty("report").ValueKind);
    }
}
