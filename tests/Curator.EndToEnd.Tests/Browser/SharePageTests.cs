using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class SharePageTests(Chromium chromium)
{
    [Fact]
    public async Task An_owner_makes_a_link_a_phone_opens_it_and_ending_it_ends_the_phones_session()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop);
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "Share" }).ClickAsync();
        await desk.Page.GetByLabel("What they may do").SelectOptionAsync("Answer pictures");
        await desk.Page.GetByLabel("Task").SelectOptionAsync(LabelingSite.Question);
        await desk.Page.GetByLabel("Valid for").SelectOptionAsync("1 day");
        await desk.Page.GetByLabel("How many devices").SelectOptionAsync("One");
        await desk.ClickAsync("Make a link");
        var sheet = desk.Page.GetByRole(AriaRole.Dialog, new() { Name = "New link" });
        await Assertions.Expect(sheet.GetByRole(AriaRole.Img, new() { Name = "QR code of the link" })).ToBeVisibleAsync();
        var address = await sheet.GetByLabel("Address").InputValueAsync();
        Assert.StartsWith($"{desk.Server.Address}tasks/island#token=", address, StringComparison.Ordinal);
        await desk.ClickAsync("Close");
        Assert.DoesNotContain(address[^20..], await desk.Page.ContentAsync(), StringComparison.Ordinal);

        var (phone, page) = await desk.JoinAsync(chromium, Chromium.Phone, address);
        await using (phone)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Share" })).ToHaveCountAsync(0);
            await page.GotoAsync($"{desk.Server.Address}share");
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This page is not for your link" })).ToBeVisibleAsync();

            var (second, other) = await desk.JoinAsync(chromium, Chromium.Phone, address); // one device only
            await using (second)
                await Assertions.Expect(other.GetByRole(AriaRole.Heading, new() { Name = "Open your link" })).ToBeVisibleAsync();

            await desk.Page.ReloadAsync();
            var row = desk.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Labeler" });
            await Assertions.Expect(row).ToContainTextAsync("opened 1 of 1 times");
            await row.GetByRole(AriaRole.Button, new() { Name = "End link" }).ClickAsync();
            await row.GetByRole(AriaRole.Button, new() { Name = "End it and its sessions" }).ClickAsync();
            await Assertions.Expect(row).ToContainTextAsync("ended");
            await page.ReloadAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Open your link" })).ToBeVisibleAsync();
        }
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task Ending_a_link_asks_first_and_says_when_it_is_ones_own()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop);
        await desk.Page.GotoAsync($"{desk.Server.Address}share");
        var own = desk.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "yours" });
        await own.GetByRole(AriaRole.Button, new() { Name = "End link" }).ClickAsync();
        await Assertions.Expect(own.GetByRole(AriaRole.Button, new() { Name = "End your own session" })).ToBeVisibleAsync();
        await own.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        Assert.Contains(desk.Server.Links.All, link => link is { Role: Role.Owner, Revoked: false });
    }
}
