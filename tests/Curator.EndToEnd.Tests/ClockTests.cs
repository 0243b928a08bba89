using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Curator.EndToEnd.Tests;

/// <summary>A serving process whose wall clock is set forward and back while people label, by libfaketime.</summary>
public sealed class ClockTests
{
    private static readonly string? Library =
        new[] { "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib64/faketime/libfaketime.so.1" }.FirstOrDefault(File.Exists);

    [Fact]
    public async Task A_clock_that_jumps_an_hour_either_way_ends_no_lease_and_reorders_nothing()
    {
        Assert.SkipWhen(Library is null, "libfaketime is not installed (Debian: faketime)");
        using var folder = new TemporaryFolder();
        await using (await LabelingSite.MakeAsync(folder, pictures: 8))
        {
        }
        var clock = folder["clock"];
        // Renamed into place: a process that reads the file between two writes would find nothing in it.
        void Set(string offset)
        {
            File.WriteAllText(clock + ".new", offset);
            File.Move(clock + ".new", clock, overwrite: true);
        }

        Set("+0");
        var start = CuratorProcess.StartInfo(folder["project"], "serve", "--port", "0", "--lease-time", "0.00:01:00", "--json");
        start.Environment["LD_PRELOAD"] = Library;
        start.Environment["FAKETIME_TIMESTAMP_FILE"] = clock;
        start.Environment["FAKETIME_NO_CACHE"] = "1";
        start.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"; // as on a real machine: only the wall clock is set
        var stored = new List<string>();
        var times = new List<DateTimeOffset>();
        await using (var server = CuratorProcess.Start(start))
        {
            var line = await server.OutputLineAsync();
            if (line is null) (await server.EndAsync()).Expect(0);
            var link = new Uri(JsonDocument.Parse(line!).RootElement.GetProperty("link").GetString()!);
            using var ann = await OpenAsync(link);
            using var ben = await OpenAsync(link);
            Assert.Equal(["1-0", "1-1"], await NextAsync(ann, 2));
            await AnswerAsync(ann, "operation-1", "1-0");

            Set("+3600");
            Assert.Equal(["1-2", "1-3"], await NextAsync(ben, 2)); // ann's are hers still
            await AnswerAsync(ben, "operation-2", "1-2");
            Assert.Equal(["1-1"], await HeldAsync(ann, "1-1"));

            Set("-3600");
            Assert.Equal(["1-1", "1-4"], await NextAsync(ann, 2));
            Assert.Equal(["1-3", "1-5"], await NextAsync(ben, 2));
            await AnswerAsync(ann, "operation-3", "1-1");
            await AnswerAsync(ben, "operation-2", "1-2"); // sent again: still one

            Set("+0");
            await AnswerAsync(ben, "operation-4", "1-3");
            server.Interrupt();
            (await server.EndAsync()).Expect(0);
        }
        await using var workspace = await ScratchProject.OpenAsync(folder["project"]);
        await foreach (var entry in workspace.Labels.GetEventsAsync(LabelingSite.TaskName, 0, CancellationToken.None))
        {
            stored.Add(entry.OperationId);
            times.Add(entry.ServerAt);
        }
        Assert.Equal(["operation-1", "operation-2", "operation-3", "operation-4"], stored);
        Assert.True(times[1] - times[0] > TimeSpan.FromMinutes(50) && times[1] - times[2] > TimeSpan.FromMinutes(110), $"the clock did not jump: {string.Join(' ', times.Select(time => $"{time:O}"))}");
        Assert.Null(await workspace.Labels.VerifyChainAsync(CancellationToken.None));
        Assert.Empty(await workspace.Labels.VerifyProjectionAsync(CancellationToken.None));
        Assert.Empty(await workspace.Labels.VerifyCountsAsync(CancellationToken.None));
    }

    private static async Task<HttpClient> OpenAsync(Uri link)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsJsonAsync("/api/session", new { token = link.Fragment["#token=".Length..] })).StatusCode);
        return client;
    }

    private static async Task<string[]> NextAsync(HttpClient client, int count)
    {
        var next = await (await client.PostAsJsonAsync("/api/tasks/island/next", new { count })).Content.ReadFromJsonAsync<JsonElement>();
        return [.. next.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("imageId").GetString()!)];
    }

    private static async Task<string[]> HeldAsync(HttpClient client, params string[] imageIds)
    {
        var receipt = await (await client.PostAsJsonAsync("/api/tasks/island/leases", new { imageIds })).Content.ReadFromJsonAsync<JsonElement>();
        return [.. receipt.GetProperty("held").EnumerateArray().Select(id => id.GetString()!)];
    }

    private static async Task AnswerAsync(HttpClient client, string operationId, string imageId)
    {
        var response = await client.PostAsJsonAsync("/api/tasks/island/answers", new[] { new { operationId, imageId, kind = "label", value = "yes" } });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True((await response.Content.ReadFromJsonAsync<JsonElement>())[0].GetProperty("stored").GetBoolean());
    }
}
