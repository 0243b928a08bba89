using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class SearchPageTests(Chromium chromium)
{
    private const int Undated = 20, Dated = 10;

    [Fact]
    public async Task On_a_phone_a_tile_is_picked_hits_are_marked_and_searched_again_and_put_into_a_task()
    {
        await using var phone = await OpenAsync(Chromium.Phone);
        await Tile(phone.Page, "Search like picture 1-3").TapAsync();
        await Heading(phone.Page, $"{Undated + Dated} pictures, the most alike first");
        await Assertions.Expect(Tiles(phone.Page).First).ToHaveAccessibleNameAsync("Picture 1-3, distance 0.000");
        var (good, bad) = (await IdAsync(phone.Page, 1), await IdAsync(phone.Page, Undated + Dated - 1));
        await Button(phone.Page, $"Picture {good} is good").TapAsync();
        await Button(phone.Page, $"Picture {bad} is bad").TapAsync();
        await Assertions.Expect(phone.Page.GetByText("1 good, 1 bad")).ToBeVisibleAsync();
        await Button(phone.Page, "Search again").TapAsync();
        await Assertions.Expect(Button(phone.Page, $"Take away Picture {good}")).ToBeVisibleAsync();
        await Assertions.Expect(Button(phone.Page, $"Take away Picture {bad}")).ToBeVisibleAsync();
        await Assertions.Expect(phone.Page.GetByText("Mark pictures good or bad")).ToBeVisibleAsync();
        await Assertions.Expect(Tiles(phone.Page).Last).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex($"^Picture {bad},"));

        await Button(phone.Page, $"Picture {good} is good").TapAsync();
        await Button(phone.Page, "Label these").TapAsync();
        var sheet = phone.Page.GetByRole(AriaRole.Dialog);
        await sheet.GetByLabel("The 1 marked good").CheckAsync();
        await sheet.GetByLabel("Task").SelectOptionAsync("A new task");
        await sheet.GetByLabel("Question to ask of each picture").FillAsync("Is there a dust storm?");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Queue 1 picture" }).TapAsync();
        await Assertions.Expect(sheet.GetByRole(AriaRole.Heading, new() { Name = "1 picture waits now" })).ToBeVisibleAsync();
        var queue = await phone.Workspace.Labels.GetQueueAsync("dust-storm", 0, CancellationToken.None);
        Assert.Equal([good], queue.Select(item => item.Image.ToString()));
        await sheet.GetByRole(AriaRole.Link, new() { Name = "Label now" }).TapAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Is there a dust storm?" })).ToBeVisibleAsync();
        await phone.ShowsAsync(good);
        Assert.Empty(phone.Faults);
    }

    [Fact]
    public async Task Keys_alone_pick_look_mark_and_search_again()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        var keyboard = desk.Page.Keyboard;
        await Tiles(desk.Page).First.FocusAsync();
        var second = await NameAsync(desk.Page, 1);
        await keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(Tile(desk.Page, second)).ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await Heading(desk.Page, $"{Undated + Dated} pictures, the most alike first");
        var (good, bad) = (await IdAsync(desk.Page, 1), await IdAsync(desk.Page, Undated + Dated - 1));

        await Tiles(desk.Page).First.FocusAsync();
        await keyboard.PressAsync("ArrowRight");
        await keyboard.PressAsync("g");
        await Assertions.Expect(Tiles(desk.Page).Nth(1)).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex($"^Picture {good}, .*marked good$"));
        await keyboard.PressAsync("End");
        await keyboard.PressAsync("b");
        await Assertions.Expect(desk.Page.GetByText("1 good, 1 bad")).ToBeVisibleAsync();
        await keyboard.PressAsync("b");
        await keyboard.PressAsync("-");
        await keyboard.PressAsync("Home");
        await keyboard.PressAsync("Enter");
        var sheet = desk.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(sheet).ToContainTextAsync("Distance");
        await keyboard.PressAsync("Escape");
        await Assertions.Expect(sheet).ToHaveCountAsync(0);
        await Assertions.Expect(Tiles(desk.Page).First).ToBeFocusedAsync();
        await keyboard.PressAsync("Tab");
        await Assertions.Expect(Button(desk.Page, "Search again")).ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await Assertions.Expect(Button(desk.Page, $"Take away Picture {bad}")).ToBeVisibleAsync();
        await Tiles(desk.Page).First.FocusAsync();
        await keyboard.PressAsync("ArrowDown");
        var below = await desk.Page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-label')");
        await keyboard.PressAsync("m");
        await Assertions.Expect(Button(desk.Page, $"Take away {below.Split(',')[0]}")).ToBeVisibleAsync();
        await Assertions.Expect(Button(desk.Page, $"Take away Picture {bad}")).ToHaveCountAsync(0);
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task A_picture_is_given_by_file_drop_and_paste_and_filters_narrow_what_it_finds()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        var stored = Path.Combine(desk.PicturesFolder, "007.bmp");
        await desk.Page.GetByLabel("Choose a picture").SetInputFilesAsync(stored);
        await Assertions.Expect(Tiles(desk.Page).First).ToHaveAccessibleNameAsync("Picture 1-7, distance 0.000");
        await Assertions.Expect(Button(desk.Page, "Take away 007.bmp").Locator("img")).ToHaveCountAsync(1);
        await Button(desk.Page, "Start again").ClickAsync();

        foreach (var way in new[] { "drop", "paste" })
        {
            await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Drop a picture of what you look for" })).ToBeVisibleAsync();
            await GiveAsync(desk.Page, way, await File.ReadAllBytesAsync(Path.Combine(desk.PicturesFolder, "011.bmp")), "mine.bmp");
            await Assertions.Expect(Tiles(desk.Page).First).ToHaveAccessibleNameAsync("Picture 1-11, distance 0.000");
            if (way == "drop") await Button(desk.Page, "Start again").ClickAsync();
        }

        await desk.Page.GetByText("Filters", new() { Exact = true }).ClickAsync();
        await desk.Page.GetByLabel("modis").CheckAsync();
        await Heading(desk.Page, $"{Dated} pictures, the most alike first");
        await desk.Page.GetByLabel("First day").FillAsync("2024-01-03");
        await desk.Page.GetByLabel("Last day").FillAsync("2024-01-06");
        await Heading(desk.Page, "4 pictures, the most alike first");
        foreach (var (side, degrees) in new[] { ("South", "-5"), ("West", "0"), ("North", "5"), ("East", "3.5") })
            await desk.Page.GetByLabel(side, new() { Exact = true }).FillAsync(degrees);
        await Heading(desk.Page, "2 pictures, the most alike first");
        await Assertions.Expect(desk.Page.GetByText("Filters · 3")).ToBeVisibleAsync();
        await desk.Page.GetByLabel("North", new() { Exact = true }).FillAsync("-6");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A box needs");
        await Button(desk.Page, "Clear filters").ClickAsync();
        await Heading(desk.Page, $"{Undated + Dated} pictures, the most alike first");
        await desk.Workspace.Labels.AppendAsync(
            new NewLabelEvent("op-00001", "island", new ImageId(1, 4), "ann", "sitting", LabelEventKind.Label, "yes"), CancellationToken.None);
        await desk.Page.GetByRole(AriaRole.Combobox, new() { Name = "Task", Exact = true }).SelectOptionAsync("island");
        await desk.Page.GetByRole(AriaRole.Combobox, new() { Name = "Answer", Exact = true }).SelectOptionAsync("yes");
        await Heading(desk.Page, "1 picture, the most alike first");
        await Tiles(desk.Page).First.ClickAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("pictures");
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task What_is_no_picture_is_said_and_the_page_goes_on()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        await GiveAsync(desk.Page, "drop", "<svg onload=alert(1)>"u8.ToArray(), "<img src=x onerror=alert(1)>.svg");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no picture that can be read");
        await Tile(desk.Page, "Search like picture 1-3").ClickAsync();
        await Heading(desk.Page, $"{Undated + Dated} pictures, the most alike first");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Alert)).ToBeHiddenAsync();
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task The_page_is_for_reviewers_and_owners_and_only_owners_queue()
    {
        await using var site = await OpenAsync(Chromium.Desktop);
        var reviewer = await AsAsync(site, Role.Reviewer);
        await reviewer.GetByRole(AriaRole.Link, new() { Name = "Search" }).ClickAsync();
        await Tile(reviewer, "Search like picture 1-3").ClickAsync();
        await Heading(reviewer, $"{Undated + Dated} pictures, the most alike first");
        await Assertions.Expect(Button(reviewer, "Label these")).ToHaveCountAsync(0);
        var labeler = await AsAsync(site, Role.Labeler);
        await labeler.GotoAsync($"{site.Server.Address}search");
        await Assertions.Expect(labeler.GetByRole(AriaRole.Heading, new() { Name = "This page is not for your link" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, true)]
    [InlineData(ColorScheme.Dark, false)]
    public async Task Axe_finds_no_violation_and_a_finger_finds_every_button(ColorScheme scheme, bool onPhone)
    {
        await using var page = await OpenAsync(playwright =>
        {
            var options = onPhone ? Chromium.Phone(playwright) : Chromium.Desktop(playwright);
            (options.ColorScheme, options.ReducedMotion) = (scheme, ReducedMotion.Reduce);
            return options;
        });
        await Axe.CheckAsync(page.Page, "start");
        await Tile(page.Page, "Search like picture 1-3").ClickAsync();
        await Heading(page.Page, $"{Undated + Dated} pictures, the most alike first");
        await page.Page.GetByText("Filters", new() { Exact = true }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Task", Exact = true }).SelectOptionAsync("island");
        await page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Answer", Exact = true }).SelectOptionAsync("no answer");
        await Heading(page.Page, $"{Undated + Dated} pictures, the most alike first");
        await Button(page.Page, $"Picture {await IdAsync(page.Page, 1)} is good").ClickAsync();
        await Button(page.Page, $"Picture {await IdAsync(page.Page, 2)} is bad").ClickAsync();
        await Axe.CheckAsync(page.Page, "hits with filters and marks");
        Assert.Equal("", await page.Page.EvaluateAsync<string>("""
            () => [...document.querySelectorAll("main button, main .picture-button, main summary")]
              .map((button) => [button.getAttribute("aria-label") ?? button.textContent, button.getBoundingClientRect()])
              .filter(([, box]) => box.width > 0 && (box.width < 48 || box.height < 48))
              .map(([name, box]) => `${name}: ${box.width} × ${box.height}`).join("; ")
            """));
        await Tiles(page.Page).First.ClickAsync();
        await Axe.CheckAsync(page.Page, "one hit");
        await page.Page.Keyboard.PressAsync("Escape");
        await Button(page.Page, "Label these").ClickAsync();
        await page.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Combobox, new() { Name = "Task" }).SelectOptionAsync("A new task");
        await Axe.CheckAsync(page.Page, "queue");
        Assert.True(await page.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen");
    }

    private static async Task<LabelingPage> OpenAsync(Chromium chromium, Func<IPlaywright, BrowserNewContextOptions> device)
    {
        var page = await LabelingPage.OpenAsync(chromium, device, pictures: Undated, setUp: async workspace =>
        {
            await LabelingSite.AddDatedPartitionAsync(workspace, "modis", "250m", Path.Combine(workspace.Root, "..", "dated"), Dated);
            var encoder = await new EncoderStore(workspace).EnsureStatisticsAsync(CancellationToken.None);
            await Embedding.EmbedAsync(workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        });
        await page.Page.GotoAsync($"{page.Server.Address}search");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Or begin with one of these" })).ToBeVisibleAsync();
        return page;
    }

    private Task<LabelingPage> OpenAsync(Func<IPlaywright, BrowserNewContextOptions> device) => OpenAsync(chromium, device);

    private static async Task<IPage> AsAsync(LabelingPage site, Role role)
    {
        var page = await site.Context.NewPageAsync();
        await page.GotoAsync(await site.Server.CreateLinkAsync(role, null, TimeSpan.FromHours(1), CancellationToken.None));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = LabelingSite.Question })).ToBeVisibleAsync();
        return page;
    }

    private static ILocator Tiles(IPage page) => page.Locator("button.tile");

    private static ILocator Tile(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static Task Heading(IPage page, string name) => Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true })).ToBeVisibleAsync();

    private static async Task<string> NameAsync(IPage page, int index) => await Tiles(page).Nth(index).GetAttributeAsync("aria-label") ?? "";

    private static async Task<string> IdAsync(IPage page, int index) => (await NameAsync(page, index)).Split(' ', ',')[1];

    /// <summary>Drops or pastes a file as the browser would hand it to the page.</summary>
    private static async Task GiveAsync(IPage page, string way, byte[] bytes, string name) => await page.EvaluateAsync(
        """
        ([way, base64, name]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: "image/bmp" }));
          document.body.dispatchEvent(way === "drop"
            ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }
        """,
        new[] { way, Convert.ToBase64String(bytes), name });
}
