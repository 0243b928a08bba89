using Curator.Core.Labels;
using Curator.Server.Tasks;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class SwipePageTests(Chromium chromium)
{
    private const int Right = 220, Left = -220, Down = 200;

    [Fact]
    public async Task A_whole_session_on_a_phone_ends_in_the_database_as_it_was_swiped()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone, start: false);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Swipe right");
        Assert.DoesNotContain("token", phone.Page.Url, StringComparison.Ordinal);
        await phone.ClickAsync("Start");
        var answers = new Dictionary<int, string?>();
        var events = 0;

        foreach (var (dx, dy, value) in new[] { (Right, 0, "yes"), (Left, 0, "no"), (0, Down, null), (Right, 30, "yes"), (Left, -40, "no") })
        {
            await phone.ShowsAsync($"1-{answers.Count}");
            await phone.SwipeAsync(dx, dy);
            answers.Add(answers.Count, value);
            events++;
        }
        foreach (var (button, value) in new[] { ("Yes", "yes"), ("No", "no"), ("Unsure", null) })
        {
            await phone.ShowsAsync($"1-{answers.Count}");
            await phone.ClickAsync(button);
            answers.Add(answers.Count, value);
            events++;
        }
        await phone.ClickAsync("Undo");
        await phone.ShowsAsync("1-7");
        await phone.ClickAsync("Undo");
        await phone.ShowsAsync("1-6");
        await phone.SwipeAsync(Right, 0);
        answers[6] = "yes";
        await phone.ShowsAsync("1-7");
        await phone.SwipeAsync(Left, 0);
        answers[7] = "no";
        events += 4;
        await phone.EventsAsync(events);

        await phone.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => null)");
        await phone.Context.SetOfflineAsync(true);
        for (var i = 0; i < 10; i++)
        {
            await phone.ShowsAsync($"1-{answers.Count}");
            await phone.SwipeAsync(i % 2 == 0 ? Right : Left, 0);
            answers.Add(answers.Count, i % 2 == 0 ? "yes" : "no");
            events++;
        }
        await Assertions.Expect(phone.Page.GetByText("Offline · 10 answers kept here")).ToBeVisibleAsync();
        await phone.HasAnswersAsync(answers.Where(entry => entry.Key < 8).ToDictionary());

        // Still offline: page, tasks, pictures at hand and answers all come from the device.
        await phone.Page.ReloadAsync();
        await Assertions.Expect(phone.Picture).ToHaveAttributeAsync("alt", "Picture 1-18");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(phone.Page.GetByText("Offline · 10 answers kept here")).ToBeVisibleAsync();
        await phone.Context.SetOfflineAsync(false);
        await phone.EventsAsync(events);
        await Assertions.Expect(phone.Page.GetByText("Offline")).ToHaveCountAsync(0);

        while (answers.Count < 30)
        {
            await phone.ShowsAsync($"1-{answers.Count}");
            await phone.SwipeAsync(Left, 0);
            answers.Add(answers.Count, "no");
            events++;
        }
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Round done" })).ToBeVisibleAsync();
        await phone.EventsAsync(events);
        await TaskEnd.MarkAsync(phone.Workspace, "island", finished: true, CancellationToken.None);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "All done" })).ToBeVisibleAsync();
        var stored = await phone.EventsAsync(events);
        Assert.Equal(events, stored.Count);
        Assert.Single(stored.Select(entry => entry.Person).Distinct());
        await phone.HasAnswersAsync(answers);
        Assert.Empty(phone.Faults);
    }

    [Fact]
    public async Task Keys_alone_do_the_whole_work()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop, start: false);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Start" })).ToBeFocusedAsync();
        await desk.Page.Keyboard.PressAsync("Enter");
        var keys = new[] { ("ArrowRight", "yes"), ("ArrowLeft", "no"), ("ArrowDown", null), ("a", "yes"), ("x", "no"), (" ", null) };
        for (var i = 0; i < keys.Length; i++)
        {
            await desk.ShowsAsync($"1-{i}");
            await desk.Page.Keyboard.PressAsync(keys[i].Item1);
        }
        await desk.ShowsAsync("1-6");
        await desk.Page.Keyboard.PressAsync("Backspace");
        await desk.ShowsAsync("1-5");
        await desk.Page.Keyboard.PressAsync("Control+z");
        await desk.ShowsAsync("1-4");
        await desk.EventsAsync(8);
        await desk.HasAnswersAsync(Enumerable.Range(0, 4).ToDictionary(i => i, i => keys[i].Item2));
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task A_mouse_drags_and_clicks_and_the_space_key_stays_unsure_after_a_click()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop);
        await desk.DragWithMouseAsync(260, 10);
        await desk.ShowsAsync("1-1");
        await desk.DragWithMouseAsync(-260, 10);
        await desk.ShowsAsync("1-2");
        await desk.DragWithMouseAsync(10, 220);
        await desk.ShowsAsync("1-3");
        await desk.ClickAsync("Yes");
        await desk.ShowsAsync("1-4");
        await desk.Page.Keyboard.PressAsync(" ");
        await desk.ShowsAsync("1-5");
        await desk.EventsAsync(5);
        await desk.HasAnswersAsync(new Dictionary<int, string?> { [0] = "yes", [1] = "no", [2] = null, [3] = "yes", [4] = null });
    }

    [Fact]
    public async Task A_touch_that_is_no_swipe_answers_nothing()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        await phone.SwipeAsync(0, 0);
        await phone.SwipeAsync(18, 6);
        await phone.SwipeAsync(60, 0, backAgain: true);
        await phone.SwipeAsync(0, -250);
        await phone.PinchAsync(120);
        await phone.ShowsAsync("1-0");
        await Assertions.Expect(phone.Page.Locator(".card.zoomed")).ToHaveCountAsync(1);
        await phone.SwipeAsync(Right, 0); // moves the enlarged picture
        await phone.ShowsAsync("1-0");
        await phone.PinchAsync(-30);
        await Assertions.Expect(phone.Page.Locator(".card.zoomed")).ToHaveCountAsync(0);
        await phone.DoubleTapAsync();
        await Assertions.Expect(phone.Page.Locator(".card.zoomed")).ToHaveCountAsync(1);
        await phone.DoubleTapAsync();
        await Assertions.Expect(phone.Page.Locator(".card.zoomed")).ToHaveCountAsync(0);
        await phone.SwipeAsync(Right, 0);
        await phone.ShowsAsync("1-1");
        await phone.EventsAsync(1);
        await phone.HasAnswersAsync(new Dictionary<int, string?> { [0] = "yes" });
    }

    [Fact]
    public async Task The_wheel_looks_closer_and_the_next_picture_is_whole_again()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop);
        await desk.Picture.HoverAsync(new() { Force = true });
        await desk.Page.Mouse.WheelAsync(0, -400);
        await Assertions.Expect(desk.Page.Locator(".card.zoomed")).ToHaveCountAsync(1);
        await desk.Page.Keyboard.PressAsync("ArrowRight");
        await desk.ShowsAsync("1-1");
        await Assertions.Expect(desk.Page.Locator(".card.zoomed")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Undo_goes_back_ten_pictures_also_after_a_reload()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop);
        for (var i = 0; i < 12; i++)
        {
            await desk.ShowsAsync($"1-{i}");
            await desk.Page.Keyboard.PressAsync("ArrowRight");
        }
        await desk.EventsAsync(12);
        await desk.Page.ReloadAsync();
        await desk.ShowsAsync("1-12");
        for (var i = 11; i >= 2; i--)
        {
            await desk.ClickAsync("Undo");
            await desk.ShowsAsync($"1-{i}");
        }
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeDisabledAsync();
        await desk.EventsAsync(22);
        await desk.HasAnswersAsync(new Dictionary<int, string?> { [0] = "yes", [1] = "yes" });
    }

    [Fact]
    public async Task Answers_given_offline_survive_a_reload_without_connection()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        await phone.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => caches.match('/'))");
        await phone.Page.ReloadAsync(); // from now on the page is kept for a start without connection
        await phone.ShowsAsync("1-0");
        await phone.Context.SetOfflineAsync(true);
        await phone.SwipeAsync(Right, 0);
        await phone.ShowsAsync("1-1");
        await phone.SwipeAsync(Left, 0);
        await phone.ShowsAsync("1-2");
        await phone.Page.ReloadAsync();
        await Assertions.Expect(phone.Picture).ToHaveAttributeAsync("alt", "Picture 1-2");
        await phone.SwipeAsync(0, Down);
        await Assertions.Expect(phone.Page.GetByText("Offline · 3 answers kept here")).ToBeVisibleAsync();
        await phone.Context.SetOfflineAsync(false);
        await phone.EventsAsync(3);
        await phone.HasAnswersAsync(new Dictionary<int, string?> { [0] = "yes", [1] = "no", [2] = null });
    }

    [Fact]
    public async Task An_answer_is_kept_when_the_page_is_reloaded_in_the_same_instant()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        for (var i = 0; i < 8; i++)
        {
            await phone.ShowsAsync($"1-{i}");
            await phone.Page.EvaluateAsync(
                "() => { document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true })); location.reload(); }");
        }
        await phone.ShowsAsync("1-8");
        await phone.EventsAsync(8);
        await phone.HasAnswersAsync(Enumerable.Range(0, 8).ToDictionary(i => i, _ => (string?)"yes"));
    }

    [Fact]
    public async Task Answers_given_while_the_server_is_down_arrive_when_it_is_back()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        await phone.RestartServerAsync(async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await phone.ShowsAsync($"1-{i}");
                await phone.SwipeAsync(Right, 0);
            }
            await Assertions.Expect(phone.Page.GetByText("Offline · 3 answers kept here")).ToBeVisibleAsync();
        });
        var events = await phone.EventsAsync(3);
        Assert.Equal(3, events.Select(entry => entry.OperationId).Distinct().Count());
        await phone.HasAnswersAsync(new Dictionary<int, string?> { [0] = "yes", [1] = "yes", [2] = "yes" });
    }

    [Fact]
    public async Task The_next_round_comes_by_itself_and_the_end_says_thanks()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone, pictures: 3);
        for (var i = 0; i < 3; i++)
        {
            await phone.ShowsAsync($"1-{i}");
            await phone.SwipeAsync(Right, 0);
        }
        await Assertions.Expect(phone.Page.GetByText("The next pictures come by themselves.")).ToBeVisibleAsync();
        await phone.EventsAsync(3);
        await phone.Workspace.Labels.FinishRoundAsync("island", 0, "{}", CancellationToken.None);
        await LabelingSite.AddPicturesAsync(phone.Workspace, phone.PicturesFolder, 2);
        await phone.Workspace.Labels.StartRoundAsync("island", 1, LabelingSite.Queue("island", 1, [3, 4]), CancellationToken.None);
        await phone.ShowsAsync("1-3");
        await Assertions.Expect(phone.Page.GetByText("Round 1 · 0 of 2")).ToBeVisibleAsync();
        await phone.SwipeAsync(Left, 0);
        await phone.ShowsAsync("1-4");
        await phone.SwipeAsync(Left, 0);
        await TaskEnd.MarkAsync(phone.Workspace, "island", finished: true, CancellationToken.None);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "All done" })).ToBeVisibleAsync();
        var events = await phone.EventsAsync(5);
        Assert.Equal([0, 0, 0, 1, 1], events.Select(entry => entry.Round));
    }

    [Fact]
    public async Task Directions_can_be_set_and_stay_so()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        await phone.ClickAsync("View");
        await phone.Page.GetByLabel("Swipe right").SelectOptionAsync("No");
        await Assertions.Expect(phone.Page.GetByLabel("Swipe left")).ToHaveValueAsync("0"); // no two directions mean the same
        await phone.Page.GetByLabel("Swipe down").SelectOptionAsync("nothing");
        await phone.ClickAsync("Close");
        await phone.SwipeAsync(Right, 0);
        await phone.ShowsAsync("1-1");
        await phone.Page.ReloadAsync();
        await phone.ShowsAsync("1-1");
        await phone.SwipeAsync(0, Down);
        await phone.ShowsAsync("1-1");
        await phone.SwipeAsync(Left, 0);
        await phone.EventsAsync(2);
        await phone.HasAnswersAsync(new Dictionary<int, string?> { [0] = "no", [1] = "yes" });
    }

    [Fact]
    public async Task Many_classes_have_buttons_and_digits()
    {
        await using var desk = await LabelingPage.OpenAsync(
            chromium,
            Chromium.Desktop,
            pictures: 4,
            start: false,
            setUp: async workspace =>
            {
                await LabelingSite.AddTaskAsync(workspace, "kind", "What is it?", ["island", "reef", "cloud"], null);
                await workspace.Labels.StartRoundAsync("kind", 0, LabelingSite.Queue("kind", 0, [0, 1, 2, 3]), CancellationToken.None);
            });
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync();
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "What is it?" }).ClickAsync();
        await desk.ClickAsync("Start");
        await desk.ShowsAsync("1-0");
        await desk.Page.Keyboard.PressAsync("3");
        await desk.ShowsAsync("1-1");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "reef" }).ClickAsync();
        await desk.ShowsAsync("1-2");
        await desk.Page.Keyboard.PressAsync("ArrowDown");
        await desk.ShowsAsync("1-3");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "All tasks" }).ClickAsync();
        await Assertions.Expect(desk.Page.GetByText("1 picture waits")).ToBeVisibleAsync();
        var states = await desk.Workspace.Labels.GetStatesAsync("kind", CancellationToken.None);
        Assert.Equal(["cloud", "reef", null], states.OrderBy(state => state.Image).Select(state => state.Value));
    }

    [Fact]
    public async Task A_picture_that_cannot_be_shown_is_said_and_can_be_answered()
    {
        await using var phone = await LabelingPage.OpenAsync(
            chromium, Chromium.Phone, start: false, setUp: async workspace => File.Delete((await workspace.GetImageAsync(new(1, 0), CancellationToken.None)).Uri));
        await phone.ClickAsync("Start");
        await Assertions.Expect(phone.Page.GetByText("This picture cannot be shown.")).ToBeVisibleAsync();
        await phone.ClickAsync("Unsure");
        await phone.ShowsAsync("1-1");
        await phone.EventsAsync(1);
        await phone.HasAnswersAsync(new Dictionary<int, string?> { [0] = null });
    }

    [Fact]
    public async Task Whoever_closes_the_page_gives_their_pictures_back_at_once()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        var labels = phone.Workspace.Labels;
        await phone.SwipeAsync(Right, 0);
        await phone.EventsAsync(1);
        Assert.InRange(Assert.Single(await labels.CountHeldAsync("island", CancellationToken.None)).Value, 14, 24);
        await phone.Page.GotoAsync("about:blank");

        // Long before the three minutes after which they are free anyway.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await labels.CountHeldAsync("island", CancellationToken.None)).Count > 0) await timer.WaitForNextTickAsync(patience.Token);
        var other = await labels.TakeNextAsync("island", "ben", 50, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 29), other.Select(item => (int)item.Image.Row));
    }

    [Fact]
    public async Task Without_a_link_the_page_asks_for_it()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        await phone.Context.ClearCookiesAsync();
        await phone.Page.ReloadAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Open your link" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_revoked_link_keeps_the_answers_until_a_new_one_is_opened()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone);
        foreach (var link in phone.Server.Links.All) await phone.Server.Links.RevokeAsync(link.Id, CancellationToken.None);
        await phone.SwipeAsync(Right, 0);
        await Assertions.Expect(phone.Page.GetByText("1 answer is kept on this device")).ToBeVisibleAsync();
        var address = await phone.Server.CreateLinkAsync(Server.Security.Role.Labeler, null, TimeSpan.FromHours(1), CancellationToken.None);
        await phone.Page.GotoAsync("about:blank");
        await phone.Page.GotoAsync(address);
        await phone.EventsAsync(1);
        await phone.HasAnswersAsync(new Dictionary<int, string?> { [0] = "yes" });
    }

    [Fact]
    public async Task Texts_from_tasks_never_become_markup()
    {
        const string canary = "<img src=x onerror=alert(1)><svg onload=alert(2)>";
        await using var phone = await LabelingPage.OpenAsync(
            chromium,
            Chromium.Phone,
            pictures: 2,
            start: false,
            setUp: async workspace =>
            {
                await workspace.Labels.GetOrAddTaskAsync(
                    new LabelingTask("canary", canary, [canary, $"'\"{canary}"], null, null, canary, workspace.Clock.GetUtcNow()), CancellationToken.None);
                await workspace.Labels.StartRoundAsync("canary", 0, LabelingSite.Queue("canary", 0, [0, 1]), CancellationToken.None);
            });
        await phone.Page.GetByText(canary).First.ClickAsync();
        await phone.ClickAsync("Start");
        await phone.ShowsAsync("1-0");
        await phone.SwipeAsync(Right, 0);
        await phone.ShowsAsync("1-1");
        await phone.ClickAsync("View");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(canary);
        Assert.Equal(0, await phone.Page.Locator("img[src='x'], svg[onload]").CountAsync());
        Assert.Empty(phone.Faults);
    }
}
