using System.Net;
using System.Net.Http.Json;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class QueueRouteTests
{
    [Fact]
    public async Task What_a_search_found_is_asked_next_in_a_task_begun_for_it()
    {
        await using var site = await SearchSite.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        var hits = await owner.IdsAsync(new { positives = SearchSite.Terms("1-3"), count = 4 });
        var created = await owner.PostAsJsonAsync("/api/tasks", new { name = "storm", question = "Is there a dust storm?" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/api/tasks/storm", created.Headers.Location?.OriginalString);
        Assert.Equal("""{"round":0,"queued":4,"answered":0,"waiting":0}""", await QueueAsync(owner, "storm", hits));
        Assert.Equal("""{"round":0,"queued":0,"answered":0,"waiting":4}""", await QueueAsync(owner, "storm", hits));
        using var labeler = await site.SignInAsync(Role.Labeler);
        var next = await (await labeler.PostAsJsonAsync("/api/tasks/storm/next", new { count = 10 })).JsonAsync();
        Assert.Equal(hits, next.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("imageId").GetString()));
        var task = await (await labeler.GetAsync("/api/tasks/storm")).JsonAsync();
        Assert.Equal("labeling", task.GetProperty("progress").GetProperty("phase").GetString());
        Assert.Equal("""["yes","no"]""", task.GetProperty("classes").GetRawText());
    }

    [Fact]
    public async Task A_task_is_begun_once_and_another_question_under_its_name_is_a_conflict()
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        Assert.Equal(HttpStatusCode.Created, (await owner.PostAsJsonAsync("/api/tasks", new { name = "island", question = LabelingSite.Question })).StatusCode);
        await (await owner.PostAsJsonAsync("/api/tasks", new { name = "island", question = "Is it a fire?" })).ProblemAsync(HttpStatusCode.Conflict);
        using var limited = await site.SignInAsync(Role.Owner, task: "island");
        await (await limited.PostAsJsonAsync("/api/tasks", new { name = "fire", question = "Is it a fire?" })).ProblemAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("""{"name":"../x","question":"Q?"}""")]
    [InlineData("""{"name":"","question":"Q?"}""")]
    [InlineData("""{"name":"x","question":"  "}""")]
    [InlineData("""{"name":"x","question":"Q?","classes":["yes"]}""")]
    [InlineData("""{"name":"x","question":"Q?","classes":["yes",""]}""")]
    [InlineData("""{"question":"Q?"}""")]
    public async Task A_task_that_makes_no_sense_is_refused(string json)
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        await (await owner.PostAsync("/api/tasks", new StringContent(json, null, "application/json"))).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Single(await site.Workspace.Labels.GetTasksAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Images_that_are_not_there_are_refused_and_nothing_is_queued()
    {
        await using var site = await RunningServer.StartAsync(pictures: 3);
        using var owner = await site.SignInAsync(Role.Owner);
        foreach (var id in new[] { "1-3", "2-0", "0-0", "../1-0", "1-99999999999" })
            await (await owner.PostAsJsonAsync("/api/tasks/island/queue", new { images = SearchSite.Names("1-0", id) })).ProblemAsync(HttpStatusCode.NotFound);
        await (await owner.PostAsJsonAsync("/api/tasks/island/queue", new { images = Array.Empty<string>() })).ProblemAsync(HttpStatusCode.BadRequest);
        await (await owner.PostAsJsonAsync("/api/tasks/island/queue", new { images = Enumerable.Repeat("1-0", 501) })).ProblemAsync(HttpStatusCode.BadRequest);
        await (await owner.PostAsJsonAsync("/api/tasks/atlantis/queue", new { images = SearchSite.Names("1-0") })).ProblemAsync(HttpStatusCode.NotFound);
        Assert.Equal(3, (await site.Workspace.Labels.GetQueueAsync("island", 0, CancellationToken.None)).Count);
    }

    private static async Task<string> QueueAsync(HttpClient client, string task, string[] images)
    {
        var response = await client.PostAsJsonAsync($"/api/tasks/{task}/queue", new { images });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.JsonAsync()).GetRawText();
    }
}
