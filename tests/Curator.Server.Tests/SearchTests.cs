using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class SearchTests
{
    [Fact]
    public async Task An_image_finds_itself_first_and_then_its_likes()
    {
        await using var site = await StartEmbeddedAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var hits = await HitsAsync(await client.PostAsJsonAsync("/api/search", new { images = Ids("1-3"), count = 5 }));
        Assert.Equal(5, hits.Length);
        Assert.Equal("1-3", hits[0].GetProperty("imageId").GetString());
        Assert.Equal(hits.Select(hit => hit.GetProperty("distance").GetSingle()).Order(), hits.Select(hit => hit.GetProperty("distance").GetSingle()));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(hits[1].GetProperty("picture").GetString())).StatusCode);
    }

    [Fact]
    public async Task A_picture_that_is_sent_finds_the_stored_one_and_leaves_nothing_behind()
    {
        await using var site = await StartEmbeddedAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var hits = await HitsAsync(await SendAsync(client, await File.ReadAllBytesAsync(site.PicturePath(5)), "?count=3"));
        Assert.Equal("1-5", hits[0].GetProperty("imageId").GetString());
        Assert.DoesNotContain(Directory.GetFiles(site.Workspace.WorkDirectory("serve")), path => Path.GetFileName(path).StartsWith("upload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_no_picture_is_refused_without_telling_where_it_lay()
    {
        await using var site = await StartEmbeddedAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        foreach (var bytes in new[] { "<svg onload=alert(1)>"u8.ToArray(), [], new byte[1000] })
        {
            var detail = await (await SendAsync(client, bytes, "")).ProblemAsync(HttpStatusCode.UnprocessableEntity);
            Assert.DoesNotContain("upload", detail, StringComparison.Ordinal);
        }
        client.DefaultRequestHeaders.ExpectContinue = true; // the server refuses by the announced length, before the bytes are sent
        await (await SendAsync(client, new byte[(16 << 20) + 1], "")).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        Assert.DoesNotContain(Directory.GetFiles(site.Workspace.WorkDirectory("serve")), path => Path.GetFileName(path).StartsWith("upload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_search_that_makes_no_sense_is_refused()
    {
        await using var site = await StartEmbeddedAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        await (await client.PostAsJsonAsync("/api/search", new { images = Array.Empty<string>() })).ProblemAsync(HttpStatusCode.BadRequest);
        await (await client.PostAsJsonAsync("/api/search", new { images = Ids("1-0"), count = 501 })).ProblemAsync(HttpStatusCode.BadRequest);
        await (await client.PostAsJsonAsync("/api/search", new { images = Ids("1-99") })).ProblemAsync(HttpStatusCode.NotFound);
        await (await client.PostAsJsonAsync("/api/search", new { images = Ids("../1-0") })).ProblemAsync(HttpStatusCode.NotFound);
        await (await client.PostAsJsonAsync("/api/search", new { images = Ids("1-0"), encoder = "none" })).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Without_embeddings_it_says_what_to_run()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        await (await client.PostAsJsonAsync("/api/search", new { images = Ids("1-0") })).ProblemAsync(HttpStatusCode.NotFound);
    }

    private static string[] Ids(params string[] ids) => ids;

    private static async Task<RunningServer> StartEmbeddedAsync()
    {
        var site = await RunningServer.StartAsync(pictures: 12);
        var encoder = await new EncoderStore(site.Workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(site.Workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        return site;
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, byte[] bytes, string query)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return client.PostAsync($"/api/search/picture{query}", content);
    }

    private static async Task<JsonElement[]> HitsAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await response.JsonAsync()).EnumerateArray()];
    }
}
