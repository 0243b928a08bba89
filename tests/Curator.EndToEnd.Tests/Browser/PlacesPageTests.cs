using System.Net;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>The places page in a real browser: thirty footprints of a degree each along the equator, one a day.</summary>
public sealed class PlacesPageTests(Chromium chromium)
{
    /// <summary>The one in the middle is no island.</summary>
    private static readonly int[] s_answered = [7, 9, 20];

    /// <summary>The map is drawn by the processor here, and a busy machine draws it late.</summary>
    private static readonly LocatorAssertionsToContainTextOptions s_patient = new() { Timeout = 30_000 };

    [Fact]
    public async Task Footprints_finds_and_days_are_looked_through_and_a_picture_is_reached_without_a_pointer()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        var status = desk.Page.GetByRole(AriaRole.Status);
        await Assertions.Expect(status).ToContainTextAsync("30 pictures in view", s_patient);
        await desk.Page.GetByLabel("Show").SelectOptionAsync("Found");
        await Assertions.Expect(status).ToContainTextAsync("2 pictures in view", s_patient);
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Picture 2-7" }).FocusAsync();
        await desk.Page.Keyboard.PressAsync("Enter");
        var picked = desk.Page.GetByRole(AriaRole.Region, new() { Name = "Pictures at this place" });
        await Assertions.Expect(picked).ToContainTextAsync("yes, a person says");
        await Assertions.Expect(picked).ToContainTextAsync("2024-01-08 · 0.50° N 7.50° E");
        await picked.GetByRole(AriaRole.Button, new() { Name = "Show on the map" }).ClickAsync();
        await Assertions.Expect(status).ToContainTextAsync("1 picture in view", s_patient);
        // The map itself goes by keys, held as long as a hand does (a step takes 100 ms): away from the picture there is none.
        await desk.Page.GetByRole(AriaRole.Application).FocusAsync();
        for (var i = 0; i < 12; i++) await desk.Page.Keyboard.PressAsync("ArrowUp", new() { Delay = 150 });
        await Assertions.Expect(status).ToContainTextAsync("0 pictures in view", s_patient);
        await desk.Page.ReloadAsync();
        await Assertions.Expect(status).ToContainTextAsync("30 pictures in view", s_patient);
        await desk.Page.GetByLabel("From").FillAsync("2024-01-03");
        await desk.Page.GetByLabel("To").FillAsync("2024-01-05");
        await Assertions.Expect(status).ToContainTextAsync("3 pictures in view", s_patient);
        await desk.ClickAsync("Later");
        await Assertions.Expect(desk.Page.GetByLabel("From")).ToHaveValueAsync("2024-01-06");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Picture 2-5" })).ToBeVisibleAsync();
        await desk.ClickAsync("All days");
        await Assertions.Expect(status).ToContainTextAsync("30 pictures in view", s_patient);
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task A_touched_footprint_shows_its_picture_and_a_touched_group_comes_closer()
    {
        var many = new Random(1);
        await using var phone = await OpenAsync(Chromium.Phone, (row, record) => row < 600
            ? record with { Footprint = Around(record, many.NextDouble() * 20, many.NextDouble() * 20) }
            : record with { Footprint = new BoundingBox(-60, -100, -50, -90) }, 601);
        var status = phone.Page.GetByRole(AriaRole.Status);
        await Assertions.Expect(status).ToContainTextAsync("601 pictures in view, in ", s_patient);
        await phone.Page.GetByLabel("Show").SelectOptionAsync("Found");
        await Assertions.Expect(status).ToContainTextAsync("2 pictures in view", s_patient);
        await phone.Page.GetByLabel("Show").SelectOptionAsync("All pictures");
        await Assertions.Expect(status).ToContainTextAsync("601 pictures in view", s_patient);
        Assert.Empty(phone.Faults);
    }

