using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class GridPageTests(Chromium chromium)
{
    [Fact]
    public async Task A_finger_marks_one_and_many_and_one_touch_confirms_the_page()
    {
        await using var phone = await OpenAsync(Chromium.Phone, pictures: 40);
        var tiles = Tiles(phone);
        await Assertions.Expect(tiles.First).ToBeVisibleAsync();
        var page = await tiles.CountAsync();
        Assert.InRange(page, 9, 24);

        await phone.DragFingerAsync(tiles.Nth(0), tiles.Nth(0));
        await phone.DragFingerAsync(tiles.Nth(3), tiles.Nth(7)); // the rectangle of 3, 4, 6, 7
        await IsMarkedAsync(phone, 0, 3, 4, 6, 7);
        await phone.DragFingerAsync(tiles.Nth(4), tiles.Nth(4)); // a touch on a mark takes it away
        await phone.ClickAsync("Unsure");
        await phone.DragFingerAsync(tiles.Nth(8), tiles.Nth(8));
        await IsMarkedAsync(phone, 0, 3, 6, 7, 8);
        await Assertions.Expect(tiles.Nth(8)).ToHaveAccessibleNameAsync("Picture 1-8: Unsure");
        await ConfirmAsync(phone, $"4 Yes · {page - 5} No · 1 Unsure");

        var first = Enumerable.Range(0, page).ToDictionary(i => i, i => i is 0 or 3 or 6 or 7 ? "yes" : i == 8 ? null : "no");
        await Assertions.Expect(tiles.First).ToHaveAccessibleNameAsync($"Picture 1-{page}");
        await phone.EventsAsync(page);
        await phone.HasAnswersAsync(first);

        await phone.ClickAsync("Undo"); // the whole page, with its marks
        await Assertions.Expect(tiles.First).ToHaveAccessibleNameAsync("Picture 1-0: Yes");
        await IsMarkedAsync(phone, 0, 3, 6, 7, 8);
        await phone.EventsAsync(2 * page);
        await phone.HasAnswersAsync(new Dictionary<int, string?>());

        await phone.Context.SetOfflineAsync(true);
        await ConfirmAsync(phone, $"4 Yes · {page - 5} No · 1 Unsure");
        await Assertions.Expect(phone.Page.GetByText($"Offline · {page} answers kept here")).ToBeVisibleAsync();
        await phone.Context.SetOfflineAsync(false);
        await phone.EventsAsync(3 * page);
        await phone.HasAnswersAsync(first);
        Assert.Empty(phone.Faults);
    }

    [Fact]
    public async Task A_mouse_drags_over_many_and_shift_click_marks_all_between()
    {
        await using var desk = await OpenAsync(Chromium.Desktop, pictures: 30);
        var tiles = Tiles(desk);
        await tiles.Nth(1).ClickAsync();
        await tiles.Nth(4).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await IsMarkedAsync(desk, 1, 2, 3, 4);
        await desk.DragWithMouseAsync(tiles.Nth(3), tiles.Nth(2)); // begins on a mark: takes away
        await IsMarkedAsync(desk, 1, 4);
        await tiles.Nth(5).DblClickAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Dialog, new() { Name = "Picture 1-5" })).ToBeVisibleAsync();
        await desk.ClickAsync("Close");
        await IsMarkedAsync(desk, 1, 4);
        var page = await tiles.CountAsync();
        await Confirm(desk).ClickAsync();
        await desk.EventsAsync(page);
        var states = await desk.Workspace.Labels.GetStatesAsync(LabelingSite.TaskName, CancellationToken.None);
        Assert.Equal([1L, 4L], states.Where(state => state.Value == "yes").Select(state => state.Image.Row));
    }

    [Fact]
    public async Task Keys_alone_mark_confirm_and_take_back()
    {
        await using var desk = await OpenAsync(Chromium.Desktop, pictures: 12);
        var tiles = Tiles(desk);
        await Assertions.Expect(tiles).ToHaveCountAsync(12);
        await tiles.Nth(0).FocusAsync();
        await desk.Page.Keyboard.PressAsync(" ");
        await desk.Page.Keyboard.PressAsync("ArrowRight");
        await desk.Page.Keyboard.PressAsync("ArrowRight");
        await desk.Page.Keyboard.PressAsync("Shift+ArrowRight");
        await IsMarkedAsync(desk, 0, 2, 3);
        await desk.Page.Keyboard.PressAsync("e");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Dialog, new() { Name = "Picture 1-3" })).ToBeVisibleAsync();
        await desk.Page.Keyboard.PressAsync("Escape");
        await desk.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Round done" })).ToBeVisibleAsync();
        await desk.EventsAsync(12);
        await desk.Page.Keyboard.PressAsync("Backspace");
        await IsMarkedAsync(desk, 0, 2, 3);
        await desk.EventsAsync(24);
        await tiles.Nth(2).FocusAsync();
        await desk.Page.Keyboard.PressAsync("x");
        await desk.Page.Keyboard.PressAsync("Enter");
        await desk.EventsAsync(36);
        await desk.HasAnswersAsync(Enumerable.Range(0, 12).ToDictionary(i => i, i => i is 0 or 3 ? "yes" : (string?)"no"));
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task With_many_classes_digits_choose_what_is_marked_and_the_rest_comes_again()
    {
        await using var desk = await OpenAsync(Chromium.Desktop, pictures: 6, classes: ["island", "reef", "cloud"]);
        var tiles = Tiles(desk);
        await Assertions.Expect(tiles).ToHaveCountAsync(6);
        await Assertions.Expect(Confirm(desk)).ToBeDisabledAsync();
        await tiles.Nth(0).ClickAsync();
        await desk.Page.Keyboard.PressAsync("3");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "cloud" })).ToHaveAttributeAsync("aria-pressed", "true");
        await tiles.Nth(1).ClickAsync();
        await tiles.Nth(2).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await ConfirmAsync(desk, "1 island · 2 cloud");
        await desk.EventsAsync(3);
        await Assertions.Expect(tiles).ToHaveCountAsync(3);
        await Assertions.Expect(tiles.First).ToHaveAccessibleNameAsync("Picture 1-3");
        await desk.HasAnswersAsync(new Dictionary<int, string?> { [0] = "island", [1] = "cloud", [2] = "cloud" });

        await desk.ClickAsync("View");
        await desk.Page.GetByLabel("Unmarked pictures are").SelectOptionAsync("reef");
        await desk.ClickAsync("Close");
        await ConfirmAsync(desk, "3 reef");
        await desk.EventsAsync(6);
    }

    [Fact]
    public async Task The_page_keeps_its_address_and_both_ways_of_answering_share_the_work()
    {
        await using var phone = await OpenAsync(Chromium.Phone, pictures: 30);
        Assert.EndsWith("/tasks/island/grid", phone.Page.Url, StringComparison.Ordinal);
        await phone.Page.ReloadAsync();
        await Assertions.Expect(Tiles(phone).First).ToHaveAccessibleNameAsync("Picture 1-0");
        await phone.ClickAsync("View");
        await phone.ClickAsync("One by one");
        await phone.ShowsAsync("1-0");
        await phone.SwipeAsync(220, 0);
        await phone.EventsAsync(1);
        await phone.ClickAsync("View");
        await phone.ClickAsync("Many at once");
        await Assertions.Expect(Tiles(phone).First).ToHaveAccessibleNameAsync("Picture 1-1");
        await phone.ClickAsync("Undo");
        await Assertions.Expect(Tiles(phone).First).ToHaveAccessibleNameAsync("Picture 1-0: Yes");
        await phone.EventsAsync(2);
    }

    [Theory]
    [InlineData(320, 568)]
    [InlineData(412, 839)]
    [InlineData(839, 412)]
    [InlineData(1280, 800)]
    public async Task Everything_fits_without_scrolling(int width, int height)
    {
        await using var page = await OpenAsync(_ => new() { ViewportSize = new() { Width = width, Height = height } }, pictures: 50);
        var field = await page.Page.Locator(".grid-field").BoundingBoxAsync();
        foreach (var tile in await Tiles(page).AllAsync())
        {
            var box = (await tile.BoundingBoxAsync())!;
            Assert.True(box is { Width: >= 48, X: >= 0 } && box.X + box.Width <= width, $"a tile is {box.Width} wide at {box.X}");
            Assert.True(box.Y >= field!.Y - 1 && box.Y + box.Height <= field.Y + field.Height + 1, $"a tile at {box.Y} is cut off");
        }
        foreach (var button in await page.Page.GetByRole(AriaRole.Button).AllAsync())
        {
            var box = await button.BoundingBoxAsync();
            Assert.True(box is { Width: >= 44, Height: >= 44 } && box.Y >= 0 && box.Y + box.Height <= height, $"{await button.TextContentAsync()}: {box?.Width} × {box?.Height} at {box?.Y}");
        }
    }

    private async Task<LabelingPage> OpenAsync(Func<IPlaywright, BrowserNewContextOptions> device, int pictures, IReadOnlyList<string>? classes = null)
    {
        var opened = await LabelingPage.OpenAsync(chromium, device, pictures, classes: classes);
        await opened.ClickAsync("View");
        await opened.ClickAsync("Many at once");
        await opened.ClickAsync("Start");
        await Assertions.Expect(Tiles(opened).First).ToBeVisibleAsync();
        return opened;
    }

    private static ILocator Tiles(LabelingPage opened) => opened.Page.Locator(".tile");

    private static ILocator Confirm(LabelingPage opened) => opened.Page.Locator(".confirm");

    private static async Task ConfirmAsync(LabelingPage opened, string tally)
    {
        await Assertions.Expect(Confirm(opened)).ToHaveAccessibleNameAsync($"Confirm: {tally}");
        await Confirm(opened).ClickAsync();
    }

    private static async Task IsMarkedAsync(LabelingPage opened, params int[] marked)
    {
        await Assertions.Expect(opened.Page.Locator(".tile[aria-pressed=true]")).ToHaveCountAsync(marked.Length);
        foreach (var index in marked) await Assertions.Expect(Tiles(opened).Nth(index)).ToHaveAttributeAsync("aria-pressed", "true");
    }
}
