using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.EndToEnd.Tests;

/// <summary>Answers over HTTP to a server that is killed again and again: what was acknowledged is there exactly once, in its order.</summary>
[Trait("Category", "Slow")]
public sealed class LabelingKillTests
{
    private const int PictureCount = 60;
    private const int BatchesALife = 3;
    private const int LeastKills = 100;

    [Fact]
    public async Task Every_acknowledged_answer_is_there_exactly_once_however_often_the_server_was_killed()
    {
        using var folder = new TemporaryFolder();
        await using (await LabelingSite.MakeAsync(folder, PictureCount))
        {
        }
        var random = new Random(5);
        using var sender = new Sender(random);
        var lost = 0;
        for (var life = 0; life < LeastKills; life++)
        {
            await using var server = await StartAsync(folder, sender);
            await sender.ResendAsync();
            for (var batch = random.Next(1, BatchesALife); batch > 0; batch--) await sender.SendAsync();
            if (life % 2 == 0)
            {
                await server.KillAsync();
                continue;
            }
            var request = sender.TrySendAsync();
            Assert.True(await server.KillAfterAsync(sender.MedianTime * random.NextDouble()), "the server ended by itself");
            if (!await request) lost++;
        }
        await using (await StartAsync(folder, sender)) await sender.ResendAsync();
        Assert.True(lost > 0, "no kill fell into a request");
        TestContext.Current.TestOutputHelper?.WriteLine($"{LeastKills} kills, {lost} requests without an answer, {sender.Acknowledged.Count} answers acknowledged");

        await using var workspace = await ScratchProject.OpenAsync(folder["project"]);
        var events = new List<LabelEvent>();
        await foreach (var entry in workspace.Labels.GetEventsAsync(LabelingSite.TaskName, 0, CancellationToken.None)) events.Add(entry);
        Assert.Equal(sender.Sent.Select(a => (a.OperationId, a.ImageId, a.Kind, a.Value)), events.Select(e => (e.OperationId, e.Image.ToString(), Kind(e.Kind), e.Value)));
        Assert.Equal(sender.Sent.Count, sender.Acknowledged.Count);
        Assert.All(events, e => Assert.Equal(sender.Acknowledged[e.OperationId], e.Seq));
        Assert.Single(events.Select(e => e.Person).Distinct());
        Assert.Null(await workspace.Labels.VerifyChainAsync(CancellationToken.None));
        Assert.Empty(await workspace.Labels.VerifyProjectionAsync(CancellationToken.None));
        Assert.Empty(await workspace.Labels.VerifyCountsAsync(CancellationToken.None));
    }

    private static string Kind(LabelEventKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    private static async Task<CuratorProcess> StartAsync(TemporaryFolder folder, Sender sender)
    {
        var server = CuratorProcess.Start(folder["project"], "serve", "--port", "0", "--json");
        var line = await server.OutputLineAsync();
        if (line is null) (await server.EndAsync()).Expect(0);
        await sender.ConnectAsync(new Uri(JsonDocument.Parse(line!).RootElement.GetProperty("link").GetString()!));
        return server;
    }

    private sealed record Answer(string OperationId, string ImageId, string Kind, string? Value);

    /// <summary>Sends answers in order as the page's outbox does: what has no receipt is sent again before anything new.</summary>
    private sealed class Sender(Random random) : IDisposable
    {
        // Cookies know no ports: the session of the first life serves all.
        private readonly CookieContainer _cookies = new();
        private readonly List<TimeSpan> _times = [];
        private readonly List<Answer> _waiting = [];
        private HttpClient? _client;

        /// <summary>All answers ever sent, in order.</summary>
        public List<Answer> Sent { get; } = [];

        /// <summary>Operation id → seq of the receipt.</summary>
        public Dictionary<string, long> Acknowledged { get; } = [];

        public TimeSpan MedianTime => _times.Order().ElementAt(_times.Count / 2);

        public async Task ConnectAsync(Uri link)
        {
            _client?.Dispose();
            _client = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies }) { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
            if (Sent.Count > 0)
            {
                Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/api/session")).StatusCode);
                return;
            }
            var response = await _client.PostAsJsonAsync("/api/session", new { token = link.Fragment["#token=".Length..] });
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        /// <summary>What waits, and some that were acknowledged long ago.</summary>
        public async Task ResendAsync()
        {
            if (Sent.Count > _waiting.Count) await PostAsync([.. Sent.Take(Sent.Count - _waiting.Count).TakeLast(7)]);
            if (_waiting.Count > 0) await PostAsync([.. _waiting]);
            _waiting.Clear();
        }

        public async Task SendAsync()
        {
            Draw(random.Next(1, 6));
            var watch = Stopwatch.StartNew();
            await PostAsync([.. _waiting]);
            _times.Add(watch.Elapsed);
            _waiting.Clear();
        }

        /// <summary>A full outbox, which takes longer than the usual few, so that there is a middle to be killed in.</summary>
        /// <returns>Whether a receipt came.</returns>
        public async Task<bool> TrySendAsync()
        {
            Draw(90);
            try
            {
                await PostAsync([.. _waiting]);
                _waiting.Clear();
                return true;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return false;
            }
        }

        public void Dispose() => _client?.Dispose();

        private void Draw(int count)
        {
            for (; count > 0; count--)
            {
                var kind = random.Next(10) switch { 0 => "unsure", 1 => "undo", _ => "label" };
                var image = new ImageId(1, random.Next(PictureCount)).ToString();
                _waiting.Add(new Answer($"operation-{Sent.Count:00000}", image, kind, kind == "label" ? (random.Next(3) == 0 ? "yes" : "no") : null));
                Sent.Add(_waiting[^1]);
            }
        }

        private async Task PostAsync(Answer[] answers)
        {
            var response = await _client!.PostAsJsonAsync($"/api/tasks/{LabelingSite.TaskName}/answers", answers);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var receipts = (await response.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray().ToArray();
            Assert.Equal(answers.Length, receipts.Length);
            foreach (var (answer, receipt) in answers.Zip(receipts))
            {
                Assert.True(receipt.GetProperty("stored").GetBoolean(), receipt.ToString());
                var seq = receipt.GetProperty("seq").GetInt64();
                Assert.Equal(Acknowledged.GetValueOrDefault(answer.OperationId, seq), seq);
                Acknowledged[answer.OperationId] = seq;
            }
        }
    }
}
