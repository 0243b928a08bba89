using Curator.Server.Tasks;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class AccessibilityTests(Chromium chromium)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_on_any_screen(ColorScheme scheme)
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, playwright => With(Chromium.Phone(playwright), scheme), pictures: 2, start: false);
        await CheckAsync(phone.Page, "tutorial");
        await phone.ClickAsync("Start");
        await phone.ShowsAsync("1-0");
        await CheckAsync(phone.Page, "swipe page");
        await phone.ClickAsync("View");
        await CheckAsync(phone.Page, "view");
        await phone.Page.Keyboard.PressAsync("Escape");
        await phone.Page.GetByTitle("Compare with the example").ClickAsync();
        await CheckAsync(phone.Page, "example");
        await phone.Page.Keyboard.PressAsync("Escape");
        await phone.ClickAsync("Yes");
        await phone.ShowsAsync("1-1");
        await phone.ClickAsync("No");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Round done" })).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "round done");
        await TaskEnd.MarkAsync(phone.Workspace, "island", finished: true, CancellationToken.None);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "All done" })).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "all done");
        await LabelingSite.AddTaskAsync(phone.Workspace, "fire", "Is it a fire?", ["yes", "no"], null);
        await phone.Page.GotoAsync(phone.Server.Address.AbsoluteUri);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "tasks");
        await phone.ClickAsync("New task");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "New task" })).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "new task");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_in_the_grid_and_on_the_sharing_page(ColorScheme scheme)
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, playwright => With(Chromium.Phone(playwright), scheme), classes: ["yes", "no", "reef"]);
        await phone.ClickAsync("View");
        await CheckAsync(phone.Page, "view of a task with many classes");
        await phone.ClickAsync("Many at once");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Touch every picture");
        await CheckAsync(phone.Page, "grid tutorial");
        await phone.ClickAsync("Start");
        await phone.DragFingerAsync(phone.Page.Locator(".tile").Nth(0), phone.Page.Locator(".tile").Nth(4));
        await phone.ClickAsync("Unsure");
        await phone.DragFingerAsync(phone.Page.Locator(".tile").Nth(5), phone.Page.Locator(".tile").Nth(5));
        await CheckAsync(phone.Page, "grid");
        await phone.ClickAsync("View");
        await CheckAsync(phone.Page, "grid view");
        await phone.Page.GotoAsync($"{phone.Server.Address}share");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "yours" })).ToBeVisibleAsync();
        await phone.ClickAsync("End link");
        await CheckAsync(phone.Page, "share");
        await phone.ClickAsync("Make a link");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "new link");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_where_an_owner_reviews_and_watches(ColorScheme scheme)
    {
        await using var phone = await LabelingPage.OpenAsync(
            chromium, playwright => With(Chromium.Phone(playwright), scheme), pictures: 6, start: false, setUp: ReviewPageTests.Disagree);
        await phone.Page.GotoAsync($"{phone.Server.Address}review");
        await phone.ShowsAsync("1-0");
        await CheckAsync(phone.Page, "review");
        await phone.ClickAsync("Yes");
        await phone.ShowsAsync("1-2");
        await phone.ClickAsync("Back");
        await Assertions.Expect(phone.Page.GetByText("Decided: Yes")).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "review of a decision");
        for (var i = 0; i < 3; i++) await phone.ClickAsync("Skip");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Nothing to review" })).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "nothing to review");
        await phone.Page.GotoAsync($"{phone.Server.Address}live");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Ada" })).ToBeVisibleAsync();
        await phone.ClickAsync("Compute with intervals");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Krippendorff" })).ToBeVisibleAsync();
        await phone.ClickAsync("End task");
        await CheckAsync(phone.Page, "live");
        await phone.ClickAsync("Ada");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Listitem).First).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "log of a person");
        await phone.Page.Keyboard.PressAsync("Escape");
        await phone.ClickAsync("Really end it");
        await Assertions.Expect(phone.Page.GetByText("Ended")).ToBeVisibleAsync();
        await CheckAsync(phone.Page, "ended");
        await phone.Page.GotoAsync($"{phone.Server.Address}tasks/island");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Ended" })).ToBeVisibleAsync();
        await phone.Page.Keyboard.PressAsync("Escape");
        await CheckAsync(phone.Page, "task ended");
    }

    [Fact]
    public async Task Every_button_is_large_enough_for_a_finger()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        foreach (var button in await phone.Page.GetByRole(AriaRole.Button).AllAsync())
        {
            var box = await button.BoundingBoxAsync();
            Assert.True(box is { Width: >= 48, Height: >= 48 }, $"{await button.TextContentAsync()}: {box?.Width} × {box?.Height}");
        }
    }

    [Theory]
    [InlineData(320, 568)]
    [InlineData(412, 839)]
    [InlineData(839, 412)]
    [InlineData(768, 1024)]
    [InlineData(1280, 800)]
    public async Task The_page_fits_without_scrolling(int width, int height)
    {
        await using var page = await LabelingPage.OpenAsync(chromium, _ => new() { ViewportSize = new() { Width = width, Height = height } });
        var box = await page.Page.Locator(".stage > .card:not(.below)").BoundingBoxAsync();
        Assert.True(box!.Width >= Math.Min(width, height) * 0.45, $"the picture is only {box.Width} wide");
        foreach (var name in new[] { "Yes", "No", "Unsure", "Undo", "View" })
        {
            var button = await page.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).BoundingBoxAsync();
            Assert.True(button!.X >= 0 && button.X + button.Width <= width && button.Y + button.Height <= height, $"{name} lies outside: {button.X},{button.Y}");
            var apart = button.Y >= box.Y + box.Height || button.X >= box.X + box.Width;
            Assert.True(apart, $"{name} overlaps the picture");
        }
    }

    private static BrowserNewContextOptions With(BrowserNewContextOptions options, ColorScheme scheme)
    {
        options.ColorScheme = scheme;
        options.ReducedMotion = ReducedMotion.Reduce; // colours are judged when panels have stopped fading in
        return options;
    }

    private static Task CheckAsync(IPage page, string screen) => Axe.CheckAsync(page, screen);
}
