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
    public async Task A_task_is_begun_with_classes_an_example_and_pictures_drawn_at_random()
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        var created = await owner.PostAsJsonAsync(
            "/api/tasks", new { name = "kind", question = "What is it?", classes = SearchSite.Names("reef", "cloud", "ship"), guidelines = "Look closely.", opinions = 2, example = "1-3", pictures = 5 });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var task = await (await owner.GetAsync("/api/tasks/kind")).JsonAsync();
        Assert.Equal((2, 5, "Look closely."), (task.GetProperty("opinions").GetInt32(), task.GetProperty("progress").GetProperty("open").GetInt32(), task.GetProperty("guidelines").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(task.GetProperty("example").GetString())).StatusCode);
        await (await owner.PostAsJsonAsync("/api/tasks", new { name = "other", question = "Q?", example = "9-9" })).ProblemAsync(HttpStatusCode.BadRequest);
        await (await owner.PostAsJsonAsync("/api/tasks", new { name = "other", question = "Q?", opinions = 21 })).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_example_that_is_sent_is_encoded_anew_and_what_is_no_picture_is_refused()
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        var before = await (await owner.GetAsync("/api/tasks/island")).JsonAsync();
        var bytes = TinyPictures.Bmp(40, 7);
        Assert.Equal(HttpStatusCode.NoContent, (await owner.PutAsync("/api/tasks/island/example", new ByteArrayContent(bytes))).StatusCode);
        var after = await (await owner.GetAsync("/api/tasks/island")).JsonAsync();
        Assert.NotEqual(before.GetProperty("example").GetString(), after.GetProperty("example").GetString());
        Assert.Equal("image/webp", (await owner.GetAsync(after.GetProperty("example").GetString())).Content.Headers.ContentType?.MediaType);
        var kept = Assert.Single(Directory.EnumerateFiles(Path.Combine(site.ProjectPath, "examples")));
        Assert.Equal("RIFF"u8.ToArray(), File.ReadAllBytes(kept)[..4]);
        await (await owner.PutAsync("/api/tasks/island/example", new ByteArrayContent("<svg onload=alert(1)>"u8.ToArray()))).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        await (await owner.PutAsync("/api/tasks/atlantis/example", new ByteArrayContent(bytes))).ProblemAsync(HttpStatusCode.NotFound);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(site.ProjectPath, ".work", "serve"), "upload-*"));
        Assert.Equal(after.GetProperty("example").GetString(), (await (await owner.GetAsync("/api/tasks/island")).JsonAsync()).GetProperty("example").GetString());
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
