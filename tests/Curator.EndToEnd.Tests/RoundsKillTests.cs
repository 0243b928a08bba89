using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.EndToEnd.Tests;

/// <summary>Rounds that were started from the page, by a serving process that is killed in every state of them.</summary>
[Trait("Category", "Slow")]
public sealed class RoundsKillTests
{
    private const int Count = 120;
    private const string Name = "disc";
    private static readonly string[] Budget = ["--label-budget", "40", "--round-size", "10"];

    [Fact]
    public async Task Rounds_of_the_page_end_equal_to_those_of_the_command_line_however_often_the_server_was_killed()
    {
        using var project = await ScratchProject.CreateAsync(Count);
        var example = Path.Combine(project.Pictures, Name, "00000.jpg");
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        var yes = new HashSet<string>();
        await using (var workspace = await ScratchProject.OpenAsync(project.Root))
        {
            var encoder = await workspace.Catalog.GetEncoderAsync(null, CancellationToken.None);
            await workspace.Labels.GetOrAddTaskAsync(new LabelingTask(Name, "A disc?", ["yes", "no"], example, encoder.Id, "", workspace.Clock.GetUtcNow()), CancellationToken.None);
            for (var row = 0; row < Count; row++)
                if ((await workspace.GetImageAsync(new ImageId(1, row), CancellationToken.None)).Folder.Split('/').Contains(Name))
                    yes.Add(new ImageId(1, row).ToString());
        }
        var undisturbed = project.Copy();
        (await CuratorProcess.RunAsync(undisturbed, ["learn", Name, "--simulate", $"folders:{Name}", .. Budget])).Expect(0);
        (await CuratorProcess.RunAsync(undisturbed, "classify", Name)).Expect(0);

        var root = project.Copy();
        using var page = new OwnerPage(yes);
        var kills = 0;
        foreach (var moment in new[] { "begun", "queue", "half", "answered", "half", "answered" })
        {
            await using var server = await page.OpenAsync(root);
            if (kills == 0) await page.PostAsync(new { work = "rounds", labelBudget = 40, roundSize = 10 });
            if (moment != "begun") await page.QueueAsync();
            if (moment == "half") await page.AnswerAsync(all: false);
            if (moment == "answered") await page.AnswerAsync(all: true);
            await server.KillAsync();
            kills++;
        }
        await using (var server = await page.OpenAsync(root))
        {
            while (await page.StateAsync() == "running")
                if (await page.QueueAsync(orEnded: true))
                    await page.AnswerAsync(all: true);
            Assert.Equal("done", await page.StateAsync());
            await page.PostAsync(new { work = "sweep" });
            await server.KillAsync();
        }
        await using (await page.OpenAsync(root)) await page.EndedAsync();

        Assert.Equal(await RoundsAsync(undisturbed), await RoundsAsync(root));
        Assert.Equal(ScratchProject.HashOf(undisturbed, $"{Name}.scores"), ScratchProject.HashOf(root, $"{Name}.scores"));
    }

    /// <summary>Every round with its state and what it asked, in order.</summary>
    private static async Task<List<string>> RoundsAsync(string root)
    {
        await using var workspace = await ScratchProject.OpenAsync(root);
        var lines = new List<string>();
        foreach (var round in await workspace.Labels.GetRoundsAsync(Name, CancellationToken.None))
        {
            var queue = await workspace.Labels.GetQueueAsync(Name, round.Number, CancellationToken.None);
            lines.Add($"{round.Number} {round.State}: {string.Join(' ', queue.OrderBy(i => i.Rank).Select(i => $"{i.Image}/{i.Probability:R}/{i.Reason}"))}");
        }
        Assert.True(lines.Count >= 3, $"{lines.Count} rounds");
        return lines;
    }

    /// <summary>An owner at the page, who knows the truth.</summary>
    private sealed class OwnerPage(HashSet<string> yes) : IDisposable
    {
        // Cookies know no ports: the session of the first life serves all.
        private readonly CookieContainer _cookies = new();
        private HttpClient? _client;
        private string[] _open = [];

        public async Task<CuratorProcess> OpenAsync(string root)
        {
            var server = CuratorProcess.Start(root, "serve", "--port", "0", "--json");
            var line = await server.OutputLineAsync();
            if (line is null) (await server.EndAsync()).Expect(0);
            var link = new Uri(JsonDocument.Parse(line!).RootElement.GetProperty("link").GetString()!);
            var first = _client is null;
            _client?.Dispose();
            _client = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies }) { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
            if (first) Assert.Equal(HttpStatusCode.OK, (await _client.PostAsJsonAsync("/api/session", new { token = link.Fragment["#token=".Length..] })).StatusCode);
            return server;
        }

        public async Task PostAsync(object request)
        {
            var response = await _client!.PostAsJsonAsync($"/api/tasks/{Name}/learning", request);
            Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        }

        public async Task<string> StateAsync()
        {
            var job = (await _client!.GetFromJsonAsync<JsonElement>($"/api/tasks/{Name}/learning")).GetProperty("job");
            Assert.NotEqual("failed", job.GetProperty("state").GetString());
            return job.GetProperty("state").GetString()!;
        }

        public async Task EndedAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (await StateAsync() == "running") await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        /// <summary>Waits for open pictures; false when the rounds have ended instead.</summary>
        public async Task<bool> QueueAsync(bool orEnded = false)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (true)
            {
                var queue = await _client!.GetFromJsonAsync<JsonElement>($"/api/tasks/{Name}/queue");
                _open = [.. queue.EnumerateArray().Where(i => i.GetProperty("answer").ValueKind == JsonValueKind.Null).Select(i => i.GetProperty("imageId").GetString()!)];
                if (_open.Length > 0) return true;
                if (orEnded && await StateAsync() != "running") return false;
                await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
        }

        public async Task AnswerAsync(bool all)
        {
            var answers = _open.Take(all ? _open.Length : _open.Length / 2)
                .Select(id => new { operationId = $"operation-{id}", imageId = id, kind = "label", value = yes.Contains(id) ? "yes" : "no" });
            Assert.Equal(HttpStatusCode.OK, (await _client!.PostAsJsonAsync($"/api/tasks/{Name}/answers", answers)).StatusCode);
        }

        public void Dispose() => _client?.Dispose();
    }
}
