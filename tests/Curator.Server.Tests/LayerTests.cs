using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Imagery;
using Curator.Imagery.Gaps;
using Curator.Imagery.Gibs;
using Curator.Imagery.Thumbnails;
using Curator.Server.Errors;
using Curator.Server.Layers;
using Curator.Server.Search;
using Curator.Server.Security;
using Curator.Server.Tests.Support;
using Curator.Tests.StandIns;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Curator.Server.Tests;

/// <summary>Searching by a part of a layer: fetched from the stand-in of the imagery server, cut, filled, embedded.</summary>
public sealed class LayerTests : IDisposable
{
    private const string Day = "2020-09-27";

    /// <summary>Level 3 of the exact layer; its tiles are 36 degrees wide, and the part is one of them.</summary>
    private const double Pixel = 0.0703125;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_part_is_embedded_as_the_same_pixels_sent_as_a_picture()
    {
        await using var imagery = await GibsStandIn.StartAsync();
        await using var site = await SearchSite.StartAsync(gibs: Options(imagery.Address));
        using var client = await site.ExtensionAsync(Role.Labeler);
        var answer = await SearchSite.AnswerAsync(await client.PostAsJsonAsync("/api/search", ByPart(Part(x: 1024))));
        var sent = await SearchSite.AnswerAsync(await client.SendPictureAsync(new Thumbnailer().Png(new RgbImage(512, 512, Pixels(1024)), 512)));
        Assert.Equal(Embedding(sent), Embedding(answer));
        Assert.NotEmpty(answer.GetProperty("hits").EnumerateArray());
        Assert.Equal(
            sent.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("imageId").GetString()).Take(5),
            answer.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("imageId").GetString()).Take(5));
        // What was fetched goes on by its embedding, together with marked pictures.
        var refined = await client.PostAsJsonAsync("/api/search", new { positives = new object[] { new { embedding = Embedding(answer) }, new { image = "1-3" } } });
        Assert.Equal("1-3", (await SearchSite.HitsAsync(refined))[0].GetProperty("imageId").GetString());
    }

    [Fact]
    public async Task Gaps_are_filled_before_it_is_embedded()
    {
        await using var imagery = await GibsStandIn.StartAsync(isEmpty: tile => tile is { Level: 3, Column: 3 });
        await using var site = await SearchSite.StartAsync(gibs: Options(imagery.Address));
        using var client = await site.SignInAsync(Role.Labeler);
        var answer = await SearchSite.AnswerAsync(await client.PostAsJsonAsync("/api/search", ByPart(Part(x: 1280))));
        var (rgb, mask) = (Pixels(1280), new byte[512 * 512]);
        for (var pixel = 0; pixel < mask.Length; pixel++)
        {
            if (pixel % 512 < 256) continue;
            mask[pixel] = 1;
            rgb.AsSpan(3 * pixel, 3).Clear();
        }
        GapFill.Apply(GapFillMethod.Smooth, rgb, 512, 512, mask, 7);
        var filled = await SearchSite.AnswerAsync(await client.SendPictureAsync(new Thumbnailer().Png(new RgbImage(512, 512, rgb), 512)));
        Assert.Equal(Embedding(filled), Embedding(answer));
    }

    [Fact]
    public async Task A_layer_a_date_or_a_place_that_is_not_there_is_said_with_what_is()
    {
        await using var imagery = await GibsStandIn.StartAsync(isEmpty: tile => tile.Level == 3);
        await using var site = await SearchSite.StartAsync(gibs: Options(imagery.Address));
        using var client = await site.SignInAsync(Role.Labeler);
        var (detail, next) = await RefusedAsync(client, Part(layer: "Daily_Exakt"), HttpStatusCode.NotFound);
        Assert.Contains("no layer 'Daily_Exakt'", detail, StringComparison.Ordinal);
        Assert.Contains("Daily_Exact", next, StringComparison.Ordinal);
        (detail, next) = await RefusedAsync(client, Part(day: "2020-12-24"), HttpStatusCode.NotFound);
        Assert.Contains("no picture of 2020-12-24", detail, StringComparison.Ordinal);
        Assert.Contains("2020-10-31", next, StringComparison.Ordinal);
        (detail, next) = await RefusedAsync(client, Part(), HttpStatusCode.UnprocessableEntity);
        Assert.Contains("100 % is a gap", detail.Replace('\u00a0', ' ').Replace("100%", "100 %", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("another date", next, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"layer":""}""", "layer is missing")]
    [InlineData("""{"layer":"A"}""", "One of box and metres")]
    [InlineData("""{"layer":"A","box":{"south":0,"west":0,"north":1,"east":1},"metres":{"left":0,"bottom":0,"right":1,"top":1}}""", "metres are for the polar")]
    [InlineData("""{"layer":"A","box":{"south":5,"west":0,"north":1,"east":1}}""", "box.south")]
    [InlineData("""{"layer":"A","box":{"south":0,"west":10,"north":1,"east":10}}""", "box.west")]
    [InlineData("""{"layer":"A","box":{"south":0,"west":-181,"north":1,"east":10}}""", "box.west")]
    [InlineData("""{"layer":"A","projection":"arctic","metres":{"left":0,"bottom":0,"right":3e7,"top":1}}""", "metres.left")]
    [InlineData("""{"layer":"A","time":"yesterday","box":{"south":0,"west":0,"north":1,"east":1}}""", "time must be")]
    public async Task A_part_that_makes_no_sense_is_refused_before_anything_is_fetched(string part, string why)
    {
        await using var site = await SearchSite.StartAsync(pictures: 2);
        using var client = await site.SignInAsync(Role.Labeler);
        foreach (var (path, body) in new[] { ("/api/search", $$"""{"positives":[{"part":{{part}}}]}"""), ("/api/layers/picture", $$"""{"part":{{part}}}""") })
        {
            using var answer = await client.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
            Assert.Contains(why, await answer.ProblemAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(GibsFault.XmlWithOk)]
    [InlineData(GibsFault.ErrorBurst)]
    [InlineData(GibsFault.Reset)]
    [InlineData(GibsFault.ShortBody)]
    internal async Task An_imagery_server_that_fails_is_told_in_our_words(GibsFault fault)
    {
        await using var imagery = await GibsStandIn.StartAsync();
        await using var site = await SearchSite.StartAsync(gibs: Options(imagery.Address));
        using var client = await site.SignInAsync(Role.Labeler);
        imagery.Faults = new GibsFaults(1, 1, (fault, 1));
        var (detail, next) = await RefusedAsync(client, Part(), HttpStatusCode.BadGateway);
        Assert.Equal($"The imagery server 127.0.0.1 gave no picture of {GibsStandIn.DailyPng} there.", detail);
        Assert.DoesNotContain("archive", detail + next, StringComparison.Ordinal); // what the report said
        imagery.Faults = GibsFaults.None;
        Assert.NotEmpty(await SearchSite.HitsAsync(await client.PostAsJsonAsync("/api/search", ByPart(Part()))));
    }

    [Fact]
    public async Task Redirects_of_the_imagery_server_are_not_followed()
    {
        var asked = new ConcurrentQueue<string>();
        await using var elsewhere = await HostAsync(context =>
        {
            asked.Enqueue(context.Request.Path);
            return Task.CompletedTask;
        });
        await using var host = await HostAsync(context =>
        {
            context.Response.Redirect($"{elsewhere.Urls.First()}/latest/meta-data");
            return Task.CompletedTask;
        });
        using var layers = new LayerReader(Options(host.Urls.First()) with { Patience = TimeSpan.FromMilliseconds(200) }, TimeProvider.System, patience: TimeSpan.FromSeconds(2));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => layers.FetchAsync(Part(), 512, CancellationToken.None));
        Assert.InRange(refused.Status, 502, 504);
        Assert.Empty(asked);
    }

    [Fact]
    public async Task An_imagery_server_that_never_answers_costs_bounded_time()
    {
        var open = new TaskCompletionSource();
        await using var imagery = await GibsStandIn.StartAsync();
        imagery.BeforeTile = _ => open.Task;
        using var layers = new LayerReader(Options(imagery.Address) with { Patience = TimeSpan.FromMinutes(1) }, TimeProvider.System, patience: TimeSpan.FromMilliseconds(500));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => layers.FetchAsync(Part(), 512, CancellationToken.None));
        Assert.Equal(StatusCodes.Status504GatewayTimeout, refused.Status);
        using var left = new CancellationTokenSource();
        var waiting = layers.FetchAsync(Part(), 512, left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting); // who leaves is not told of a time-out
        open.SetResult();
    }

    [Fact]
    public async Task A_picture_to_choose_from_tells_what_it_shows()
    {
        await using var imagery = await GibsStandIn.StartAsync();
        await using var site = await SearchSite.StartAsync(pictures: 2, gibs: Options(imagery.Address));
        using var client = await site.ExtensionAsync(Role.Labeler);
        var picture = await SearchSite.AnswerAsync(await client.PostAsJsonAsync("/api/layers/picture", new { part = Json(Part()), size = 256 }));
        Assert.Equal(
            (Day, "16km", 256, 256, 0.0, 0),
            (picture.GetProperty("time").GetString(), picture.GetProperty("resolution").GetString(), picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32(),
                picture.GetProperty("noDataShare").GetDouble(), picture.GetProperty("missingTiles").GetInt32()));
        Assert.Equal(-108, picture.GetProperty("box").GetProperty("west").GetDouble());
        var data = picture.GetProperty("picture").GetString()!;
        Assert.StartsWith("data:image/webp;base64,UklGR", data, StringComparison.Ordinal); // RIFF

        // A rectangle of a polar map: metres from the pole, which lies in its middle.
        var polar = new { layer = GibsStandIn.DailyPng, time = Day, projection = "arctic", metres = new { left = -1e6, bottom = -5e5, right = 1e6, top = 5e5 } };
        picture = await SearchSite.AnswerAsync(await client.PostAsJsonAsync("/api/layers/picture", new { part = polar, size = 256 }));
        Assert.Equal(256, picture.GetProperty("width").GetInt32());
        Assert.InRange(picture.GetProperty("height").GetInt32(), 126, 130); // half as high, out to the next pixels
        Assert.Equal(90, picture.GetProperty("box").GetProperty("north").GetDouble());
        Assert.InRange(picture.GetProperty("box").GetProperty("south").GetDouble(), 79, 81); // 1,118 km from the pole
    }

    [Fact]
    public async Task How_many_a_minute_is_bounded()
    {
        await using var site = await RunningServer.StartAsync(pictures: 2, clock: new StandingClock());
        await SearchSite.EmbedAsync(site);
        using var client = await site.SignInAsync(Role.Labeler);
        var (many, last) = (0, HttpStatusCode.OK);
        // A part counts the same as a picture that is sent.
        for (; many < 40 && last != HttpStatusCode.TooManyRequests; many++)
        {
            using var answer = await client.SendPictureAsync("no picture"u8.ToArray());
            last = answer.StatusCode;
        }
        Assert.Equal(31, many);
        await (await client.PostAsJsonAsync("/api/search", ByPart(Part()))).ProblemAsync(HttpStatusCode.TooManyRequests);
    }

    private GibsOptions Options(string address) => new()
    {
        Address = address, Cache = _folder["cache"], Pause = TimeSpan.FromMilliseconds(2), Patience = TimeSpan.FromSeconds(1), Bandwidth = 10_000,
    };

    private static LayerPart Part(int x = 1024, string layer = GibsStandIn.DailyPng, string day = Day) =>
        new(layer, day, new Box(90 - 1024 * Pixel, -180 + x * Pixel, 90 - 512 * Pixel, -180 + (x + 512) * Pixel));

    private static object ByPart(LayerPart part) => new { positives = new object[] { new { part = Json(part) } } };

    /// <summary>As a page sends it.</summary>
    private static object Json(LayerPart part) => new { layer = part.Layer, time = part.Time, box = part.Box };

    /// <summary>What the stand-in's layer shows from column <paramref name="x"/> and row 512 of level 3 on.</summary>
    private static byte[] Pixels(int x)
    {
        var rgb = new byte[3 * 512 * 512];
        for (var pixel = 0; pixel < 512 * 512; pixel++)
            (rgb[3 * pixel], rgb[3 * pixel + 1], rgb[3 * pixel + 2]) = GibsImagery.ColourAt(x + pixel % 512, 512 + pixel / 512, Day);
        return rgb;
    }

    private static float[] Embedding(JsonElement answer) => [.. answer.GetProperty("embedding").EnumerateArray().Select(number => number.GetSingle())];

    private static async Task<(string Detail, string NextStep)> RefusedAsync(HttpClient client, LayerPart part, HttpStatusCode status)
    {
        using var answer = await client.PostAsJsonAsync("/api/search", ByPart(part));
        Assert.Equal(status, answer.StatusCode);
        var problem = await answer.JsonAsync();
        return (problem.GetProperty("detail").GetString()!, problem.GetProperty("nextStep").GetString()!);
    }

    private static async Task<WebApplication> HostAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
