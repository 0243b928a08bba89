using System.Globalization;
using System.Net;
using System.Text.Json;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class PlacesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_view_with_few_footprints_shows_them_one_by_one_with_their_labels()
    {
        await using var site = await SiteAsync(20);
        await site.Workspace.Labels.AppendAsync(
            [Answer(2, "yes"), Answer(3, "no"), new NewLabelEvent("u", "island", new ImageId(2, 4), "ann", "s", LabelEventKind.Unsure, null)], Token);
        using var client = await site.SignInAsync(Role.Reviewer);
        var about = await GetAsync(client, "/api/places/about");
        Assert.Equal((20, 20, "2024-01-01", "2024-01-20"), (about.GetProperty("images").GetInt32(), about.GetProperty("dated").GetInt32(), about.GetProperty("first").GetString(), about.GetProperty("last").GetString()));
        Assert.Equal("""{"south":0,"west":0,"north":1,"east":20}""", about.GetProperty("bounds").GetRawText());
        Assert.Equal(JsonValueKind.Null, about.GetProperty("background").ValueKind);
        Assert.Equal(["2-2 yes True", "2-3 no True", "2-4  False"], Rows(await GetAsync(client, "/api/tasks/island/places?west=2.5&east=4.5&south=0.2&north=0.4")));
        Assert.Equal(["2-2 yes True"], Rows(await GetAsync(client, "/api/tasks/island/places?show=found")));
        Assert.Equal(["2-2 yes True", "2-3 no True"], Rows(await GetAsync(client, "/api/tasks/island/places?show=answered")));
        Assert.Equal(18, (await GetAsync(client, "/api/tasks/island/places?show=open")).GetProperty("total").GetInt32());
        Assert.Equal(["2-5  False", "2-6  False"], Rows(await GetAsync(client, "/api/places?from=2024-01-06&to=2024-01-07")));
        foreach (var unknown in (string[])["some", "1"]) await (await client.GetAsync($"/api/tasks/island/places?show={unknown}", Token)).ProblemAsync(HttpStatusCode.BadRequest);
        // A later answer is there at once; so is a picture that was hidden, a little later.
        await site.Workspace.Labels.AppendAsync([Answer(9, "yes")], Token);
        Assert.Equal(["2-2 yes True", "2-9 yes True"], Rows(await GetAsync(client, "/api/tasks/island/places?show=found")));
    }

    [Fact]
    public async Task Hidden_pictures_are_not_shown()
    {
        var clock = new MovedClock();
        await using var site = await SiteAsync(5, clock: clock);
        using var client = await site.SignInAsync(Role.Reviewer);
        Assert.Equal(5, (await GetAsync(client, "/api/places")).GetProperty("total").GetInt32());
        await site.Workspace.Catalog.SetImageStateAsync([new ImageId(2, 1)], ImageState.Hidden, Token);
        clock.Offset += TimeSpan.FromSeconds(6);
        Assert.Equal(4, (await GetAsync(client, "/api/places")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Many_footprints_come_in_groups_that_hold_each_image_once_and_stay_where_their_images_are()
    {
        var random = new Random(4);
        var boxes = Enumerable.Range(0, 1500).Select(_ => (South: random.NextDouble() * 170 - 85, West: random.NextDouble() * 359 - 180)).ToArray();
        await using var site = await SiteAsync(boxes.Length, (row, record) => record with
        {
            Footprint = new BoundingBox(boxes[row].South, boxes[row].West, boxes[row].South + 0.5, boxes[row].West + 0.5 > 180 ? boxes[row].West - 359.5 : boxes[row].West + 0.5),
        });
        await site.Workspace.Labels.AppendAsync([.. Enumerable.Range(0, 90).Select(row => Answer(row, row % 3 == 0 ? "yes" : "no"))], Token);
        using var client = await site.SignInAsync(Role.Reviewer);
        foreach (var (view, expected) in ((string, Func<(double South, double West), bool>)[])
            [
                ("", _ => true),
                ("west=-60&east=60&south=-70&north=70", b => b.South <= 70 && b.South + 0.5 >= -70 && b.West <= 60 && b.West + 0.5 >= -60),
                ("west=120&east=-120", b => b.West + 0.5 >= 120 || b.West <= -120 || b.West + 0.5 - 360 >= -180 && b.West + 0.5 > 180),
            ])
        {
            var places = await GetAsync(client, $"/api/tasks/island/places?across=24&{view}");
            var cells = places.GetProperty("cells").EnumerateArray().ToList();
            var total = boxes.Count(expected);
            Assert.Equal(total, places.GetProperty("total").GetInt32());
            Assert.Equal(total, cells.Sum(c => c.GetProperty("count").GetInt32()));
            Assert.InRange(cells.Count, 20, 24 * 24);
            Assert.Equal(boxes.Take(90).Where((b, i) => i % 3 == 0 && expected(b)).Count(), cells.Sum(c => c.GetProperty("found").GetInt32()));
            Assert.Equal(boxes.Take(90).Count(expected), cells.Sum(c => c.GetProperty("answered").GetInt32()));
            foreach (var cell in cells)
            {
                var bounds = cell.GetProperty("bounds");
                Assert.InRange(cell.GetProperty("latitude").GetDouble(), bounds.GetProperty("south").GetDouble(), bounds.GetProperty("north").GetDouble());
                Assert.InRange(cell.GetProperty("longitude").GetDouble(), -180, 180);
            }
        }
    }

    [Theory]
    [InlineData("south=10&north=0")]
    [InlineData("south=NaN")]
    [InlineData("west=-181")]
    [InlineData("west=5&east=5")]
    [InlineData("across=0")]
    [InlineData("across=100000")]
    [InlineData("from=2024-02-01&to=2024-01-01")]
    public async Task A_view_that_cannot_be_is_refused(string view)
    {
        await using var site = await SiteAsync(2);
        using var client = await site.SignInAsync(Role.Reviewer);
        await (await client.GetAsync($"/api/places?{view}", Token)).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Only_the_host_that_the_owner_named_may_be_asked_for_pictures()
    {
        await using (var site = await SiteAsync(1))
        {
            using var client = await site.SignInAsync(Role.Reviewer);
            Assert.Contains("img-src 'self' blob:;", (await client.GetAsync("/", Token)).Headers.GetValues("Content-Security-Policy").Single());
        }
        await using (var site = await SiteAsync(1, options: new ServeOptions { MapBackground = "gibs" }))
        {
            using var client = await site.SignInAsync(Role.Reviewer);
            var policy = (await client.GetAsync("/", Token)).Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("img-src 'self' blob: https://gibs.earthdata.nasa.gov;", policy);
            Assert.Contains("connect-src 'self';", policy);
            var background = (await GetAsync(client, "/api/places/about")).GetProperty("background");
            Assert.StartsWith("https://gibs.earthdata.nasa.gov/wmts/epsg4326/best/", background.GetProperty("url").GetString());
        }
    }

    [Theory]
    [InlineData("gibs", true)]
    [InlineData("https://tiles.example/{z}/{y}/{x}.jpg", true)]
    [InlineData("http://127.0.0.1:8000/{date}/{z}/{y}/{x}", true)]
    [InlineData("http://tiles.example/{z}/{y}/{x}.jpg", false)]
    [InlineData("https://tiles.example/{z}/{y}.jpg", false)]
    [InlineData("https://me:secret@tiles.example/{z}/{y}/{x}.jpg", false)]
    [InlineData("ftp://tiles.example/{z}/{y}/{x}.jpg", false)]
    [InlineData("tiles", false)]
    public void A_background_is_an_address_of_tiles(string setting, bool good) =>
        Assert.Equal(good, !new ServeOptions { MapBackground = setting }.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(new object())).Any());

    private static NewLabelEvent Answer(int row, string value) =>
        new(string.Create(CultureInfo.InvariantCulture, $"a{row}"), "island", new ImageId(2, row), "ann", "s", LabelEventKind.Label, value);

    private static string[] Rows(JsonElement places) =>
        [.. places.GetProperty("images").EnumerateArray().Select(i => $"{i.GetProperty("imageId").GetString()} {i.GetProperty("value").GetString()} {i.GetProperty("byPerson").GetBoolean()}")];

    private static async Task<JsonElement> GetAsync(HttpClient client, string address)
    {
        var response = await client.GetAsync(address, Token);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.JsonAsync();
    }

    /// <summary>Pictures of partition 2 with a place, one degree each along the equator unless told otherwise.</summary>
    private static async Task<RunningServer> SiteAsync(int count, Func<int, ImageRecord, ImageRecord>? describe = null, ServeOptions? options = null, TimeProvider? clock = null)
    {
        var site = await RunningServer.StartAsync(2, options, clock);
        await LabelingSite.AddDatedPartitionAsync(site.Workspace, "modis", "250m", Path.Combine(site.ProjectPath, "..", "dated"), count, describe);
        return site;
    }
}
