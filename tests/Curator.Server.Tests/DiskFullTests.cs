using System.Net;
using System.Net.Http.Json;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

/// <summary>A real file system that is really full.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_full_disk_refuses_answers_for_the_time_being_loses_none_and_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(mebibytes: 24);
        await using var site = await RunningServer.StartAsync(pictures: 8, folder: disk.Folder);
        using var client = await site.SignInAsync(Role.Labeler);
        var acknowledged = new List<string>();
        var number = 0;
        async Task<HttpResponseMessage> SendAsync()
        {
            string[] operations = [.. Enumerable.Range(0, 100).Select(_ => $"operation-{number++:000000}")];
            var response = await client.PostAsJsonAsync("/api/tasks/island/answers", operations.Select(operationId => new { operationId, imageId = "1-1", kind = "label", value = "yes" }));
            if (response.StatusCode == HttpStatusCode.OK) acknowledged.AddRange(operations);
            return response;
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync()).StatusCode);
        disk.Fill();
        HttpResponseMessage refused;
        do refused = await SendAsync();
        while (refused.StatusCode == HttpStatusCode.OK);
        // Not 404 and not 400: a page keeps what it has and sends it again.
        Assert.Contains("full", await refused.ProblemAsync(HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/tasks/island")).StatusCode);

        disk.MakeRoom();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync()).StatusCode);
        var stored = new List<string>();
        await foreach (var entry in site.Workspace.Labels.GetEventsAsync("island", 0, CancellationToken.None)) stored.Add(entry.OperationId);
        Assert.Equal(acknowledged, stored);
        Assert.Null(await site.Workspace.Labels.VerifyChainAsync(CancellationToken.None));
        Assert.Empty(await site.Workspace.Labels.VerifyProjectionAsync(CancellationToken.None));
        Assert.Empty(await site.Workspace.Labels.VerifyCountsAsync(CancellationToken.None));
    }
}
