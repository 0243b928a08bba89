using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Search.Maps;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class MapPageTests(Chromium chromium)
{
    private const int Pictures = 40;

    [Fact]
    public async Task On_a_desktop_pictures_are_drawn_around_queued_answered_hidden_and_searched_by()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        await DrawAsync(desk.Page, "Box", (0.02f, 0.02f), (0.98f, 0.98f));
        await Says(desk.Page, $"{Pictures} pictures chosen");
        await Axe.CheckAsync(desk.Page, "map with chosen pictures");
        await desk.ClickAsync("Label next");
        var sheet = desk.Page.GetByRole(AriaRole.Dialog);
        await sheet.GetByLabel("Task").SelectOptionAsync("A new task");
        await sheet.GetByLabel("Question to ask of each picture").FillAsync("Is there a reef?");
        await sheet.GetByRole(AriaRole.Button, new() { Name = $"Queue {Pictures} pictures" }).ClickAsync();
        await Assertions.Expect(sheet.GetByRole(AriaRole.Heading, new() { Name = $"{Pictures} pictures wait now" })).ToBeVisibleAsync();
        Assert.Equal(Pictures, (await desk.Workspace.Labels.GetQueueAsync("reef", 0, CancellationToken.None)).Count);
        await desk.Page.Keyboard.PressAsync("Escape");

        await desk.ClickAsync("Answer all");
        await desk.ClickAsync($"All {Pictures} are “no”");
        Assert.Equal(Pictures, (await desk.EventsAsync(Pictures)).Count);
        await desk.Page.Keyboard.PressAsync("Escape");

        var saved = await desk.Page.RunAndWaitForDownloadAsync(() => desk.ClickAsync("Save list"));
        var lines = await File.ReadAllLinesAsync((await saved.PathAsync())!);
        Assert.Equal("image,x,y,cluster,group", lines[0]);
        Assert.Equal(Enumerable.Range(0, Pictures).Select(row => $"1-{row}"), lines[1..].Select(line => line.Split(',')[0]));

        await desk.ClickAsync("Let go");
        await DrawAsync(desk.Page, "Lasso", (0.05f, 0.05f), (0.55f, 0.05f), (0.55f, 0.95f), (0.05f, 0.95f));
        var some = int.Parse((await desk.Page.GetByText("pictures chosen").First.TextContentAsync())!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(some, 1, Pictures - 1);
        await desk.ClickAsync("Hide");
        await Says(desk.Page, $"{some} pictures hidden");
        await Says(desk.Page, $"{Pictures - some} of {Pictures} pictures shown");
        Assert.Equal(some, (await desk.Workspace.Catalog.GetImageStatesAsync(1, CancellationToken.None)).Count(state => state.Value == ImageState.Hidden));

        await DrawAsync(desk.Page, "Box", (0.02f, 0.02f), (0.98f, 0.98f));
        await desk.ClickAsync("Search like these");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = $"{Pictures - some} pictures, the most alike first" })).ToBeVisibleAsync();
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task Filters_of_all_colours_hold_together_and_keys_alone_find_a_picture_and_its_like()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        await desk.Workspace.Catalog.SetImageStateAsync([new ImageId(1, 3)], ImageState.Duplicate, CancellationToken.None);
        await desk.Workspace.Labels.AppendAsync(new NewLabelEvent("op-1", LabelingSite.TaskName, new ImageId(1, 0), "ann", "session", LabelEventKind.Label, "yes"), CancellationToken.None);
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Only 1", Exact = true }).ClickAsync();
        var first = await ShownAsync(desk.Page);
        Assert.InRange(first, 1, Pictures - 1);
        await desk.Page.GetByLabel("Colour by").SelectOptionAsync("Answers: Is there an island?");
        await desk.Page.GetByLabel(new System.Text.RegularExpressions.Regex("^yes")).UncheckAsync();
        Assert.InRange(await ShownAsync(desk.Page), first - 1, first);
        await desk.Page.GetByLabel("Colour by").SelectOptionAsync("Duplicate or hidden");
        await Assertions.Expect(desk.Page.GetByLabel(new System.Text.RegularExpressions.Regex("^duplicate"))).ToBeVisibleAsync();
        await desk.ClickAsync("Clear 2 filters");
        await Says(desk.Page, $"{Pictures} pictures");

        await desk.Page.GetByRole(AriaRole.Application).FocusAsync();
        foreach (var key in new[] { "+", "ArrowLeft", "ArrowUp", "-", "0" }) await desk.Page.Keyboard.PressAsync(key);
        for (var i = 0; i < 6 && await desk.Page.GetByRole(AriaRole.Dialog).CountAsync() == 0; i++)
        {
            await desk.Page.Keyboard.PressAsync("Enter");
            await desk.Page.Keyboard.PressAsync("-");
        }

        var sheet = desk.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(sheet.Locator("button.tile").First).ToBeVisibleAsync();
        var nearest = await sheet.Locator("button.tile").First.GetAttributeAsync("aria-label");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Farthest of all", Exact = true }).ClickAsync();
        await Assertions.Expect(sheet.Locator("button.tile").First).Not.ToHaveAttributeAsync("aria-label", nearest!);
        await Assertions.Expect(sheet.Locator("button.tile")).ToHaveCountAsync(16);
        await Axe.CheckAsync(desk.Page, "picture of the map");
        var far = (await sheet.Locator("button.tile").First.GetAttributeAsync("aria-label"))!.Split(' ', ',')[1];
        await sheet.Locator("button.tile").First.ClickAsync();
        await Assertions.Expect(sheet.GetByRole(AriaRole.Heading, new() { Name = $"Picture {far}" })).ToBeVisibleAsync();
        Assert.Empty(desk.Faults);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task On_a_phone_a_tap_opens_a_picture_and_axe_finds_no_violation(ColorScheme scheme)
    {
        await using var phone = await OpenAsync(playwright =>
        {
            var options = Chromium.Phone(playwright);
            (options.ColorScheme, options.ReducedMotion) = (scheme, ReducedMotion.Reduce);
            return options;
        });
        await phone.Page.GetByText("Legend and filters").TapAsync();
        await phone.Page.GetByText("Clusters in pictures").TapAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Button, new() { Name = "Cluster 1:" })).ToBeVisibleAsync();
        await Axe.CheckAsync(phone.Page, $"map, {scheme}");
        // What is drawn is light or dark as the page is, also when that changes while it is open, and where all motion is reduced.
        foreach (var other in (ColorScheme[])[scheme, scheme == ColorScheme.Dark ? ColorScheme.Light : ColorScheme.Dark, scheme])
        {
            await phone.Page.EmulateMediaAsync(new() { ColorScheme = other });
            await phone.Page.WaitForFunctionAsync(
                "ground => document.querySelector('.map-points').getContext('2d').getImageData(0, 0, 1, 1).data.slice(0, 3).join() === ground", other == ColorScheme.Dark ? "24,33,43" : "255,255,255");
        }

        await phone.Page.Locator(".map-strip button").First.TapAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog).Locator("button.tile").First).ToBeVisibleAsync();
        await phone.ClickAsync("Close");
        // A tap on the map itself, where a point is: the page tells where it drew one.
        var canvas = phone.Page.Locator(".map-touch");
        await canvas.ScrollIntoViewIfNeededAsync();
        var box = (await canvas.BoundingBoxAsync())!;
        var place = await phone.Page.EvaluateAsync<float[]>(
            """
            () => {
              const canvas = document.querySelector(".map-points");
              const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              const at = (x, y) => data.slice((y * width + x) * 4, (y * width + x) * 4 + 3).join();
              const ground = at(0, 0);
              for (let y = 4; y < height; y++) for (let x = 4; x < width; x++) if (at(x, y) !== ground) return [x / width, y / height];
            }
            """);
        await phone.Page.Touchscreen.TapAsync(box.X + (place[0] * box.Width) + 2, box.Y + (place[1] * box.Height) + 2);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        Assert.Empty(phone.Faults);
    }

    [Fact]
    public async Task Without_a_map_the_page_says_how_to_make_one()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop, pictures: 3, start: false);
        await desk.Page.GotoAsync($"{desk.Server.Address}map");
        await Assertions.Expect(desk.Page.GetByText("curator map")).ToBeVisibleAsync();
        Assert.Empty(desk.Faults);
    }

    private async Task<LabelingPage> OpenAsync(Func<IPlaywright, BrowserNewContextOptions> device)
    {
        var opened = await LabelingPage.OpenAsync(chromium, device, Pictures, start: false, setUp: MakeAsync);
        await opened.Page.GotoAsync($"{opened.Server.Address}map");
        await Assertions.Expect(opened.Page.Locator($".map-points[data-drawn='{Pictures}']")).ToHaveCountAsync(1);
        return opened;
    }

    private static async Task MakeAsync(Workspace workspace)
    {
        var encoder = await new EncoderStore(workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        await MapBuilding.BuildAsync(workspace, encoder, new MapOptions { Perplexity = 5, Steps = 300, Clusters = 3, MinClusterSize = 4 }, false, null, CancellationToken.None);
    }

    /// <summary>Drags with a tool along places of the canvas, as shares of its sides.</summary>
    private static async Task DrawAsync(IPage page, string tool, params (float X, float Y)[] places)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = tool, Exact = true }).ClickAsync();
        var box = (await page.Locator(".map-touch").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (places[0].X * box.Width), box.Y + (places[0].Y * box.Height));
        await page.Mouse.DownAsync();
        foreach (var (x, y) in places[1..]) await page.Mouse.MoveAsync(box.X + (x * box.Width), box.Y + (y * box.Height), new() { Steps = 4 });
        await page.Mouse.UpAsync();
    }

    private static Task Says(IPage page, string text) => Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = text })).ToBeVisibleAsync();

    private static async Task<int> ShownAsync(IPage page)
    {
        var said = page.GetByText("pictures shown");
        await Assertions.Expect(said).ToBeVisibleAsync();
        return int.Parse((await said.TextContentAsync())!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
