using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class ReviewPageTests(Chromium chromium)
{
    [Fact]
    public async Task A_reviewer_sees_who_said_what_and_a_decision_stands_above_it()
    {
        await using var desk = await OpenAsync(Disagree);
        await Assertions.Expect(desk.Page.GetByText("3 pictures wait for a decision")).ToBeVisibleAsync();
        await desk.ShowsAsync("1-0");
        var opinions = desk.Page.GetByRole(AriaRole.Listitem);
        await Assertions.Expect(opinions.Filter(new() { HasText = "Ada" })).ToContainTextAsync("Yes");
        await Assertions.Expect(opinions.Filter(new() { HasText = "Ben" })).ToContainTextAsync("No");

        await desk.ClickAsync("No");
        await desk.ShowsAsync("1-2");
        await Assertions.Expect(desk.Page.GetByText("2 pictures wait for a decision")).ToBeVisibleAsync();
        await desk.Page.Keyboard.PressAsync("ArrowRight");
        await desk.ShowsAsync("1-4");
        await desk.Page.Keyboard.PressAsync("Backspace"); // looked at again, decided otherwise
        await desk.ShowsAsync("1-2");
        await Assertions.Expect(desk.Page.GetByText("Decided: Yes")).ToBeVisibleAsync();
        await desk.Page.Keyboard.PressAsync("2");
        await desk.ShowsAsync("1-4");
        await desk.Page.Keyboard.PressAsync("s");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Nothing to review" })).ToBeVisibleAsync();
        await Assertions.Expect(desk.Page.GetByText("1 picture waits for a decision")).ToBeVisibleAsync();

        var states = await desk.Workspace.Labels.GetStatesAsync(LabelingSite.TaskName, CancellationToken.None);
        Assert.Equal(["no", "no"], states.Where(state => state.Image.Row is 0 or 2).Select(state => state.Value));
        var events = await desk.EventsAsync(13);
        Assert.Equal(3, events.Count(entry => entry.Kind is LabelEventKind.Adjudicate));
        Assert.Null(await desk.Workspace.Labels.VerifyChainAsync(CancellationToken.None));
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task A_decision_on_what_was_answered_meanwhile_shows_the_new_answers_instead()
    {
        await using var desk = await OpenAsync(Disagree);
        await desk.ShowsAsync("1-0");
        await AnswerAsync(desk.Workspace, 0, "Cleo~000003", "yes");
        await desk.ClickAsync("No");
        await Assertions.Expect(desk.Page.GetByText("It was answered meanwhile. Look again and decide.")).ToBeVisibleAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Cleo" })).ToContainTextAsync("Yes");
        Assert.DoesNotContain(await desk.EventsAsync(11), entry => entry.Kind is LabelEventKind.Adjudicate);
        await desk.ClickAsync("Yes");
        await desk.ShowsAsync("1-2");
        Assert.Single(await desk.EventsAsync(12), entry => entry.Kind is LabelEventKind.Adjudicate);
    }

    [Fact]
    public async Task A_labeler_has_no_review_page()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone, pictures: 5, role: Role.Labeler);
        await phone.Page.GotoAsync($"{phone.Server.Address}review");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "This page is not for your link" })).ToBeVisibleAsync();
    }

    /// <summary>Two opinions on five pictures; they differ on 0, 2 and (unsure by both) 4.</summary>
    internal static async Task Disagree(Workspace workspace)
    {
        await workspace.Labels.ChangeTaskAsync(LabelingSite.TaskName, new TaskChange(Opinions: 2), CancellationToken.None);
        for (var row = 0; row < 5; row++)
        {
            await AnswerAsync(workspace, row, "Ada~000001", row == 4 ? null : "yes");
            await AnswerAsync(workspace, row, "Ben~000002", row == 4 ? null : row is 0 or 2 ? "no" : "yes");
        }
    }

    internal static Task AnswerAsync(Workspace workspace, int row, string person, string? value) => workspace.Labels.AppendAsync(
        new NewLabelEvent(
            $"{person}-{row}-{value}", LabelingSite.TaskName, new ImageId(1, row), person, "session", value is null ? LabelEventKind.Unsure : LabelEventKind.Label, value,
            workspace.Clock.GetUtcNow() - TimeSpan.FromSeconds(2), 0),
        CancellationToken.None);

    private async Task<LabelingPage> OpenAsync(Func<Workspace, Task> setUp)
    {
        var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop, pictures: 6, start: false, setUp: setUp, role: Role.Reviewer);
        await desk.ClickAsync("Start");
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "Review" }).ClickAsync();
        return desk;
    }
}
