using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>What is around all pages: navigation, roles, appearance, keyboard.</summary>
public sealed class ShellTests(Chromium chromium)
{
    [Fact]
    public async Task On_a_phone_a_picture_has_the_screen_to_itself_and_the_way_back_leads_to_the_navigation()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        await Assertions.Expect(Navigation(phone.Page)).ToBeHiddenAsync();
        await phone.ClickAsync("All tasks");
        await Assertions.Expect(phone.Page).ToHaveURLAsync($"{phone.Server.Address}tasks");
        await Assertions.Expect(phone.Page).ToHaveTitleAsync("Tasks · Curator");
        await Assertions.Expect(Navigation(phone.Page).GetByRole(AriaRole.Link, new() { Name = "Tasks" })).ToHaveAttributeAsync("aria-current", "page");
        var bar = await Navigation(phone.Page).BoundingBoxAsync();
        Assert.Equal(phone.Page.ViewportSize!.Height, bar!.Y + bar.Height, 1.0);
        foreach (var item in await Navigation(phone.Page).Locator("a, button").AllAsync())
        {
            var box = await item.BoundingBoxAsync();
            Assert.True(box is { Width: >= 48, Height: >= 48 }, $"{await item.TextContentAsync()}: {box?.Width} × {box?.Height}");
        }
        await phone.Page.GetByRole(AriaRole.Link, new() { Name = LabelingSite.Question }).TapAsync();
        await phone.ShowsAsync("1-0");
        await phone.Page.GoBackAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync();
        Assert.Empty(phone.Faults);
    }

    [Fact]
    public async Task Keys_reach_the_page_past_the_navigation_and_the_focus_follows_to_the_next_page()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop);
        await Assertions.Expect(Navigation(desk.Page)).ToBeVisibleAsync();
        await Navigation(desk.Page).GetByRole(AriaRole.Link, new() { Name = "Tasks" }).ClickAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync();
        await Assertions.Expect(desk.Page.Locator("#content")).ToBeFocusedAsync();
        await desk.Page.ReloadAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync();
        await desk.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the page" })).ToBeFocusedAsync();
        await desk.Page.Keyboard.PressAsync("Enter");
        await desk.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Link, new() { Name = LabelingSite.Question })).ToBeFocusedAsync();
        await desk.Page.Keyboard.PressAsync("Enter");
        await desk.ShowsAsync("1-0");
        await desk.Page.Keyboard.PressAsync("ArrowRight");
        await desk.ShowsAsync("1-1");
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task The_appearance_follows_the_device_until_one_is_chosen_and_is_kept()
    {
        await using var desk = await LabelingPage.OpenAsync(
            chromium, _ => new() { ViewportSize = new() { Width = 1280, Height = 800 }, ColorScheme = ColorScheme.Dark });
        const string dark = "rgb(14, 20, 27)", light = "rgb(245, 243, 238)";
        var button = Navigation(desk.Page).GetByRole(AriaRole.Button);
        var body = desk.Page.Locator("body");
        await Assertions.Expect(button).ToHaveTextAsync("Appearance: Auto");
        await Assertions.Expect(body).ToHaveCSSAsync("background-color", dark);
        await button.ClickAsync();
        await Assertions.Expect(button).ToHaveTextAsync("Appearance: Light");
        await Assertions.Expect(body).ToHaveCSSAsync("background-color", light);
        await desk.Page.ReloadAsync();
        await Assertions.Expect(body).ToHaveCSSAsync("background-color", light);
        await button.ClickAsync();
        await button.ClickAsync();
        await Assertions.Expect(button).ToHaveTextAsync("Appearance: Auto");
        await desk.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await Assertions.Expect(body).ToHaveCSSAsync("background-color", light);
    }

    [Fact]
    public async Task A_labeler_sees_pictures_and_no_navigation_and_an_address_that_is_none_leads_there_too()
    {
        await using var site = await LabelingPage.OpenAsync(chromium, Chromium.Desktop);
        var link = await site.Server.CreateLinkAsync(Role.Labeler, null, TimeSpan.FromHours(1), CancellationToken.None);
        var page = await site.Context.NewPageAsync();
        await page.GotoAsync(link);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = LabelingSite.Question })).ToBeVisibleAsync();
        await Assertions.Expect(Navigation(page)).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "All tasks" })).ToHaveCountAsync(0);
        await page.GotoAsync($"{site.Server.Address}no/such/page");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = LabelingSite.Question })).ToBeVisibleAsync();
    }

    private static ILocator Navigation(IPage page) => page.Locator("nav[aria-label=Pages]");
}