    [Fact]
    public async Task Pictures_of_another_host_are_shown_only_when_the_owner_allowed_it_and_somebody_asks_for_them()
    {
        using var tiles = new TileHost();
        await using var desk = await OpenAsync(Chromium.Desktop, serve: new ServeOptions { MapBackground = $"{tiles.Address}{{date}}/{{z}}/{{y}}/{{x}}.png" });
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("30 pictures in view", s_patient);
        Assert.Empty(tiles.Asked);
        await desk.Page.GetByLabel("To").FillAsync("2024-01-09");
        await desk.Page.RunAndWaitForResponseAsync(
            () => desk.Page.GetByRole(AriaRole.Checkbox).CheckAsync(), response => response.Url.StartsWith(tiles.Address, StringComparison.Ordinal) && response.Ok, new() { Timeout = s_patient.Timeout });
        Assert.All(tiles.Asked, path => Assert.Matches("^/2024-01-09/[0-8]/[0-9]+/[0-9]+\\.png$", path));
        Assert.All(desk.Faults, fault => Assert.Contains(tiles.Address, fault));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_on_the_places_page(ColorScheme scheme)
    {
        await using var phone = await OpenAsync(playwright =>
        {
            var options = Chromium.Phone(playwright);
            options.ColorScheme = scheme;
            options.ReducedMotion = ReducedMotion.Reduce;
            return options;
        }, serve: new ServeOptions { MapBackground = "gibs" });
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("30 pictures in view", s_patient);
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Picture 2-7" }).ClickAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Region, new() { Name = "Pictures at this place" })).ToBeVisibleAsync();
        await Axe.CheckAsync(phone.Page, "places");
        // What was found is drawn in the page's colour of a yes, where all motion is reduced too.
        await phone.Page.WaitForFunctionAsync(
            """
            yes => [...document.querySelectorAll(".places-map canvas")].some(canvas => {
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255 && data.slice(i, i + 3).join() === yes) return true;
            })
            """, scheme == ColorScheme.Dark ? "95,208,163" : "26,116,84", new() { PollingInterval = 500 });
        Assert.Equal(0, await phone.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        foreach (var button in await phone.Page.GetByRole(AriaRole.Button).AllAsync())
        {
            var box = await button.BoundingBoxAsync();
            Assert.True(box is { Width: >= 44, Height: >= 44 }, $"{await button.TextContentAsync()}: {box?.Width} × {box?.Height}");
        }
    }

    private static BoundingBox Around(ImageRecord record, double latitude, double longitude) =>
        record.Footprint is { } box ? new BoundingBox(latitude, longitude, latitude + (box.North - box.South) / 2, longitude + (box.East - box.West) / 2) : new BoundingBox(0, 0, 1, 1);

    private async Task<LabelingPage> OpenAsync(
        Func<IPlaywright, BrowserNewContextOptions> device, Func<int, ImageRecord, ImageRecord>? describe = null, int count = 30, ServeOptions? serve = null)
    {
        var page = await LabelingPage.OpenAsync(chromium, device, pictures: 2, start: false, serve: serve, setUp: async workspace =>
        {
            var pictures = Path.Combine(workspace.Root, "..", "dated");
            await LabelingSite.AddDatedPartitionAsync(workspace, "modis", "250m", pictures, count, describe);
            await workspace.Labels.AppendAsync(
                [.. s_answered.Select(row => new NewLabelEvent($"p{row}", LabelingSite.TaskName, new ImageId(2, row), "ann", "s", LabelEventKind.Label, row == 9 ? "no" : "yes"))], CancellationToken.None);
        });
        await page.Page.GotoAsync($"{page.Server.Address}places");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Places" })).ToBeVisibleAsync();
        return page;
    }

    /// <summary>A host of map tiles on loopback; every tile is one grey pixel.</summary>
    private sealed class TileHost : IDisposable
    {
        private static readonly byte[] Pixel = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");

        private readonly HttpListener _listener = new();
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _asked = new();
        private readonly Task _serving;

        public TileHost()
        {
            // HttpListener takes no port 0: the next free one after a socket that knows it.
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            }
            _listener.Prefixes.Add(Address);
            _listener.Start();
            _serving = ServeAsync();
        }

        public string Address { get; }

        public IReadOnlyCollection<string> Asked => _asked;

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    _asked.Enqueue(context.Request.Url!.AbsolutePath);
                    context.Response.ContentType = "image/png";
                    await context.Response.OutputStream.WriteAsync(Pixel);
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed.
            }
        }
    }
}
