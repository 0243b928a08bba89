using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class LivePageTests(Chromium chromium)
{
    [Fact]
    public async Task Agreement_and_what_waits_for_review_are_shown_and_explained()
    {
        await using var desk = await OpenAsync(role: Role.Reviewer, disagree: true);
        await Assertions.Expect(Figure(desk, "agreement")).ToContainTextAsync("pictures");
        await Assertions.Expect(Figure(desk, "to review")).ToContainTextAsync("3");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToHaveCountAsync(0); // an owner's
        await desk.ClickAsync("Compute with intervals");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Krippendorff" })).ToBeVisibleAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Ada and Ben" })).ToContainTextAsync("κ");
        await Figure(desk, "to review").GetByRole(AriaRole.Link).ClickAsync();
        await desk.ShowsAsync("1-0");
    }

    private async Task<LabelingPage> OpenAsync(Role role = Role.Owner, bool disagree = false)
    {
        var desk = await LabelingPage.OpenAsync(
            chromium, Chromium.Desktop, pictures: 6, start: false, setUp: disagree ? ReviewPageTests.Disagree : null, role: role);
        await desk.Page.GotoAsync($"{desk.Server.Address}live");
        return desk;
    }

    private static ILocator Figure(LabelingPage desk, string name) => desk.Page.Locator(".figure").Filter(new() { HasText = name });
}
