using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

/// <summary>Several people on one task: opinions, leases, review, pace and agreement, pause and stop.</summary>
public sealed class PeopleTests
{
    [Fact]
    public async Task Two_opinions_are_asked_of_two_people_and_a_third_is_sent_away()
    {
        await using var site = await TwoOpinionsAsync(pictures: 3);
        using var ada = await site.SignInAsync(Role.Labeler);
        using var bob = await site.SignInAsync(Role.Labeler);
        using var eve = await site.SignInAsync(Role.Labeler);
        Assert.Equal(["1-0", "1-1", "1-2"], await NextAsync(ada, 5));
        Assert.Equal(["1-0", "1-1", "1-2"], await NextAsync(bob, 5));
        foreach (var client in new[] { ada, bob })
            for (var i = 0; i < 3; i++) await AnswerAsync(client, $"1-{i}", "yes");
        var last = await NextJsonAsync(eve, 5);
        Assert.Empty(last.GetProperty("items").EnumerateArray());
        Assert.Equal("learning", last.GetProperty("progress").GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Who_has_answered_everything_waits_for_the_others()
    {
        await using var site = await TwoOpinionsAsync(pictures: 2);
        using var ada = await site.SignInAsync(Role.Labeler);
        await AnswerAsync(ada, "1-0", "yes");
        await AnswerAsync(ada, "1-1", "yes");
        var next = await NextJsonAsync(ada, 5);
        Assert.Empty(next.GetProperty("items").EnumerateArray());
        Assert.True(next.GetProperty("waitingForOthers").GetBoolean());
        Assert.Equal(2, next.GetProperty("progress").GetProperty("open").GetInt32());
    }

    [Fact]
    public async Task A_heartbeat_keeps_pictures_and_a_release_hands_them_on()
    {
        var clock = new MovedClock();
        await using var site = await RunningServer.StartAsync(pictures: 4, options: new ServeOptions { LeaseTime = TimeSpan.FromMinutes(1) }, clock: clock);
        using var ada = await site.SignInAsync(Role.Labeler);
        using var bob = await site.SignInAsync(Role.Labeler);
        Assert.Equal(["1-0", "1-1"], await NextAsync(ada, 2));
        clock.Offset = TimeSpan.FromSeconds(50);
        var kept = await (await LeasesAsync(ada, release: false, "1-0", "1-1", "1-3")).JsonAsync();
        Assert.Equal(["1-0", "1-1"], Ids(kept, "held"));
        Assert.Equal(["1-3"], Ids(kept, "lost"));
        Assert.Equal(60, kept.GetProperty("seconds").GetInt32());
        clock.Offset = TimeSpan.FromSeconds(100);
        Assert.Equal(["1-2"], await NextAsync(bob, 1));
        await LeasesAsync(ada, release: true, "1-0");
        Assert.Equal(["1-2", "1-0"], await NextAsync(bob, 2));
        await (await LeasesAsync(ada, release: false)).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_reviewer_decides_on_what_people_disagree_about_and_not_on_what_changed_meanwhile()
    {
        await using var site = await TwoOpinionsAsync(pictures: 4);
        using var ada = await site.SignInAsync(Role.Labeler);
        using var bob = await site.SignInAsync(Role.Labeler);
        using var judge = await site.SignInAsync(Role.Reviewer);
        foreach (var (image, first, second) in new[] { ("1-0", "yes", "yes"), ("1-1", "yes", "no"), ("1-2", "no", "yes") })
        {
            await AnswerAsync(ada, image, first);
            await AnswerAsync(bob, image, second);
        }
        var page = await (await judge.GetAsync("/api/tasks/island/review?count=1")).JsonAsync();
        Assert.Equal(2, page.GetProperty("waiting").GetInt32());
        Assert.Equal("1-1", page.GetProperty("next").GetString());
        var item = page.GetProperty("items")[0];
        Assert.Equal(["yes", "no"], item.GetProperty("opinions").EnumerateArray().Select(opinion => opinion.GetProperty("value").GetString()));
        Assert.StartsWith("/api/images/1-1/picture", item.GetProperty("picture").GetString(), StringComparison.Ordinal);

        var seen = item.GetProperty("seenSeq").GetInt64();
        await AnswerAsync(bob, "1-1", "yes");
        object Decision(string op, long seq) => new { operationId = op, imageId = "1-1", value = "no", seenSeq = seq };
        var stale = await judge.PostAsJsonAsync("/api/tasks/island/decisions", Decision("decide-01", seen));
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);
        var problem = await stale.JsonAsync();
        Assert.Contains("answered again", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        seen = problem.GetProperty("item").GetProperty("seenSeq").GetInt64();
        for (var twice = 0; twice < 2; twice++)
            Assert.True((await (await judge.PostAsJsonAsync("/api/tasks/island/decisions", Decision("decide-02", seen))).JsonAsync()).GetProperty("stored").GetBoolean());
        var after = await (await judge.GetAsync("/api/tasks/island/review")).JsonAsync();
        Assert.Equal(["1-2"], after.GetProperty("items").EnumerateArray().Select(left => left.GetProperty("imageId").GetString()));
        Assert.Equal("no", (await site.Workspace.Labels.GetStatesAsync("island", CancellationToken.None)).Single(state => state.Image.Row == 1).Value);
        var all = await (await judge.GetAsync("/api/tasks/island/review?decided=true")).JsonAsync();
        Assert.DoesNotContain(all.GetProperty("items").EnumerateArray(), one => one.GetProperty("imageId").GetString() == "1-0");
    }

    [Fact]
    public async Task People_are_counted_with_pace_gold_items_and_repeats()
    {
        await using var site = await RunningServer.StartAsync(pictures: 30);
        await site.Workspace.Labels.ChangeTaskAsync("island", new TaskChange(GoldEvery: 3, RepeatEvery: 5), CancellationToken.None);
        await site.Workspace.Labels.SetGoldAsync("island", [.. Enumerable.Range(20, 10).Select(row => new GoldItem(new ImageId(1, row), "yes"))], CancellationToken.None);
        using var ada = await site.SignInAsync(Role.Labeler);
        using var judge = await site.SignInAsync(Role.Reviewer);
        var seen = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            if (await NextAsync(ada, 1) is not [var image]) break;
            seen.Add(image);
            await AnswerAsync(ada, image, "yes", shownAt: TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(2));
        }
        var person = Assert.Single((await (await judge.GetAsync("/api/tasks/island/people")).JsonAsync()).EnumerateArray());
        Assert.Equal(25, person.GetProperty("answers").GetInt32());
        Assert.InRange(person.GetProperty("medianSeconds").GetDouble(), 1.9, 60);
        Assert.True(person.GetProperty("here").GetBoolean());
        Assert.InRange(person.GetProperty("gold").GetInt32(), 3, 10);
        Assert.Equal(person.GetProperty("gold").GetInt32(), person.GetProperty("goldRight").GetInt32());
        Assert.Equal(seen.Count - seen.Distinct().Count(), person.GetProperty("repeats").GetInt32());
        Assert.InRange(person.GetProperty("repeats").GetInt32(), 1, 5);
        Assert.Equal(person.GetProperty("repeats").GetInt32(), person.GetProperty("repeatsSame").GetInt32());
    }

    [Fact]
    public async Task Everyone_sees_their_own_log_and_only_reviewers_that_of_others()
    {
        await using var site = await RunningServer.StartAsync(pictures: 4);
        using var ada = await site.SignInAsync(Role.Labeler);
        using var bob = await site.SignInAsync(Role.Labeler);
        using var judge = await site.SignInAsync(Role.Reviewer);
        await AnswerAsync(ada, "1-0", "yes");
        await AnswerAsync(bob, "1-1", "no");
        await AnswerAsync(ada, "1-2", "no");
        var name = Uri.EscapeDataString((await (await ada.GetAsync("/api/session")).JsonAsync()).GetProperty("person").GetString()!);
        var first = await (await ada.GetAsync("/api/tasks/island/log?count=1")).JsonAsync();
        Assert.Equal(["1-2"], first.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("imageId").GetString()));
        var second = await (await ada.GetAsync($"/api/tasks/island/log?before={first.GetProperty("next").GetInt64()}")).JsonAsync();
        Assert.Equal(["1-0"], second.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("imageId").GetString()));
        await (await bob.GetAsync($"/api/tasks/island/log?person={name}")).ProblemAsync(HttpStatusCode.Forbidden);
        Assert.Equal(2, (await (await judge.GetAsync($"/api/tasks/island/log?person={name}")).JsonAsync()).GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task Agreement_comes_with_intervals_and_numbers_that_do_not_exist_are_null()
    {
        await using var site = await TwoOpinionsAsync(pictures: 8);
        using var judge = await site.SignInAsync(Role.Reviewer);
        var nothing = await (await judge.GetAsync("/api/tasks/island/agreement")).JsonAsync();
        Assert.Equal(JsonValueKind.Null, nothing.GetProperty("krippendorffAlpha").GetProperty("value").ValueKind);
        using var ada = await site.SignInAsync(Role.Labeler);
        using var bob = await site.SignInAsync(Role.Labeler);
        for (var i = 0; i < 8; i++)
        {
            await AnswerAsync(ada, $"1-{i}", i % 2 == 0 ? "yes" : "no");
            await AnswerAsync(bob, $"1-{i}", i % 2 == 0 || i == 1 ? "yes" : "no");
        }
        var agreement = await (await judge.GetAsync("/api/tasks/island/agreement")).JsonAsync();
        Assert.Equal(0.875, agreement.GetProperty("percent").GetProperty("value").GetDouble(), 6);
        Assert.Equal(0.75, agreement.GetProperty("pairs")[0].GetProperty("cohenKappa").GetDouble(), 6);
        var alpha = agreement.GetProperty("krippendorffAlpha");
        Assert.InRange(alpha.GetProperty("value").GetDouble(), alpha.GetProperty("low").GetDouble(), alpha.GetProperty("high").GetDouble());
        Assert.Equal(2, agreement.GetProperty("reliabilities").GetArrayLength());
    }

    [Fact]
    public async Task An_owner_changes_pauses_and_stops_a_task_and_answers_are_stored_all_the_same()
    {
        await using var site = await RunningServer.StartAsync(pictures: 4);
        using var owner = await site.SignInAsync(Role.Owner);
        using var ada = await site.SignInAsync(Role.Labeler);
        var changed = await (await PatchAsync(owner, """{"question":"Land, water all around?","opinions":2,"addClasses":["reef"],"state":"paused"}""")).JsonAsync();
        Assert.Equal(("Land, water all around?", 2, "paused", 1), (
            changed.GetProperty("question").GetString(), changed.GetProperty("opinions").GetInt32(), changed.GetProperty("state").GetString(), changed.GetProperty("revision").GetInt32()));
        var paused = await NextJsonAsync(ada, 3);
        Assert.Empty(paused.GetProperty("items").EnumerateArray());
        Assert.Equal("paused", paused.GetProperty("progress").GetProperty("phase").GetString());
        await AnswerAsync(ada, "1-0", "reef");
        await owner.PatchAsJsonAsync("/api/tasks/island", new { state = "open" });
        Assert.Equal(["1-1", "1-2", "1-3"], await NextAsync(ada, 5));
        await owner.PatchAsJsonAsync("/api/tasks/island", new { state = "stopped" });
        Assert.Equal("stopped", (await NextJsonAsync(ada, 3)).GetProperty("progress").GetProperty("phase").GetString());
        foreach (var wrong in (string[])["""{"opinions":0}""", """{"opinions":99}""", """{"goldEvery":1}""", """{"addClasses":["yes"]}""", """{"question":" "}""", """{"state":"maybe"}"""])
            await (await PatchAsync(owner, wrong)).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_live_view_tells_who_is_here_and_what_is_left()
    {
        await using var site = await TwoOpinionsAsync(pictures: 4);
        using var owner = await site.SignInAsync(Role.Owner);
        using var ada = await site.SignInAsync(Role.Labeler);
        await using var feed = await owner.GetStreamAsync("/api/tasks/island/live");
        using var reader = new StreamReader(feed);
        Assert.Equal(0, (await LiveAsync(reader, _ => true)).GetProperty("here").GetArrayLength());
        await NextAsync(ada, 2);
        await AnswerAsync(ada, "1-0", "yes");
        var live = await LiveAsync(reader, state => state.GetProperty("perMinute").GetInt32() == 1);
        Assert.Equal(1, live.GetProperty("here")[0].GetProperty("held").GetInt32());
        Assert.Equal(4, live.GetProperty("progress").GetProperty("open").GetInt32());
        Assert.Equal("open", live.GetProperty("state").GetString());
        await owner.PatchAsJsonAsync("/api/tasks/island", new { state = "paused" });
        await LiveAsync(reader, state => state.GetProperty("state").GetString() == "paused");
    }

    private static async Task<JsonElement> LiveAsync(StreamReader reader, Func<JsonElement, bool> wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var isLive = false;
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("event:", StringComparison.Ordinal)) isLive = line == "event: live";
            else if (isLive && line.StartsWith("data: ", StringComparison.Ordinal) && JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]) is var state && wanted(state)) return state;
        }
        throw new EndOfStreamException("The live view ended.");
    }

    private static async Task<RunningServer> TwoOpinionsAsync(int pictures)
    {
        var site = await RunningServer.StartAsync(pictures);
        await site.Workspace.Labels.ChangeTaskAsync("island", new TaskChange(Opinions: 2), CancellationToken.None);
        return site;
    }

    private static async Task AnswerAsync(HttpClient client, string imageId, string value, DateTimeOffset? shownAt = null)
    {
        var response = await client.PostAsJsonAsync("/api/tasks/island/answers", new[] { new { operationId = Guid.NewGuid().ToString("n"), imageId, kind = "label", value, shownAt } });
        Assert.True((await response.JsonAsync())[0].GetProperty("stored").GetBoolean());
    }

    private static async Task<JsonElement> NextJsonAsync(HttpClient client, int count) => await (await client.PostAsJsonAsync("/api/tasks/island/next", new { count })).JsonAsync();

    private static async Task<string[]> NextAsync(HttpClient client, int count) =>
        [.. (await NextJsonAsync(client, count)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("imageId").GetString()!)];

    private static Task<HttpResponseMessage> LeasesAsync(HttpClient client, bool release, params string[] imageIds) =>
        client.PostAsJsonAsync("/api/tasks/island/leases", new { imageIds, release });

    private static Task<HttpResponseMessage> PatchAsync(HttpClient client, string json) => client.PatchAsync("/api/tasks/island", new StringContent(json, null, "application/json"));

    private static string[] Ids(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(id => id.GetString()!)];
}
