using Curator.Core.Labels;
using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class LivePageTests(Chromium chromium)
{
    [Fact]
    public async Task An_owner_watches_answers_come_in_and_pauses_resumes_and_ends_the_task()
    {
        await using var desk = await OpenAsync();
        await Assertions.Expect(Figure(desk, "left in this round")).ToContainTextAsync("6");
        var link = await desk.Server.CreateLinkAsync(Role.Labeler, LabelingSite.TaskName, TimeSpan.FromHours(1), CancellationToken.None);
        var (context, phone) = await desk.JoinAsync(chromium, Chromium.Phone, link);
        await using (context)
        {
            await phone.GetByLabel("Your name (optional)").FillAsync("Dora");
            await phone.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
            await phone.GetByRole(AriaRole.Button, new() { Name = "Yes", Exact = true }).ClickAsync();
            await Assertions.Expect(Figure(desk, "left in this round")).ToContainTextAsync("5");
            await Assertions.Expect(Figure(desk, "labels a minute")).ToContainTextAsync("1");
            var row = desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Dora" });
            await Assertions.Expect(row).ToContainTextAsync("here");
            await Assertions.Expect(row.GetByRole(AriaRole.Cell).First).ToHaveTextAsync("1");

            await row.GetByRole(AriaRole.Button, new() { Name = "Dora" }).ClickAsync();
            var log = desk.Page.GetByRole(AriaRole.Dialog, new() { Name = "What Dora did" });
            await Assertions.Expect(log.GetByRole(AriaRole.Listitem)).ToContainTextAsync(["Yes"]);
            await log.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

            await desk.ClickAsync("Pause");
            await Assertions.Expect(phone.GetByRole(AriaRole.Heading, new() { Name = "Paused" })).ToBeVisibleAsync();
            await Assertions.Expect(phone.GetByRole(AriaRole.Button, new() { Name = "Yes", Exact = true })).ToBeDisabledAsync();
            await desk.ClickAsync("Resume");
            await phone.GetByRole(AriaRole.Button, new() { Name = "No", Exact = true }).ClickAsync();
            await Assertions.Expect(Figure(desk, "left in this round")).ToContainTextAsync("4");
            await desk.ClickAsync("End task");
            await desk.ClickAsync("Really end it");
            await Assertions.Expect(phone.GetByRole(AriaRole.Heading, new() { Name = "Ended" })).ToBeVisibleAsync();
        }
        Assert.Equal(TaskState.Stopped, (await desk.Workspace.Labels.GetTaskAsync(LabelingSite.TaskName, CancellationToken.None)).State);
        await desk.HasAnswersAsync(new Dictionary<int, string?> { [0] = "yes", [1] = "no" });
        Assert.Empty(desk.Faults);
    }

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

    [Fact]
    public async Task An_owner_changes_the_question_and_adds_a_class_of_their_own()
    {
        await using var desk = await OpenAsync();
        var open = await desk.Context.NewPageAsync();
        await open.GotoAsync(desk.Server.Address.AbsoluteUri);
        await open.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Assertions.Expect(open.GetByRole(AriaRole.Button, new() { Name = "reef" })).ToHaveCountAsync(0);

        await desk.Page.GetByLabel("Question").FillAsync("Is there a whole island?");
        await desk.Page.GetByLabel("Add a class").FillAsync("reef");
        await desk.ClickAsync("Save");
        await Assertions.Expect(desk.Page.GetByText("Saved")).ToBeVisibleAsync();
        var task = await desk.Workspace.Labels.GetTaskAsync(LabelingSite.TaskName, CancellationToken.None);
        Assert.Equal("Is there a whole island?", task.Question);
        Assert.Equal(["yes", "no", "reef"], task.Classes);
        // A page that was open sees it without a reload.
        await Assertions.Expect(open.GetByRole(AriaRole.Heading, new() { Name = "Is there a whole island?" })).ToBeVisibleAsync();
        await Assertions.Expect(open.GetByRole(AriaRole.Button, new() { Name = "reef" })).ToBeVisibleAsync();

        await desk.Page.GotoAsync(desk.Server.Address.AbsoluteUri);
        await desk.ShowsAsync("1-0");
        await desk.Page.Keyboard.PressAsync("3");
        await desk.EventsAsync(1);
        await desk.HasAnswersAsync(new Dictionary<int, string?> { [0] = "reef" });
    }

    private Task<LabelingPage> OpenAsync(Role role = Role.Owner, bool disagree = false) => LabelingPage.OpenAsync(
        chromium, Chromium.Desktop, pictures: 6, start: false, setUp: disagree ? ReviewPageTests.Disagree : null, role: role, at: "live");

    private static ILocator Figure(LabelingPage desk, string name) => desk.Page.Locator(".figure").Filter(new() { HasText = name });
}
