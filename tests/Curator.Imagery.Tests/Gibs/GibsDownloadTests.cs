using Curator.Core;
using Curator.Imagery.Decoding;
using Curator.Imagery.Gibs;
using Curator.Imagery.Scenes;
using Curator.Tests.StandIns;

namespace Curator.Imagery.Tests.Gibs;

/// <summary>Downloads from the stand-in: plan, tiles, resume, verification.</summary>
public sealed class GibsDownloadTests : IDisposable
{
    private static readonly CancellationToken Token = CancellationToken.None;
    private static readonly DateOnly Day = new(2020, 9, 5);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private GibsClient Client(GibsStandIn server) => new(GibsClientTests.Options(server.Address, _folder["cache"]), TimeProvider.System);

    private async Task<DownloadReport> RunAsync(GibsStandIn server, DownloadOptions options, string layer = GibsStandIn.DailyPng)
    {
        using var client = Client(server);
        return await GibsDownload.RunAsync(client, await GibsPlanner.PlanAsync(client, [layer], options, Token), _folder["out"], null, Token);
    }

    private List<string> Tiles() =>
        [.. Directory.EnumerateFiles(_folder["out"], "*_*,*", SearchOption.AllDirectories).Where(path => path.EndsWith(".png", StringComparison.Ordinal) || path.EndsWith(".jpg", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task The_servers_own_tiles_come_byte_for_byte()
    {
        await using var server = await GibsStandIn.StartAsync();
        var report = await RunAsync(server, new DownloadOptions { From = Day, Bbox = "10,10,40,60", Resolution = "4km" }, GibsStandIn.DailyJpeg);
        Assert.True(report.IsComplete);
        Assert.Equal(report.SourceTiles, report.Written);
        Assert.Equal((report.SourceTiles, report.SourceTiles), (report.Fetched, report.Requests));
        var expected = server.GoodAnswers.Keys.Select(path => Convert.ToHexString(server.Expected(path))).Order().ToList();
        Assert.Equal(expected, Tiles().Select(path => Convert.ToHexString(File.ReadAllBytes(path))).Order());
        Assert.All(Tiles(), path =>
        {
            Assert.True(TileName.TryParse(path, out var date, out var box));
            Assert.Equal(Day, date);
            Assert.Equal(512 * 0.03515625, box.North - box.South, 3);
        });
    }

    [Theory]
    [InlineData(nameof(TileBoundary.Shift))]
    [InlineData(nameof(TileBoundary.Pad))]
    [InlineData(nameof(TileBoundary.Discard))]
    public async Task Tiles_of_our_own_are_cut_at_native_pixels_across_the_servers_and_the_antimeridian(string boundary)
    {
        await using var server = await GibsStandIn.StartAsync();
        const double pixel = 0.0703125; // level 3, 5,120 pixels around the Earth
        var options = new DownloadOptions
        {
            From = Day, To = Day.AddDays(1), Resolution = "8km", Tile = "200x150", Overlap = 0.5, Boundary = Enum.Parse<TileBoundary>(boundary),
            Bbox = FormattableString.Invariant($"{90 - 1200 * pixel},{180 - 300 * pixel},{90 - 700 * pixel},{-180 + 333 * pixel}"),
        };
        var report = await RunAsync(server, options);
        Assert.True(report.IsComplete);
        var columns = TilePlan.Starts(633, 200, 0.5, options.Boundary);
        var rows = TilePlan.Starts(500, 150, 0.5, options.Boundary);
        var tiles = Tiles();
        Assert.Equal(2 * columns.Count * rows.Count, tiles.Count);
        var decoder = new ImageDecoder();
        foreach (var path in tiles)
        {
            Assert.True(TileName.TryParse(path, out var date, out var box));
            var (x0, y0) = ((int)Math.Round((box.West + 180) / pixel), (int)Math.Round((90 - box.North) / pixel));
            var image = decoder.DecodeFile(path, DecodeOptions.Default).Image!;
            Assert.Equal((200, 150), (image.Width, image.Height));
            var (width, height) = ((int)Math.Round(((box.CrossesAntimeridian ? 360 : 0) + box.East - box.West) / pixel), (int)Math.Round((box.North - box.South) / pixel));
            var rgb = image.Pixels.Span;
            for (var y = 0; y < 150; y++)
                for (var x = 0; x < 200; x++)
                {
                    var at = 3 * (y * 200 + x);
                    var expected = x < width && y < height ? GibsImagery.ColourAt((x0 + x) % 5120, y0 + y, $"{date:yyyy-MM-dd}") : ((byte)0, (byte)0, (byte)0);
                    if (expected != (rgb[at], rgb[at + 1], rgb[at + 2])) Assert.Fail($"{Path.GetFileName(path)}: pixel ({x}, {y})");
                }
        }
    }

    [Fact]
    public async Task Sizes_on_the_ground_make_a_set_of_tiles_each_at_the_level_that_suits()
    {
        await using var server = await GibsStandIn.StartAsync();
        var report = await RunAsync(server, new DownloadOptions { From = Day, Bbox = "0,0,30,30", Size = "500,1000", Tile = "128" });
        Assert.Equal(["1000km", "500km"], report.Partitions.Select(partition => partition.Resolution).Order(StringComparer.Ordinal));
        // 2km layer: 500 km are 256 pixels of level 5 and 128 of level 4; the coarsest that has 128.
        foreach (var (resolution, kilometres) in new[] { ("500km", 500), ("1000km", 1000) })
        {
            var partition = report.Partitions.Single(one => one.Resolution == resolution);
            Assert.Equal("2020-09", partition.Period);
            var tiles = Directory.EnumerateFiles(partition.Folder, "*.png", SearchOption.AllDirectories).ToList();
            Assert.Equal(partition.Tiles, tiles.Count);
            Assert.All(tiles, path =>
            {
                Assert.True(TileName.TryParse(path, out _, out var box));
                Assert.Equal(kilometres, (box.North - box.South) * 111.319, 0.02 * kilometres);
            });
            var image = new ImageDecoder().DecodeFile(tiles[0], DecodeOptions.Default).Image!;
            Assert.InRange(image.Width, 128, 255);
        }
    }

    [Fact]
    public async Task A_polygon_takes_only_the_tiles_that_it_overlaps()
    {
        await using var server = await GibsStandIn.StartAsync();
        File.WriteAllText(_folder["triangle.geojson"], """{"type":"Polygon","coordinates":[[[0,0],[36,0],[0,36],[0,0]]]}""");
        var report = await RunAsync(server, new DownloadOptions { From = Day, Region = _folder["triangle.geojson"], Resolution = "8km", Tile = "64" });
        // 512 pixels are 36 degrees: eight by eight tiles, of which those on one side of the diagonal remain.
        Assert.Equal(36, report.Written);
    }

    [Theory]
    [InlineData(GibsProjection.Arctic, "60,-60,75,-30")]
    [InlineData(GibsProjection.Antarctic, "-90,-180,-80,180")]
    public async Task Polar_tiles_know_their_place(GibsProjection projection, string box)
    {
        await using var server = await GibsStandIn.StartAsync();
        var report = await RunAsync(server, new DownloadOptions { From = Day, Bbox = box, Projection = projection, Resolution = "8km", Tile = "100", Overlap = 0.5 });
        Assert.True(report.IsComplete && report.Written > 3);
        var region = GibsRegion.Of(GibsPlanner.Box(box));
        var files = Tiles();
        Assert.Equal(report.Written, files.Count);
        Assert.All(files, path =>
        {
            Assert.True(TileName.TryParse(path, out _, out var footprint));
            Assert.True(footprint.Intersects(region.Bounds), Path.GetFileName(path));
        });
        // Pixels: the tile's folder says where it lies on the level.
        var decoder = new ImageDecoder();
        foreach (var path in files)
        {
            var place = Path.GetFileName(Path.GetDirectoryName(path)!)[1..].Split('y');
            var rgb = decoder.DecodeFile(path, DecodeOptions.Default).Image!.Pixels.Span;
            Assert.Equal(GibsImagery.ColourAt(int.Parse(place[0]), int.Parse(place[1]), "2020-09-05"), (rgb[0], rgb[1], rgb[2]));
        }
    }

    [Fact]
    public async Task Times_of_day_and_layers_without_times_are_downloaded_too()
    {
        await using var server = await GibsStandIn.StartAsync();
        var report = await RunAsync(server, new DownloadOptions { From = new(2020, 9, 27), Every = TimeSpan.FromHours(8), Bbox = "10,10,12,12", Resolution = "64km" }, GibsStandIn.SubDaily);
        Assert.Equal(3, report.Written);
        Assert.Equal(["2020-09-27T000000Z", "2020-09-27T080000Z", "2020-09-27T160000Z"], Tiles().Select(path => Path.GetFileName(path).Split('_')[0]));
        var relief = await RunAsync(server, new DownloadOptions { Bbox = "10,10,12,12", Resolution = "64km" }, GibsStandIn.Static);
        Assert.Equal((1, "all"), (relief.Written, relief.Partitions.Single().Period));
    }

    [Fact]
    public async Task Coarse_levels_that_hang_over_the_earth_are_cut_at_its_edge()
    {
        await using var server = await GibsStandIn.StartAsync();
        var report = await RunAsync(server, new DownloadOptions { From = Day, Bbox = "-90,-180,90,180", Resolution = "64km" });
        Assert.Equal(2, report.Written);
        var decoder = new ImageDecoder();
        Assert.Equal([(128, 320), (512, 320)], Tiles().Select(path => decoder.DecodeFile(path, DecodeOptions.Default).Image!).Select(image => (image.Width, image.Height)).Order());
    }

    [Fact]
    public async Task Running_it_again_fetches_nothing_and_verify_mends_what_was_spoilt()
    {
        await using var server = await GibsStandIn.StartAsync();
        var options = new DownloadOptions { From = Day, Bbox = "10,10,40,60", Resolution = "8km", Tile = "128" };
        var first = await RunAsync(server, options);
        var requests = server.TileRequests;
        var again = await RunAsync(server, options);
        Assert.Equal((0, 0, first.Written), (again.Requests, again.Written, again.WrittenBefore));
        Assert.Equal(requests, server.TileRequests);
        // A tile deleted, a tile changed (same size), and a fetched picture changed.
        var tiles = Tiles();
        File.Delete(tiles[0]);
        Flip(tiles[1]);
        var whole = File.ReadAllBytes(tiles[2]);
        var kept = Directory.EnumerateFiles(_folder["cache"], "*", SearchOption.AllDirectories).Where(path => path.Contains("/objects/", StringComparison.Ordinal)).ToList();
        foreach (var path in kept) Flip(path);
        var verified = await RunAsync(server, options with { Verify = true });
        Assert.True(verified.IsComplete);
        Assert.Equal((kept.Count, 2), (verified.Requests, verified.Written));
        Assert.Equal(tiles, Tiles());
        Assert.Equal(whole, File.ReadAllBytes(tiles[2]));
        Assert.Equal(0, (await RunAsync(server, options with { Verify = true })).Requests);
        // Spoilt between fetching and cutting: found by its hash when it is read.
        foreach (var path in kept) Flip(path);
        Directory.Delete(_folder["out"], recursive: true);
        var mended = await RunAsync(server, options);
        Assert.Equal((true, first.Written, kept.Count), (mended.IsComplete, mended.Written, (int)mended.Requests));
    }

    [Fact]
    public async Task Empty_tiles_are_believed_when_said_three_times_and_left_out()
    {
        await using var server = await GibsStandIn.StartAsync(isEmpty: request => request.Row % 2 == 0);
        var options = new DownloadOptions { From = Day, Bbox = "-80,0,80,36", Resolution = "8km" };
        var report = await RunAsync(server, options);
        Assert.True(report.IsComplete);
        Assert.Equal(report.SourceTiles, report.Written + report.LeftOut);
        Assert.Equal(report.LeftOut, report.Blank);
        Assert.Equal(report.Written + 3 * report.Blank, report.Requests);
        Assert.Equal(0, (await RunAsync(server, options)).Requests);
        Assert.Equal(3 * report.Blank, (await RunAsync(server, options with { AskAgain = true })).Requests);
        Assert.Equal(report.LeftOut, (await RunAsync(server, options with { MaxNodata = 1 })).Written - report.Written);
    }

    [Fact]
    public async Task What_failed_is_missing_and_the_next_run_has_it()
    {
        await using var server = await GibsStandIn.StartAsync();
        server.Faults = new GibsFaults(1, 1, (GibsFault.XmlWithOk, 1));
        var options = new DownloadOptions { From = Day, Bbox = "10,10,20,20", Resolution = "8km" };
        using (var client = new GibsClient(GibsClientTests.Options(server.Address, _folder["cache"]) with { Tries = 2 }, TimeProvider.System))
        {
            var report = await GibsDownload.RunAsync(client, await GibsPlanner.PlanAsync(client, [GibsStandIn.DailyPng], options, Token), _folder["out"], null, Token);
            Assert.Equal((false, report.SourceTiles, report.SourceTiles, 0), (report.IsComplete, report.Failed, report.Incomplete, report.Written));
            Assert.All(report.Examples, example => Assert.Contains("Error accessing the archive", example, StringComparison.Ordinal));
        }
        server.Faults = GibsFaults.None;
        Assert.True((await RunAsync(server, options)).IsComplete);
    }

    [Fact]
    public async Task A_picture_that_only_comes_with_another_time_is_never_taken()
    {
        await using var server = await GibsStandIn.StartAsync();
        server.Faults = new GibsFaults(1, 1, (GibsFault.OtherTime, 1));
        var report = await RunAsync(server, new DownloadOptions { From = Day, Bbox = "10,10,20,20", Resolution = "8km" });
        Assert.Equal((report.SourceTiles, report.SourceTiles, 0), (report.OtherTime, report.Incomplete, report.Written));
        Assert.All(report.Examples, example => Assert.Contains("2001-01-01", example, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receipt_tells_what_the_folder_holds()
    {
        await using var server = await GibsStandIn.StartAsync();
        await RunAsync(server, new DownloadOptions { From = new(2020, 9, 30), To = new(2020, 10, 1), Bbox = "10,10,20,20", Resolution = "8km" });
        var found = DownloadFolder.Find(_folder["out"]);
        Assert.Equal([(GibsStandIn.DailyPng, "8km", "2020-09"), (GibsStandIn.DailyPng, "8km", "2020-10")], found.Select(one => (one.Receipt.Product, one.Receipt.Resolution, one.Receipt.Period)));
        Assert.Equal(["2020-10-01"], found[1].Receipt.Times);
        Assert.Equal(found[0].Folder, DownloadFolder.Find(found[0].Folder).Single().Folder);
        Assert.Equal(2, DownloadFolder.Find(_folder["out/" + GibsStandIn.DailyPng]).Count);
        Assert.Empty(DownloadFolder.Find(_folder.FullPath));
        Assert.Empty(DownloadFolder.Find(Path.GetTempPath()));
    }

    [Fact]
    public async Task Two_downloads_do_not_write_to_one_folder()
    {
        await using var server = await GibsStandIn.StartAsync();
        var inside = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        server.BeforeTile = async _ =>
        {
            inside.TrySetResult();
            await go.Task;
        };
        var options = new DownloadOptions { From = Day, Bbox = "10,10,20,20", Resolution = "8km" };
        var first = RunAsync(server, options);
        await inside.Task;
        await Assert.ThrowsAsync<GibsException>(() => RunAsync(server, options));
        go.SetResult();
        Assert.True((await first).IsComplete);
    }

    [Theory]
    [InlineData("no region", null, null, "2020-09-05", null)]
    [InlineData("no day", "10,10,20,20", null, null, null)]
    [InlineData("box upside down", "20,10,10,20", null, "2020-09-05", null)]
    [InlineData("no such size", "10,10,20,20", "12 yards", "2020-09-05", null)]
    [InlineData("no such tile", "10,10,20,20", null, "2020-09-05", "8x")]
    [InlineData("a day too late", "10,10,20,20", null, "2021-09-05", null)]
    public async Task What_cannot_be_done_is_said_before_anything_is_fetched(string why, string? box, string? resolution, string? from, string? tile)
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        var options = new DownloadOptions { Bbox = box, Resolution = resolution, From = from is null ? null : DateOnly.Parse(from), Tile = tile };
        var error = await Assert.ThrowsAnyAsync<CuratorException>(() => GibsPlanner.PlanAsync(client, [GibsStandIn.DailyPng], options, Token));
        Assert.True(error.NextStep.Length > 10, why);
        Assert.Equal(0, server.TileRequests);
    }

    [Fact]
    public async Task More_than_a_million_tiles_need_to_be_announced()
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        var options = new DownloadOptions { From = new(2020, 9, 1), To = new(2020, 9, 25), Bbox = "-90,-180,90,180" };
        var error = await Assert.ThrowsAsync<GibsException>(() => GibsPlanner.PlanAsync(client, [GibsStandIn.DailyJpeg], options, Token));
        Assert.Contains("1,280,000", error.WhatHappened, StringComparison.Ordinal);
        var plan = await GibsPlanner.PlanAsync(client, [GibsStandIn.DailyJpeg], options with { Coordinated = true }, Token);
        Assert.Equal((1_280_000, 1_280_000), (plan.SourceTiles, plan.Tiles));
        Assert.InRange(plan.Duration.TotalHours, 0.001, 100);
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x5A;
        File.WriteAllBytes(path, bytes);
    }
}
