using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Curator.EndToEnd.Tests;

/// <summary>The verbs around answers, as people type them.</summary>
public sealed class LabelVerbTests
{
    [Fact]
    public async Task A_task_is_made_shared_answered_paused_backed_up_restored_and_moved()
    {
        using var project = await ScratchProject.CreateAsync(pictures: 6);
        (await project.RunAsync("add", project.Pictures, "--quiet")).Expect(0);
        await using (var server = CuratorProcess.Start(project.Root, "label", "island", "--question", "Is there an island?", "--opinions", "2", "--pictures", "4", "--port", "0", "--json"))
        {
            var line = await server.OutputLineAsync();
            if (line is null) (await server.EndAsync()).Expect(0);
            await AnswerAsync(new Uri(JsonDocument.Parse(line!).RootElement.GetProperty("link").GetString()!), expected: 4);
            server.Interrupt();
            (await server.EndAsync()).Expect(0);
        }

        var task = (await project.RunAsync("label", "island", "--pause", "--json")).Expect(0).Json;
        Assert.Equal(("paused", 2), (task.GetProperty("state").GetString(), task.GetProperty("opinions").GetInt32()));
        (await project.RunAsync("label", "island", "--pause", "--stop")).Expect(2);
        (await project.RunAsync("label", "atlantis", "--pause")).Expect(2);
        Assert.Contains("0 pictures were answered by two", (await project.RunAsync("labels", "agreement", "island")).Expect(0).Output, StringComparison.Ordinal);
        (await project.RunAsync("labels", "verify")).Expect(0);

        (await project.RunAsync("backup", project["monday.db"])).Expect(0);
        Assert.Equal(4, (await project.RunAsync("labels", "export", project["answers.jsonl"], "--json")).Expect(0).Json.GetProperty("events").GetInt32());
        Assert.Equal(4, (await project.RunAsync("restore", project["monday.db"], "--json")).Expect(0).Json.GetProperty("events").GetInt32());
        (await project.RunAsync("labels", "verify")).Expect(0);

        (await CuratorProcess.RunAsync(project.Folder, "init", "other")).Expect(0);
        Assert.Equal(4, (await CuratorProcess.RunAsync(project["other"], "labels", "import", project["answers.jsonl"], "--json")).Expect(0).Json.GetProperty("events").GetInt32());
        (await CuratorProcess.RunAsync(project["other"], "labels", "verify")).Expect(0);
        var audit = File.ReadAllLines(Path.Combine(project.Root, ".work", "serve", "audit.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            ["linkMade", "sessionOpened", "exported", "exported", "imported"], audit.Select(entry => entry.GetProperty("what").GetString()));
        Assert.All(audit.Skip(2), entry => Assert.Equal(Environment.UserName, entry.GetProperty("person").GetString()));
        Assert.EndsWith(project["answers.jsonl"], audit[3].GetProperty("detail").GetString(), StringComparison.Ordinal);
        if (PostgresCluster.TryGet(out _) is not { } cluster) return;
        (await CuratorProcess.RunAsync(project.Folder, "init", "team", "--database", cluster.NewAddress())).Expect(0);
        (await CuratorProcess.RunAsync(project["team"], "labels", "import", project["answers.jsonl"])).Expect(0);
        (await CuratorProcess.RunAsync(project["team"], "labels", "verify")).Expect(0);
        (await CuratorProcess.RunAsync(project["team"], "restore", project["monday.db"])).Expect(2); // holds a project already
    }

    private static async Task AnswerAsync(Uri link, int expected)
    {
        using var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsJsonAsync("/api/session", new { token = link.Fragment["#token=".Length..] })).StatusCode);
        var next = await (await client.PostAsJsonAsync("/api/tasks/island/next", new { count = 50 })).Content.ReadFromJsonAsync<JsonElement>();
        var images = next.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("imageId").GetString()!).ToList();
        Assert.Equal(expected, images.Count);
        var answered = await client.PostAsJsonAsync("/api/tasks/island/answers", images.Select((imageId, i) => new { operationId = $"operation-{i}", imageId, kind = "label", value = "yes" }));
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }
}
