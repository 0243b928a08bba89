using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Curator.Server.Security;
using Curator.Server.Tests.Support;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Tests;

/// <summary>Requirements for a link that is shown to the internet which no other test of this room holds; docs/design/server.md maps all twelve.</summary>
public sealed class RequirementTests
{
    [Fact]
    public async Task The_key_of_sessions_is_random_and_can_be_read_by_its_owner_only()
    {
        await using var site = await RunningServer.StartAsync();
        await using var other = await RunningServer.StartAsync();
        string Key(RunningServer of) => Path.Combine(of.ProjectPath, ".work", "serve", "session.key");
        byte[] first = await File.ReadAllBytesAsync(Key(site)), second = await File.ReadAllBytesAsync(Key(other));
        Assert.Equal((32, 32), (first.Length, second.Length));
        Assert.NotEqual(first, second);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key(site)));
    }

    [Fact]
    public async Task Reading_any_route_as_an_owner_changes_nothing()
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        async Task<string> StateAsync()
        {
            var labels = site.Workspace.Labels;
            return string.Join('|', await labels.GetNewestSeqAsync(CancellationToken.None), string.Join(',', (await labels.GetTasksAsync(CancellationToken.None)).Select(task => task.Revision)),
                await site.Workspace.Catalog.GetValueAsync("serve.links", CancellationToken.None), string.Join(',', await labels.CountHeldAsync("island", CancellationToken.None)));
        }

        var before = await StateAsync();
        foreach (var endpoint in site.Server.Endpoints.OfType<RouteEndpoint>())
        {
            var path = Regex.Replace(endpoint.RoutePattern.RawText!, "{task}", "island").Replace("{image}", "1-0", StringComparison.Ordinal).Replace("{id}", "none", StringComparison.Ordinal)
                .Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{*path}", "/", StringComparison.Ordinal);
            using var response = await owner.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            using var head = await owner.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), HttpCompletionOption.ResponseHeadersRead);
        }
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task Who_came_in_and_what_was_opened_is_written_down_without_any_token()
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        using var stranger = site.Anonymous();
        await stranger.PostAsJsonAsync("/api/session", new { token = "guess-guess-guess" });
        var made = await (await owner.PostAsJsonAsync("/api/links", new { role = "labeler", hours = 1, task = "island" })).JsonAsync();
        var token = SessionTests.TokenOf(made.GetProperty("address").GetString()!);
        await stranger.PostAsJsonAsync("/api/session", new { token, name = "Ada" });
        await owner.PatchAsJsonAsync("/api/tasks/island", new { state = "paused" });
        await owner.DeleteAsync($"/api/links/{made.GetProperty("link").GetProperty("id").GetString()}");
        var path = Path.Combine(site.ProjectPath, ".work", "serve", "audit.jsonl");
        var lines = await File.ReadAllLinesAsync(path);
        Assert.Equal(
            ["linkMade", "sessionOpened", "linkRefused", "linkMade", "sessionOpened", "taskChanged", "linkRevoked"],
            lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("what").GetString()));
        Assert.Contains("Ada~", lines[4], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.DoesNotContain(token, line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain("guess-guess", line, StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task Thousands_of_guesses_open_nothing_and_all_but_the_first_are_turned_away_unread()
    {
        await using var site = await RunningServer.StartAsync(clock: new StandingClock());
        using var client = site.Anonymous();
        var statuses = new Dictionary<HttpStatusCode, int>();
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[32];
            random.NextBytes(bytes);
            using var response = await client.PostAsJsonAsync("/api/session", new { token = System.Buffers.Text.Base64Url.EncodeToString(bytes) });
            statuses[response.StatusCode] = statuses.GetValueOrDefault(response.StatusCode) + 1;
        }
        Assert.Equal(10, statuses[HttpStatusCode.Unauthorized]);
        Assert.Equal(1_990, statuses[HttpStatusCode.TooManyRequests]);
        // The right link does not get through either until the minute is over: guessing it and owning it look alike.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await client.PostAsJsonAsync("/api/session", new { token = SessionTests.TokenOf(site.Server.Link) })).StatusCode);
    }

    [Fact]
    public async Task A_client_that_sends_next_to_nothing_is_cut_off_and_others_are_served_meanwhile()
    {
        await using var site = await RunningServer.StartAsync(options: new ServeOptions { SlowPatience = TimeSpan.FromSeconds(1.5), HeaderPatience = TimeSpan.FromSeconds(1.5) });
        var host = site.Server.Address.Authority;
        var body = site.SendRawAsync($"POST /api/session HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{{");
        var head = site.SendRawAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nX-Slow");
        using var other = site.Anonymous();
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/health")).StatusCode);
        // Both end by themselves: the server gives the request up and closes the connection.
        Assert.Contains(" 408 ", await body, StringComparison.Ordinal);
        Assert.Contains(" 408 ", await head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_that_cannot_be_stored_soon_are_told_to_come_back_instead_of_piling_up()
    {
        const int room = 6, more = 4;
        await using var site = await RunningServer.StartAsync(options: new ServeOptions { MostWaiting = room });
        using var client = await site.SignInAsync(Role.Labeler);
        Task<HttpResponseMessage> SendAsync(int number) =>
            client.PostAsJsonAsync("/api/tasks/island/answers", new[] { new { operationId = $"operation-{number}", imageId = $"1-{number % 8}", kind = "label", value = "yes" } });
        var held = new TaskCompletionSource();
        var letGo = new TaskCompletionSource();
        // Somebody holds the database's one write lock, as another process would.
        var writer = site.Workspace.Database.WriteAsync(async _ =>
        {
            held.SetResult();
            await letGo.Task;
            return true;
        }, CancellationToken.None);
        await held.Task;
        var sent = Enumerable.Range(0, room + more).Select(SendAsync).ToList();
        for (var refused = 0; refused < more; refused++)
        {
            var first = await Task.WhenAny(sent);
            sent.Remove(first);
            using var response = await first;
            await response.ProblemAsync(HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(response.Headers.RetryAfter);
        }
        Assert.All(sent, request => Assert.False(request.IsCompleted));
        letGo.SetResult();
        await writer;
        Assert.All(await Task.WhenAll(sent), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(room, await site.Workspace.Labels.GetNewestSeqAsync(CancellationToken.None));
    }

    [Fact]
    public void Only_the_guarded_fetcher_of_pictures_opens_connections()
    {
        // It is off unless hosts are named, and its guards have tests of their own (PictureFetcherTests); no other code takes an address to fetch.
        var sources = Directory.EnumerateFiles(Path.Combine(TestData.Root, "src", "Curator.Server"), "*.cs", SearchOption.AllDirectories);
        Assert.Equal(
            ["PictureFetcher.cs"], sources.Where(file => Regex.IsMatch(File.ReadAllText(file), @"\b(HttpClient|WebClient|WebRequest|TcpClient|new Socket)\b")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Texts_of_people_and_files_come_back_as_json_and_never_as_a_page()
    {
        const string canary = "<img src=x onerror=alert(1)>\"'--";
        await using var site = await RunningServer.StartAsync(classes: ["yes", canary]);
        using var client = site.Anonymous();
        await client.PostAsJsonAsync("/api/session", new { token = SessionTests.TokenOf(site.Server.Link), name = canary[..28] });
        await client.PatchAsJsonAsync("/api/tasks/island", new { question = canary, guidelines = canary });
        await client.PostAsJsonAsync("/api/tasks/island/answers", new[] { new { operationId = "op-00001", imageId = "1-0", kind = "label", value = canary } });
        foreach (var path in new[] { "", "/people", "/log", "/review", "/agreement", "/rounds" })
        {
            using var response = await client.GetAsync($"/api/tasks/island{path}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }
}
