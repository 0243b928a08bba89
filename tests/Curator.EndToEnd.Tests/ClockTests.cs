using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Curator.EndToEnd.Tests;

/// <summary>A serving process whose wall clock is set forward and back while people label.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task A_clock_that_jumps_an_hour_either_way_ends_no_lease_and_reorders_nothing()
    {
        using var folder = new TemporaryFolder();
        if (!await CompileAsync(folder["wallclock.so"])) Assert.Skip("no C compiler for the moved clock (Debian: gcc, libc6-dev)");
        await using (await LabelingSite.MakeAsync(folder, pictures: 8))
        {
        }
        File.WriteAllBytes(folder["clock"], new byte[sizeof(long)]);
        void Set(long seconds)
        {
            using var file = File.OpenHandle(folder["clock"], FileMode.Open, FileAccess.Write);
            RandomAccess.Write(file, BitConverter.GetBytes(seconds), 0); // one page, so the process sees it at once
        }

        var start = CuratorProcess.StartInfo(folder["project"], "serve", "--port", "0", "--lease-time", "0.00:01:00", "--json");
        start.Environment["LD_PRELOAD"] = folder["wallclock.so"];
        start.Environment["WALL_CLOCK"] = folder["clock"];
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

            Set(3600);
            Assert.Equal(["1-2", "1-3"], await NextAsync(ben, 2)); // ann's are hers still
            await AnswerAsync(ben, "operation-2", "1-2");
            Assert.Equal(["1-1"], await HeldAsync(ann, "1-1"));

            Set(-3600);
            Assert.Equal(["1-1", "1-4"], await NextAsync(ann, 2));
            Assert.Equal(["1-3", "1-5"], await NextAsync(ben, 2));
            await AnswerAsync(ann, "operation-3", "1-1");
            await AnswerAsync(ben, "operation-2", "1-2"); // sent again: still one

            Set(0);
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

    /// <summary>False where there is no compiler.</summary>
    private static async Task<bool> CompileAsync(string library)
    {
        var start = new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O2", "-o", library, Path.Combine(AppContext.BaseDirectory, "wallclock.c")]) { RedirectStandardError = true };
        try
        {
            using var compiler = Process.Start(start)!;
            var said = await compiler.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await compiler.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(compiler.ExitCode == 0, said);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
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
