using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class TaskTests
{
    [Fact]
    public async Task A_task_says_what_is_asked_and_where_it_stands()
    {
        await using var site = await RunningServer.StartAsync(pictures: 8);
        using var client = await site.SignInAsync(Role.Labeler);
        var task = await (await client.GetAsync("/api/tasks/island")).JsonAsync();
        Assert.Equal(LabelingSite.Question, task.GetProperty("question").GetString());
        Assert.Equal(["yes", "no"], task.GetProperty("classes").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("Land with water all around it.", task.GetProperty("guidelines").GetString());
        AssertProgress(task.GetProperty("progress"), "labeling", round: 0, asked: 8, open: 8, answered: 0, positives: 0, unsure: 0);
        var listed = await (await client.GetAsync("/api/tasks")).JsonAsync();
        Assert.Equal(task.GetRawText(), listed[0].GetRawText());
        await (await client.GetAsync("/api/tasks/atlantis")).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Next_gives_pictures_in_order_and_different_ones_to_two_people()
    {
        await using var site = await RunningServer.StartAsync(pictures: 8);
        using var ada = await site.SignInAsync(Role.Labeler);
        using var bob = await site.SignInAsync(Role.Labeler);
        Assert.Equal(["1-0", "1-1", "1-2"], await NextAsync(ada, 3));
        Assert.Equal(["1-3", "1-4", "1-5"], await NextAsync(bob, 3));
        Assert.Equal(["1-0", "1-1", "1-2", "1-6"], await NextAsync(ada, 4));
    }

    [Theory]
    [InlineData("""{"count":0}""")]
    [InlineData("""{"count":51}""")]
    [InlineData("""{"count":"3"}""")]
    [InlineData("""{"count":1e9}""")]
    [InlineData("""{"count":null}""")]
    [InlineData("""[]""")]
    [InlineData("""{""")]
    [InlineData("")]
    public async Task A_request_for_pictures_that_makes_no_sense_is_refused(string json)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        await (await client.PostAsync("/api/tasks/island/next", new StringContent(json, null, "application/json"))).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Answers_are_stored_with_who_gave_them_before_they_are_acknowledged()
    {
        await using var site = await RunningServer.StartAsync(pictures: 8);
        using var client = await site.SignInAsync(Role.Labeler);
        var receipts = await AnswerAsync(client, Label("op-00001", "1-0", "yes"), Label("op-00002", "1-1", "no"), Unsure("op-00003", "1-2"));
        Assert.All(receipts, receipt => Assert.True(receipt.GetProperty("stored").GetBoolean()));
        var person = (await (await client.GetAsync("/api/session")).JsonAsync()).GetProperty("person").GetString();
        var events = await EventsAsync(site);
        Assert.Equal(["yes", "no", null], events.Select(entry => entry.Value));
        Assert.All(events, entry => Assert.Equal(person, entry.Person));
        Assert.Equal(receipts.Select(receipt => receipt.GetProperty("seq").GetInt64()), events.Select(entry => entry.Seq));
        var task = await (await client.GetAsync("/api/tasks/island")).JsonAsync();
        AssertProgress(task.GetProperty("progress"), "labeling", round: 0, asked: 8, open: 5, answered: 3, positives: 1, unsure: 1);
        Assert.Equal(["1-3"], await NextAsync(client, 1));
    }

    [Fact]
    public async Task The_same_operation_sent_again_is_stored_once()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var first = await AnswerAsync(client, Label("op-00001", "1-0", "yes"));
        var second = await AnswerAsync(client, Label("op-00001", "1-0", "yes"), Label("op-00002", "1-1", "no"));
        Assert.Equal(first[0].GetRawText(), second[0].GetRawText());
        Assert.Equal(2, (await EventsAsync(site)).Count);
    }

    [Fact]
    public async Task An_operation_id_of_another_answer_is_refused_rather_than_taken_for_stored()
    {
        await using var site = await RunningServer.StartAsync();
        using var ada = await site.SignInAsync(Role.Labeler);
        using var bob = await site.SignInAsync(Role.Labeler);
        await AnswerAsync(ada, Label("op-00001", "1-0", "yes"));
        foreach (var receipt in new[] { (await AnswerAsync(ada, Label("op-00001", "1-0", "no")))[0], (await AnswerAsync(bob, Label("op-00001", "1-0", "yes")))[0] })
        {
            Assert.False(receipt.GetProperty("stored").GetBoolean());
            Assert.Contains("another answer", receipt.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
        Assert.Single(await EventsAsync(site));
    }

    [Fact]
    public async Task Undo_takes_back_ones_own_answer_and_keeps_both_events()
    {
        await using var site = await RunningServer.StartAsync(pictures: 4);
        using var client = await site.SignInAsync(Role.Labeler);
        await AnswerAsync(client, Label("op-00001", "1-0", "yes"), Undo("op-00002", "1-0"));
        Assert.Empty(await site.Workspace.Labels.GetStatesAsync("island", CancellationToken.None));
        Assert.Equal([LabelEventKind.Label, LabelEventKind.Undo], (await EventsAsync(site)).Select(entry => entry.Kind));
        Assert.Contains("1-0", await NextAsync(client, 4));
    }

    [Theory]
    [InlineData("short", "1-0", "label", "yes", "operation id")]
    [InlineData("op id with spaces", "1-0", "label", "yes", "operation id")]
    [InlineData("op-00001", "1-99", "label", "yes", "no such image")]
    [InlineData("op-00001", "7-0", "label", "yes", "no such image")]
    [InlineData("op-00001", "../../etc/passwd", "label", "yes", "no such image")]
    [InlineData("op-00001", "-1-0", "label", "yes", "no such image")]
    [InlineData("op-00001", "1-0", "label", "maybe", "one of: yes, no")]
    [InlineData("op-00001", "1-0", "label", null, "one of: yes, no")]
    [InlineData("op-00001", "1-0", "unsure", "yes", "no value")]
    [InlineData("op-00001", "1-0", "adjudicate", "yes", "owner")]
    [InlineData("op-00001", "1-0", "import", "yes", "no such kind")]
    public async Task An_answer_that_can_never_be_taken_is_refused_alone(string operationId, string imageId, string kind, string? value, string reason)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var receipts = await AnswerAsync(client, new { operationId, imageId, kind, value }, Label("op-99999", "1-1", "no"));
        Assert.False(receipts[0].GetProperty("stored").GetBoolean());
        Assert.Contains(reason, receipts[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.True(receipts[1].GetProperty("stored").GetBoolean());
        Assert.Single(await EventsAsync(site));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""[{"operationId":"op-00001","imageId":"1-0","kind":"praise"}]""")]
    [InlineData("""[{"operationId":"op-00001","imageId":"1-0","kind":0}]""")]
    [InlineData("""[{"imageId":"1-0","kind":"unsure"}]""")]
    public async Task A_batch_that_makes_no_sense_is_refused(string json)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        await (await client.PostAsync("/api/tasks/island/answers", new StringContent(json, null, "application/json"))).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Empty(await EventsAsync(site));
    }

    [Fact]
    public async Task A_body_beyond_a_mebibyte_is_refused()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        client.DefaultRequestHeaders.ExpectContinue = true; // the server refuses by the announced length, before the bytes are sent
        var large = new StringContent($"[{{\"operationId\":\"{new string('a', 1 << 20)}\"}}]", null, "application/json");
        Assert.Contains("too large", await (await client.PostAsync("/api/tasks/island/answers", large)).ProblemAsync(HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deeply_nested_json_is_refused()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var nested = new StringContent(new string('[', 5000) + new string(']', 5000), null, "application/json");
        await (await client.PostAsync("/api/tasks/island/answers", nested)).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_flood_of_answers_is_told_to_come_back_later()
    {
        await using var site = await RunningServer.StartAsync(clock: new StandingClock());
        using var client = await site.SignInAsync(Role.Labeler);
        for (var batch = 0; batch < 6; batch++)
            await AnswerAsync(client, [.. Enumerable.Range(0, 100).Select(i => Label($"op-{batch:D3}-{i:D3}", "1-0", "yes"))]);
        var refused = await client.PostAsJsonAsync("/api/tasks/island/answers", Enumerable.Range(0, 100).Select(i => Label($"op-late-{i:D3}", "1-0", "yes")));
        await refused.ProblemAsync(HttpStatusCode.TooManyRequests);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Many_people_at_once_lose_and_double_nothing()
    {
        const int people = 8, answersEach = 25;
        await using var site = await RunningServer.StartAsync(pictures: 40);
        var clients = new List<HttpClient>();
        for (var i = 0; i < people; i++) clients.Add(await site.SignInAsync(Role.Labeler));
        await Task.WhenAll(clients.Select(async (client, person) =>
        {
            for (var i = 0; i < answersEach; i++)
            {
                var answer = Label($"op-{person:D3}-{i:D3}", $"1-{(person * 7 + i) % 40}", i % 2 == 0 ? "yes" : "no");
                await AnswerAsync(client, answer);
                if (i % 3 == 0) await AnswerAsync(client, answer); // a lost acknowledgement
            }
        }));
        var events = await EventsAsync(site);
        Assert.Equal(people * answersEach, events.Count);
        Assert.Equal(people * answersEach, events.Select(entry => entry.OperationId).Distinct().Count());
        Assert.Empty(await site.Workspace.Labels.VerifyProjectionAsync(CancellationToken.None));
        Assert.Null(await site.Workspace.Labels.VerifyChainAsync(CancellationToken.None));
        foreach (var client in clients) client.Dispose();
    }

    [Fact]
    public async Task Labels_outlive_a_restart()
    {
        await using var site = await RunningServer.StartAsync(pictures: 4);
        using (var before = await site.SignInAsync(Role.Labeler))
            await AnswerAsync(before, Label("op-00001", "1-0", "yes"), Unsure("op-00002", "1-1"));
        await site.RestartAsync();
        using var after = await site.SignInAsync(Role.Labeler);
        var task = await (await after.GetAsync("/api/tasks/island")).JsonAsync();
        AssertProgress(task.GetProperty("progress"), "labeling", round: 0, asked: 4, open: 2, answered: 2, positives: 1, unsure: 1);
        Assert.Equal(["1-2", "1-3"], await NextAsync(after, 10));
    }

    [Fact]
    public async Task A_round_that_is_answered_waits_for_the_next_and_an_ended_task_says_so()
    {
        await using var site = await RunningServer.StartAsync(pictures: 2);
        using var client = await site.SignInAsync(Role.Labeler);
        await AnswerAsync(client, Label("op-00001", "1-0", "yes"), Label("op-00002", "1-1", "no"));
        Assert.Equal("learning", await PhaseAsync(client));
        await site.Workspace.Labels.FinishRoundAsync("island", 0, """{"f1":0.75}""", CancellationToken.None);
        Assert.Equal("learning", await PhaseAsync(client));
        var rounds = await (await client.GetAsync("/api/tasks/island/rounds")).JsonAsync();
        Assert.Equal("done", rounds[0].GetProperty("state").GetString());
        Assert.Equal(0.75, rounds[0].GetProperty("metrics").GetProperty("f1").GetDouble());
        await TaskEnd.MarkAsync(site.Workspace, "island", finished: true, CancellationToken.None);
        Assert.Equal("done", await PhaseAsync(client));
        await site.Workspace.Labels.StartRoundAsync("island", 1, LabelingSite.Queue("island", 1, [0]), CancellationToken.None);
        await LabelingSite.AddTaskAsync(site.Workspace, "fire", "Is it a fire?", ["yes", "no"], null);
        var fire = await (await client.GetAsync("/api/tasks/fire")).JsonAsync();
        AssertProgress(fire.GetProperty("progress"), "notStarted", round: -1, asked: 0, open: 0, answered: 0, positives: 0, unsure: 0);
        Assert.Equal(JsonValueKind.Null, fire.GetProperty("example").ValueKind);
    }

    [Fact]
    public async Task Progress_reaches_those_who_listen_whoever_caused_it()
    {
        await using var site = await RunningServer.StartAsync(pictures: 4);
        using var viewer = await site.SignInAsync(Role.Viewer);
        using var response = await viewer.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(4, (await NextProgressAsync(reader)).GetProperty("open").GetInt32());
        // Straight into the store, as another process would.
        await site.Workspace.Labels.AppendAsync(
            new NewLabelEvent("op-00001", "island", new ImageId(1, 2), "someone", "sitting", LabelEventKind.Label, "yes"), CancellationToken.None);
        JsonElement progress;
        do progress = await NextProgressAsync(reader);
        while (progress.GetProperty("open").GetInt32() == 4);
        AssertProgress(progress, "labeling", round: 0, asked: 4, open: 3, answered: 1, positives: 1, unsure: 0);
    }

    [Fact]
    public async Task Open_pages_are_told_of_the_end_before_the_server_goes()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1);
        using var labeler = await site.SignInAsync(Role.Labeler);
        await AnswerAsync(labeler, Label("op-00001", "1-0", "yes"));
        using var response = await labeler.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("learning", (await NextProgressAsync(reader)).GetProperty("phase").GetString());
        await site.Server.FinishTaskAsync("island", CancellationToken.None);
        await site.Server.DisposeAsync();
        JsonElement progress;
        do progress = await NextProgressAsync(reader);
        while (progress.GetProperty("phase").GetString() == "learning");
        Assert.Equal("done", progress.GetProperty("phase").GetString());
    }

    private static async Task<JsonElement> NextProgressAsync(StreamReader reader)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var isProgress = false;
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("event:", StringComparison.Ordinal)) isProgress = line == "event: progress";
            else if (isProgress && line.StartsWith("data: ", StringComparison.Ordinal)) return JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]);
        }
        throw new EndOfStreamException("The progress feed ended.");
    }

    private static void AssertProgress(JsonElement progress, string phase, int round, int asked, int open, int answered, int positives, int unsure)
    {
        Assert.Equal(phase, progress.GetProperty("phase").GetString());
        Assert.Equal(
            (round, asked, open, answered, positives, unsure),
            (Number("round"), Number("asked"), Number("open"), Number("answered"), Number("positives"), Number("unsure")));

        int Number(string name) => progress.GetProperty(name).GetInt32();
    }

    private static async Task<string?> PhaseAsync(HttpClient client) =>
        (await (await client.GetAsync("/api/tasks/island")).JsonAsync()).GetProperty("progress").GetProperty("phase").GetString();

    private static async Task<string[]> NextAsync(HttpClient client, int count)
    {
        var next = await (await client.PostAsJsonAsync("/api/tasks/island/next", new { count })).JsonAsync();
        return [.. next.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("imageId").GetString()!)];
    }

    private static async Task<JsonElement[]> AnswerAsync(HttpClient client, params object[] answers)
    {
        var response = await client.PostAsJsonAsync("/api/tasks/island/answers", answers);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.JsonAsync()).EnumerateArray()];
    }

    private static object Label(string operationId, string imageId, string value) => new { operationId, imageId, kind = "label", value, shownAt = "2026-01-02T03:04:05.678Z" };

    private static object Unsure(string operationId, string imageId) => new { operationId, imageId, kind = "unsure" };

    private static object Undo(string operationId, string imageId) => new { operationId, imageId, kind = "undo" };

    private static async Task<List<LabelEvent>> EventsAsync(RunningServer site)
    {
        var events = new List<LabelEvent>();
        await foreach (var entry in site.Workspace.Labels.GetEventsAsync("island", 0, CancellationToken.None)) events.Add(entry);
        return events;
    }
}
