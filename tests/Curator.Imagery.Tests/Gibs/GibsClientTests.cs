using Curator.Core.Images;
using Curator.Imagery.Gibs;
using Curator.Tests.StandIns;

namespace Curator.Imagery.Tests.Gibs;

/// <summary>Pictures of layers from the stand-in.</summary>
public sealed class GibsClientTests : IDisposable
{
    private static readonly CancellationToken Token = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    internal static GibsOptions Options(string address, string cache) => new()
    {
        Address = address, Cache = cache, Pause = TimeSpan.FromMilliseconds(2), Patience = TimeSpan.FromSeconds(60), Tries = 12, Bandwidth = 10_000,
    };

    private GibsClient Client(GibsStandIn server) => new(Options(server.Address, _folder["cache"]), TimeProvider.System);

    private static GibsTime Day(int day) => GibsTime.OfDay(new DateOnly(2020, 9, day));

    [Fact]
    public async Task A_box_is_one_picture_of_native_pixels()
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        // Level 3 of the exact layer: 0.0703125 degrees a pixel; the box is 300 × 200 pixels from (1000, 700) on.
        const double pixel = 0.0703125;
        var box = new BoundingBox(90 - 900 * pixel, -180 + 1000 * pixel, 90 - 700 * pixel, -180 + 1300 * pixel);
        var picture = await client.FetchPictureAsync(new GibsPictureRequest(GibsStandIn.DailyPng, box) { Time = Day(27), MaxSide = 300 }, Token);
        Assert.Equal((300, 200, box, "8km", 0, 2), (picture.Image.Width, picture.Image.Height, picture.Footprint, picture.Resolution, picture.MissingTiles, picture.Tiles));
        Expect(picture, 1000, 700, "2020-09-27");
    }

    [Fact]
    public async Task A_box_across_the_antimeridian_is_one_picture()
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        const double pixel = 0.28125; // level 1, whose grid hangs over the Earth: 1,280 pixels around it
        var picture = await client.FetchPictureAsync(
            new GibsPictureRequest(GibsStandIn.DailyPng, new BoundingBox(90 - 400 * pixel, 180 - 50 * pixel, 90 - 340 * pixel, -180 + 70 * pixel)) { Time = Day(1), MaxSide = 120 }, Token);
        Assert.Equal((120, 60), (picture.Image.Width, picture.Image.Height));
        Assert.True(picture.Footprint.CrossesAntimeridian);
        Expect(picture, 1230, 340, "2020-09-01", around: 1280);
    }

    [Theory]
    [InlineData(GibsProjection.Arctic, 80, 85)]
    [InlineData(GibsProjection.Antarctic, -85, -80)]
    public async Task Polar_grids_show_the_place(GibsProjection projection, double south, double north)
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        var picture = await client.FetchPictureAsync(
            new GibsPictureRequest(GibsStandIn.DailyPng, new BoundingBox(south, 10, north, 30)) { Time = Day(2), Projection = projection, MaxSide = 200 }, Token);
        var catalogue = await client.CatalogueAsync(projection, false, Token);
        var grid = catalogue.Find(GibsStandIn.DailyPng).Grid;
        var level = grid.Levels.First(one => grid.Window(one, GibsRegion.Of(new BoundingBox(south, 10, north, 30))) is { } w && Math.Max(w.Width, w.Height) >= 200);
        Assert.True(picture.Footprint.South <= south && picture.Footprint.North >= north);
        Assert.True(picture.Footprint.West <= 10 && picture.Footprint.East >= 30);
        Assert.Equal(grid.ResolutionName(level), picture.Resolution);
    }

    [Fact]
    public async Task A_finer_level_is_made_smaller()
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        var picture = await client.FetchPictureAsync(new GibsPictureRequest(GibsStandIn.DailyJpeg, new BoundingBox(10, 10, 20, 30)) { MaxSide = 100 }, Token);
        Assert.Equal((100, 50), (picture.Image.Width, picture.Image.Height));
        Assert.Equal("2020-10-31", picture.Time?.Text);
    }

    [Theory]
    [InlineData(GibsStandIn.EightDays, "2020-09-27", "2020-09-21")] // 2020-08-20 + 4 · 8 days
    [InlineData(GibsStandIn.SubDaily, "2020-09-27T13:47:00Z", "2020-09-27T13:40:00Z")]
    [InlineData(GibsStandIn.SubDaily, "2020-09-28", "2020-09-28T00:00:00Z")]
    [InlineData(GibsStandIn.Static, "2020-09-28", null)]
    public async Task The_time_of_the_layer_that_shows_what_was_asked_is_fetched(string layer, string asked, string? expected)
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        Assert.True(GibsTime.TryParse(asked, out var time));
        var picture = await client.FetchPictureAsync(new GibsPictureRequest(layer, new BoundingBox(10, 10, 20, 30)) { Time = time, MaxSide = 64 }, Token);
        Assert.Equal(expected, picture.Time?.Text);
        Assert.Equal(0, picture.MissingTiles);
    }

    [Fact]
    public async Task A_day_without_imagery_is_told()
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        var error = await Assert.ThrowsAsync<GibsException>(() => client.FetchPictureAsync(new GibsPictureRequest(GibsStandIn.DailyJpeg, new BoundingBox(10, 10, 20, 30)) { Time = Day(28) }, Token));
        Assert.Contains("2020-09-28", error.WhatHappened, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Domains_are_read_page_after_page()
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = Client(server);
        var layer = (await client.CatalogueAsync(GibsProjection.Geographic, false, Token)).Find(GibsStandIn.DailyJpeg);
        var times = await client.TimesAsync(layer, new DateOnly(2020, 9, 26), new DateOnly(2020, 9, 30), Token);
        Assert.Equal(["2020-09-26", "2020-09-27", "2020-09-29", "2020-09-30"], times.Select(time => time.Text));
    }

    [Fact]
    public async Task The_catalogue_and_fetched_pictures_are_there_without_the_network()
    {
        var request = new GibsPictureRequest(GibsStandIn.DailyPng, new BoundingBox(10, 10, 20, 30)) { Time = Day(3), MaxSide = 128 };
        GibsPicture first;
        await using (var server = await GibsStandIn.StartAsync())
        {
            using var client = Client(server);
            first = await client.FetchPictureAsync(request, Token);
            using var offline = new GibsClient(client.Options, TimeProvider.System);
            await server.DisposeAsync();
            var again = await offline.FetchPictureAsync(request, Token);
            Assert.True(first.Image.Rgb.Span.SequenceEqual(again.Image.Rgb.Span));
            Assert.Equal(5, (await offline.CatalogueAsync(GibsProjection.Geographic, true, Token)).Layers.Count);
            Assert.NotNull(offline.CatalogueFrom);
        }
        using var never = new GibsClient(Options("http://127.0.0.1:9", _folder["empty"]), TimeProvider.System);
        await Assert.ThrowsAsync<GibsException>(() => never.CatalogueAsync(GibsProjection.Geographic, false, Token));
    }

    [Fact]
    public async Task A_spoilt_tile_is_fetched_anew()
    {
        await using var server = await GibsStandIn.StartAsync();
        var request = new GibsPictureRequest(GibsStandIn.DailyPng, new BoundingBox(10, 10, 12, 12)) { Time = Day(3), MaxSide = 16 };
        GibsPicture first;
        using (var client = Client(server)) first = await client.FetchPictureAsync(request, Token);
        var spoilt = Directory.EnumerateFiles(_folder["cache"], "*", SearchOption.AllDirectories).Where(path => path.Contains("/objects/", StringComparison.Ordinal)).ToList();
        foreach (var path in spoilt)
        {
            var bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 0x55;
            File.WriteAllBytes(path, bytes);
        }
        Assert.NotEmpty(spoilt);
        var before = server.TileRequests;
        using var again = Client(server);
        var second = await again.FetchPictureAsync(request, Token);
        Assert.True(first.Image.Rgb.Span.SequenceEqual(second.Image.Rgb.Span));
        Assert.Equal(before + spoilt.Count, server.TileRequests);
    }

    [Theory]
    [InlineData(nameof(GibsFault.Blank))]
    [InlineData(nameof(GibsFault.XmlWithOk))]
    [InlineData(nameof(GibsFault.XmlWithBadRequest))]
    [InlineData(nameof(GibsFault.NotFound))]
    [InlineData(nameof(GibsFault.Busy))]
    [InlineData(nameof(GibsFault.ErrorBurst))]
    [InlineData(nameof(GibsFault.Stall))]
    [InlineData(nameof(GibsFault.Reset))]
    [InlineData(nameof(GibsFault.ShortBody))]
    [InlineData(nameof(GibsFault.BrokenLength))]
    [InlineData(nameof(GibsFault.OtherTime))]
    public async Task Whatever_the_server_does_wrong_the_picture_is_right(string name)
    {
        var fault = Enum.Parse<GibsFault>(name);
        await using var server = await GibsStandIn.StartAsync();
        // A burst of errors is longer than the patience with one tile; the next run has what this one lacked.
        server.Faults = new GibsFaults(3, fault is GibsFault.Stall or GibsFault.Busy ? 0.05 : fault == GibsFault.ErrorBurst ? 0.02 : 0.15, (fault, 1));
        var options = Options(server.Address, _folder["cache"]);
        using var client = new GibsClient(fault == GibsFault.Stall ? options with { Patience = TimeSpan.FromSeconds(1) } : options, TimeProvider.System);
        var request = new GibsPictureRequest(GibsStandIn.DailyPng, new BoundingBox(-45, -180, 45, 0)) { Time = Day(4), MaxSide = 2560 }; // level 4: 2,560 × 1,280 pixels
        var picture = await client.FetchPictureAsync(request, Token);
        Assert.Equal((2560, 1280, 15, 0), (picture.Image.Width, picture.Image.Height, picture.Tiles, picture.MissingTiles));
        Expect(picture, 0, 640, "2020-09-04");
        if (fault is not (GibsFault.Stall or GibsFault.Busy or GibsFault.ErrorBurst)) Assert.True(server.Faults.Counts[fault] > 0);
        // With little patience a slow machine is asked twice.
        if (fault != GibsFault.Stall) Assert.All(server.GoodAnswers, answer => Assert.Equal(1, answer.Value));
    }

    private static void Expect(GibsPicture picture, int x0, int y0, string time, int around = int.MaxValue)
    {
        var rgb = picture.Image.Rgb.Span;
        for (var y = 0; y < picture.Image.Height; y++)
            for (var x = 0; x < picture.Image.Width; x++)
            {
                var at = 3 * (y * picture.Image.Width + x);
                if (GibsImagery.ColourAt((x0 + x) % around, y0 + y, time) != (rgb[at], rgb[at + 1], rgb[at + 2])) Assert.Fail($"pixel ({x}, {y}) is of another place or time");
            }
    }
}
