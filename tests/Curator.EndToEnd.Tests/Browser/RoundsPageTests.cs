using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Server.Security;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>The rounds page in a real browser: rounds, sweep and bulk answers from it, over embedded pictures.</summary>
public sealed class RoundsPageTests(Chromium chromium)
{
    private const string Fire = "fire";
    private const int Pictures = 60;

    [Fact]
    public async Task An_owner_starts_a_round_sweeps_and_answers_around_the_threshold_in_bulk()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("No round has begun.", Patient.Text);
        await desk.Page.GetByText("Settings of a run").ClickAsync();
        await desk.Page.GetByLabel("Pictures in a round").FillAsync("12");
        await desk.ClickAsync("Start next round");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("12 pictures wait for answers.", Patient.Text);
        await Assertions.Expect(Tiles(desk, "Queue")).ToHaveCountAsync(12, Patient.Count);
        await Assertions.Expect(Tiles(desk, "Queue").First).ToContainTextAsync("open", Patient.Text);
        await AnswerAsync(desk.Workspace, round: 0);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("All rounds that were asked for are done.", Patient.Text);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Img, new() { Name = "Positives found against labels" })).ToBeVisibleAsync(Patient.Visible);

        await desk.ClickAsync("Start next round");
        await Assertions.Expect(Tiles(desk, "Queue").First).ToContainTextAsync("%", Patient.Text);
        await AnswerAsync(desk.Workspace, round: 1);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Img, new() { Name = "F1, precision and recall against labels" })).ToBeVisibleAsync(Patient.Visible);
        await desk.Page.GetByText("The numbers").ClickAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Row)).ToHaveCountAsync(3, Patient.Count);

        await desk.ClickAsync("Sweep all pictures");
        var border = desk.Page.GetByRole(AriaRole.Region, new() { Name = "Around the threshold" });
        await Assertions.Expect(border).ToBeVisibleAsync(Patient.Visible);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Region, new() { Name = "The whole archive" })).ToContainTextAsync($"of {Pictures} pictures are “yes”", Patient.Text);
        var first = border.GetByRole(AriaRole.Listitem).GetByRole(AriaRole.Button).First;
        var id = ImageId.Parse((await first.GetByRole(AriaRole.Img).GetAttributeAsync("alt"))!["Picture ".Length..]);
        var called = await first.Locator(".tile-value").TextContentAsync();
        await first.ClickAsync();
        await Assertions.Expect(border.Locator("[data-changed=true]")).ToHaveCountAsync(1, Patient.Count);
        var before = (await desk.Workspace.Labels.GetStatesAsync(Fire, CancellationToken.None)).Count;
        var offered = await border.GetByRole(AriaRole.Listitem).CountAsync();
        await desk.ClickAsync($"Accept {offered}, 1 changed");
        await Assertions.Expect(border).ToContainTextAsync($"{offered} answers stored.", Patient.Text);
        var states = await desk.Workspace.Labels.GetStatesAsync(Fire, CancellationToken.None);
        Assert.Equal(before + offered, states.Count);
        Assert.Equal(called == "yes" ? "no" : "yes", states.Single(s => s.Image == id).Value);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Region, new() { Name = "The whole archive" })).ToContainTextAsync("Answers have come since", Patient.Text);
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task Rounds_can_be_stopped_and_go_on_after_the_server_was_started_anew()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        await desk.Page.GetByText("Settings of a run").ClickAsync();
        await desk.Page.GetByLabel("Label budget").FillAsync("40"); // a tenth of so few pictures would be used up by the first round
        await desk.ClickAsync("Run until done");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("wait for answers", Patient.Text);
        await desk.RestartServerAsync(() => Task.CompletedTask);
        await desk.Page.ReloadAsync();
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" })).ToBeVisibleAsync(Patient.Visible);
        await AnswerAsync(desk.Workspace, round: 0);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Combobox, new() { Name = "Round" })).ToHaveValueAsync("1", Patient.Value);
        await desk.ClickAsync("Stop");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Stopped.", Patient.Text);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Start next round" })).ToBeVisibleAsync(Patient.Visible);
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task A_reviewer_sees_everything_and_starts_nothing_and_a_labeler_is_turned_away()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        await SignInAsync(desk, Role.Reviewer);
        await desk.Page.GotoAsync($"{desk.Server.Address}rounds/{Fire}");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Status).First).ToBeVisibleAsync(Patient.Visible);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Start next round" })).ToHaveCountAsync(0, Patient.Count);
        await SignInAsync(desk, Role.Labeler);
        await desk.Page.GotoAsync($"{desk.Server.Address}rounds/{Fire}");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "This page is not for your link" })).ToBeVisibleAsync(Patient.Visible);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_on_the_rounds_page(ColorScheme scheme)
    {
        await using var phone = await OpenAsync(playwright =>
        {
            var options = Chromium.Phone(playwright);
            options.ColorScheme = scheme;
            options.ReducedMotion = ReducedMotion.Reduce;
            return options;
        });
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Button, new() { Name = "Start next round" })).ToBeVisibleAsync(Patient.Visible);
        await CheckAsync(phone.Page, "before the first round");
        for (var round = 0; round < 2; round++)
        {
            await phone.ClickAsync("Start next round");
            await AnswerAsync(phone.Workspace, round);
            await Assertions.Expect(phone.Page.GetByRole(AriaRole.Button, new() { Name = "Start next round" })).ToBeVisibleAsync(Patient.Visible);
        }
        await phone.ClickAsync("Sweep all pictures");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Region, new() { Name = "Around the threshold" })).ToBeVisibleAsync(Patient.Visible);
        await phone.Page.GetByText("Settings of a run").ClickAsync();
        await phone.Page.GetByText("The numbers").ClickAsync();
        await CheckAsync(phone.Page, "with rounds and a sweep");
        var wide = await phone.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.Equal(0, wide);
    }

    private static async Task CheckAsync(IPage page, string screen)
    {
        var result = await page.RunAxe();
        Assert.True(
            result.Violations.Length == 0,
            $"{screen}: {string.Join("; ", result.Violations.Select(violation => $"{violation.Id} ({string.Join(", ", violation.Nodes.Select(node => node.Html))})"))}");
    }

    private static ILocator Tiles(LabelingPage page, string region) => page.Page.GetByRole(AriaRole.Region, new() { Name = region }).GetByRole(AriaRole.Listitem);

    private async Task<LabelingPage> OpenAsync(Func<IPlaywright, BrowserNewContextOptions> device)
    {
        var page = await LabelingPage.OpenAsync(chromium, device, Pictures, start: false, EmbedAsync);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync(Patient.Visible); // the session is open
        await page.Page.GotoAsync($"{page.Server.Address}rounds/{Fire}");
        return page;
    }

    private static async Task EmbedAsync(Workspace workspace)
    {
        var encoder = await new EncoderStore(workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        var example = (await workspace.GetImageAsync(new ImageId(1, 0), CancellationToken.None)).Uri;
        await LabelingSite.AddTaskAsync(workspace, Fire, "Is it a fire?", ["yes", "no"], example);
    }

    /// <summary>Waits for the round and answers all of it: every third picture is a yes.</summary>
    private static async Task AnswerAsync(Workspace workspace, int round)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await workspace.Labels.GetRoundsAsync(Fire, CancellationToken.None)).All(r => r.Number != round))
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        var queue = await workspace.Labels.GetQueueAsync(Fire, round, CancellationToken.None);
        await workspace.Labels.AppendAsync(
            [.. queue.Select(i => new NewLabelEvent($"test-{round}-{i.Image}", Fire, i.Image, "ann", "sitting", LabelEventKind.Label, i.Image.Row % 3 == 0 ? "yes" : "no", null, round))],
            CancellationToken.None);
    }

    /// <summary>Training and sweeping take longer than a page does.</summary>
    private static class Patient
    {
        private const float Milliseconds = 90_000;

        public static LocatorAssertionsToBeVisibleOptions Visible { get; } = new() { Timeout = Milliseconds };

        public static LocatorAssertionsToContainTextOptions Text { get; } = new() { Timeout = Milliseconds };

        public static LocatorAssertionsToHaveCountOptions Count { get; } = new() { Timeout = Milliseconds };

        public static LocatorAssertionsToHaveValueOptions Value { get; } = new() { Timeout = Milliseconds };
    }

    private static async Task SignInAsync(LabelingPage page, Role role)
    {
        await page.Page.GotoAsync("about:blank");
        await page.Page.GotoAsync(await page.Server.CreateLinkAsync(role, null, TimeSpan.FromHours(1), CancellationToken.None));
        await Assertions.Expect(page.Page).Not.ToHaveURLAsync(new System.Text.RegularExpressions.Regex("token"));
    }
}
