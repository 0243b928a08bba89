using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class RoundsTests
{
    private const string Fire = "fire";
    private const int Pictures = 60;

    [Fact]
    public async Task Rounds_run_in_the_server_until_they_are_stopped_and_a_sweep_follows()
    {
        await using var site = await StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        var idle = await LearningAsync(owner);
        Assert.Equal(("idle", 0, JsonValueKind.Null), (State(idle), idle.GetProperty("labels").GetInt32(), idle.GetProperty("sweep").ValueKind));
        Assert.Contains("coral", idle.GetProperty("strategies").EnumerateArray().Select(s => s.GetString()));

        var begun = await (await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "rounds", labelBudget = 40, roundSize = 10 })).JsonAsync();
        Assert.Equal("running", State(begun));
        await (await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "rounds" })).ProblemAsync(HttpStatusCode.Conflict);
        await AnswerAsync(owner, round: 0);
        await AnswerAsync(owner, round: 1);
        var queue = await QueueAsync(owner, 1);
        Assert.Equal(10, queue.Length);
        Assert.All(queue, item => Assert.InRange(item.GetProperty("probability").GetSingle(), 0, 1));
        Assert.All(queue, item => Assert.Equal(JsonValueKind.String, item.GetProperty("answer").ValueKind));
        await UntilAsync(async () => (await site.Workspace.Labels.GetRoundsAsync(Fire, CancellationToken.None)).Count == 3);

        await owner.DeleteAsync($"/api/tasks/{Fire}/learning");
        await StateAsync(owner, "stopped");
        Assert.Equal(20, (await LearningAsync(owner)).GetProperty("labels").GetInt32());

        await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "sweep" });
        var swept = await StateAsync(owner, "done");
        Assert.Equal(Pictures, swept.GetProperty("sweep").GetProperty("images").GetInt32());
        Assert.False(swept.GetProperty("sweep").GetProperty("stale").GetBoolean());

        var border = await (await owner.GetAsync($"/api/tasks/{Fire}/border?count=12")).JsonAsync();
        var items = border.GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(12, items.Length);
        var threshold = border.GetProperty("threshold").GetSingle();
        foreach (var item in items)
        {
            var yes = item.GetProperty("value").GetString() == "yes";
            var probability = item.GetProperty("probability").GetSingle();
            Assert.Equal(yes, (yes ? probability : 1 - probability) >= threshold);
        }
        var answered = (await site.Workspace.Labels.GetStatesAsync(Fire, CancellationToken.None)).Select(s => s.Image.ToString()).ToHashSet();
        Assert.DoesNotContain(items, i => answered.Contains(i.GetProperty("imageId").GetString()!));

        await SendAsync(owner, items.Select(i => i.GetProperty("imageId").GetString()!));
        Assert.True((await LearningAsync(owner)).GetProperty("sweep").GetProperty("stale").GetBoolean());
    }

    [Fact]
    public async Task One_more_round_is_just_one_whatever_the_budget()
    {
        await using var site = await StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        for (var round = 0; round < 2; round++)
        {
            await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "round", roundSize = 8 });
            await AnswerAsync(owner, round);
            await StateAsync(owner, "done");
            var progress = (await (await owner.GetAsync($"/api/tasks/{Fire}")).JsonAsync()).GetProperty("progress");
            Assert.Equal(("done", round), (progress.GetProperty("phase").GetString(), progress.GetProperty("round").GetInt32()));
        }
        var rounds = await (await owner.GetAsync($"/api/tasks/{Fire}/rounds")).JsonAsync();
        Assert.Equal(2, rounds.GetArrayLength());
        Assert.Equal(16, rounds[1].GetProperty("metrics").GetProperty("labels").GetInt32());
    }

    [Fact]
    public async Task Rounds_that_were_under_way_when_a_server_ended_go_on_in_the_next()
    {
        await using var site = await StartAsync();
        using (var owner = await site.SignInAsync(Role.Owner))
        {
            await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "round", roundSize = 8 });
            await UntilAsync(async () => (await site.Workspace.Labels.GetRoundsAsync(Fire, CancellationToken.None)).Count == 1);
        }
        await site.RestartAsync();
        using var again = await site.SignInAsync(Role.Owner);
        Assert.Equal("running", State(await LearningAsync(again)));
        await AnswerAsync(again, round: 0);
        await StateAsync(again, "done");
        Assert.Equal(RoundState.Done, Assert.Single(await site.Workspace.Labels.GetRoundsAsync(Fire, CancellationToken.None)).State);
    }

    [Fact]
    public async Task What_runs_elsewhere_is_not_begun_twice_and_a_stop_reaches_the_server_that_runs_it()
    {
        await using var site = await StartAsync();
        await using var other = await CuratorServer.StartAsync(site.Workspace, new ServeOptions { Port = 0 }, CancellationToken.None);
        using var owner = await site.SignInAsync(Role.Owner);
        using (site.Workspace.TryLock($"learn-{Fire}"))
        {
            Assert.True((await LearningAsync(owner)).GetProperty("elsewhere").GetBoolean());
            await (await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "round" })).ProblemAsync(HttpStatusCode.Conflict);
        }
        await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "rounds", labelBudget = 40 });
        var (_, token) = await other.Links.CreateAsync(Role.Owner, null, TimeSpan.FromHours(1), null, CancellationToken.None);
        using var stranger = new HttpClient { BaseAddress = other.Address };
        await stranger.PostAsJsonAsync("/api/session", new { token });
        Assert.Equal("running", State(await LearningAsync(stranger)));
        await stranger.DeleteAsync($"/api/tasks/{Fire}/learning");
        await StateAsync(owner, "stopped");
        using var free = site.Workspace.TryLock($"learn-{Fire}");
        Assert.NotNull(free);
    }

    [Fact]
    public async Task A_failure_is_told_with_its_next_step_and_the_server_goes_on()
    {
        await using var site = await RunningServer.StartAsync();
        await LabelingSite.AddTaskAsync(site.Workspace, Fire, "Is it a fire?", ["yes", "no"], site.PicturePath(0));
        using var owner = await site.SignInAsync(Role.Owner);
        await owner.PostAsJsonAsync($"/api/tasks/{Fire}/learning", new { work = "sweep" });
        var failed = (await StateAsync(owner, "failed")).GetProperty("job");
        Assert.NotEmpty(failed.GetProperty("message").GetString()!);
        Assert.Contains("curator", failed.GetProperty("nextStep").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync("/health")).StatusCode);
    }

    [Theory]
    [InlineData("""{"work":"dance"}""")]
    [InlineData("""{"work":"rounds","labelBudget":1}""")]
    [InlineData("""{"work":"rounds","roundSize":0}""")]
    [InlineData("""{"work":"rounds","targetF1":1.5}""")]
    [InlineData("""{"work":"rounds","strategy":"psychic"}""")]
    [InlineData("{}")]
    public async Task A_request_that_makes_no_sense_begins_nothing(string json)
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        await (await owner.PostAsync($"/api/tasks/{LabelingSite.TaskName}/learning", new StringContent(json, null, "application/json"))).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal("idle", State(await LearningAsync(owner, LabelingSite.TaskName)));
        await (await owner.GetAsync($"/api/tasks/{LabelingSite.TaskName}/border?count=0")).ProblemAsync(HttpStatusCode.BadRequest);
        await (await owner.GetAsync($"/api/tasks/{LabelingSite.TaskName}/border")).ProblemAsync(HttpStatusCode.NotFound);
        await (await owner.GetAsync($"/api/tasks/{LabelingSite.TaskName}/queue?round=7")).ProblemAsync(HttpStatusCode.NotFound);
    }

    private static async Task<RunningServer> StartAsync()
    {
        var site = await RunningServer.StartAsync(Pictures);
        var encoder = await new EncoderStore(site.Workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(site.Workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        await LabelingSite.AddTaskAsync(site.Workspace, Fire, "Is it a fire?", ["yes", "no"], site.PicturePath(0));
        return site;
    }

    /// <summary>Waits for the round's queue and answers all of it: every third picture is a yes.</summary>
    private static async Task AnswerAsync(HttpClient client, int round)
    {
        JsonElement[] open = [];
        await UntilAsync(async () =>
        {
            var response = await client.GetAsync($"/api/tasks/{Fire}/queue?round={round}");
            if (response.StatusCode != HttpStatusCode.OK) return false;
            open = [.. (await response.JsonAsync()).EnumerateArray().Where(i => i.GetProperty("answer").ValueKind == JsonValueKind.Null)];
            return open.Length > 0;
        });
        await SendAsync(client, open.Select(i => i.GetProperty("imageId").GetString()!), round);
    }

    private static async Task SendAsync(HttpClient client, IEnumerable<string> images, int round = 0)
    {
        var answers = images.Select(id => new { operationId = $"operation-{round}-{id}", imageId = id, kind = "label", value = int.Parse(id[2..], System.Globalization.CultureInfo.InvariantCulture) % 3 == 0 ? "yes" : "no", round });
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsJsonAsync($"/api/tasks/{Fire}/answers", answers)).StatusCode);
    }

    private static async Task<JsonElement[]> QueueAsync(HttpClient client, int round) => [.. (await (await client.GetAsync($"/api/tasks/{Fire}/queue?round={round}")).JsonAsync()).EnumerateArray()];

    private static async Task<JsonElement> LearningAsync(HttpClient client, string task = Fire) => await (await client.GetAsync($"/api/tasks/{task}/learning")).JsonAsync();

    private static string? State(JsonElement learning) => learning.GetProperty("job").GetProperty("state").GetString();

    private static async Task<JsonElement> StateAsync(HttpClient client, string state)
    {
        JsonElement learning = default;
        await UntilAsync(async () => State(learning = await LearningAsync(client)) == state, () => learning.ToString());
        return learning;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<string>? present = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"It did not come to that: {present?.Invoke()}");
            }
        }
    }
}
