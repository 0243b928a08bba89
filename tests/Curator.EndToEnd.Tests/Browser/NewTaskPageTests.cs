using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class NewTaskPageTests(Chromium chromium)
{
    [Fact]
    public async Task An_owner_begins_a_task_with_an_example_and_classes_of_their_own_and_answers_it_at_once()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop, pictures: 8);
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "Tasks" }).ClickAsync();
        await desk.ClickAsync("New task");
        await desk.Page.GetByLabel("Question to ask").FillAsync("What is in the water?");
        await desk.Page.GetByLabel("Answers, one a line").FillAsync("reef\ncloud, ship");
        await desk.Page.GetByLabel("Guidelines").FillAsync("Ships leave a wake.");
        await desk.Page.GetByLabel("Choose a picture").SetInputFilesAsync(new FilePayload { Name = "example.bmp", MimeType = "image/bmp", Buffer = TinyPictures.Bmp(48, 77) });
        await Assertions.Expect(desk.Page.GetByAltText("Example of what to look for")).ToBeVisibleAsync();
        await desk.Page.GetByLabel("People a picture").FillAsync("2");
        await desk.Page.GetByLabel("How many").FillAsync("5");
        await desk.ClickAsync("Begin");

        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "What is in the water?" })).ToBeVisibleAsync();
        Assert.EndsWith("/tasks/water", desk.Page.Url, StringComparison.Ordinal);
        await Assertions.Expect(desk.Page.GetByTitle("Compare with the example")).ToBeVisibleAsync();
        await Assertions.Expect(desk.Page.GetByText("First look · 0 of 5")).ToBeVisibleAsync();
        await desk.Page.WaitForFunctionAsync("() => document.querySelector('.stage > .card:not(.below) img')?.naturalWidth > 0");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "ship" }).ClickAsync();
        await Assertions.Expect(desk.Page.GetByText("First look · 1 of 5")).ToBeVisibleAsync();
        await desk.EventsAsync(1, "water");
        var task = await desk.Workspace.Labels.GetTaskAsync("water", CancellationToken.None);
        Assert.Equal(["reef", "cloud", "ship"], task.Classes);
        Assert.Equal((2, "Ships leave a wake."), (task.Opinions, task.Guidelines));
        Assert.Equal("ship", Assert.Single(await desk.Workspace.Labels.GetOpinionsAsync("water", CancellationToken.None)).Value);
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task Whoever_owns_less_than_everything_begins_no_task()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop, role: Role.Reviewer);
        await desk.Page.GotoAsync($"{desk.Server.Address}tasks");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "New task" })).ToHaveCountAsync(0);
        await desk.Page.GotoAsync($"{desk.Server.Address}new-task");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "This page is not for your link" })).ToBeVisibleAsync();
    }
}
