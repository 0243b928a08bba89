using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Shards;
using Curator.Imagery.Gibs;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;

namespace Curator.Server.Tests.Support;

/// <summary>A server whose pictures are embedded.</summary>
internal static class SearchSite
{
    /// <param name="dated">Pictures of a second partition, modis/250m/2024, with a date and a place each (<see cref="LabelingSite.AddDatedPartitionAsync"/>); ids 2-0, 2-1, …</param>
    public static async Task<RunningServer> StartAsync(int pictures = 12, int dated = 0, ServeOptions? options = null, GibsOptions? gibs = null)
    {
        var site = await RunningServer.StartAsync(pictures, options, gibs: gibs);
        if (dated > 0) await LabelingSite.AddDatedPartitionAsync(site.Workspace, "modis", "250m", Path.Combine(site.ProjectPath, "..", "dated"), dated);
        await EmbedAsync(site);
        return site;
    }

    /// <returns>The encoder's id.</returns>
    public static async Task<string> EmbedAsync(RunningServer site)
    {
        var encoder = await new EncoderStore(site.Workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(site.Workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        return encoder.Id;
    }

    public static object Like(params string[] ids) => new { positives = Terms(ids) };

    public static object[] Terms(params string[] ids) => [.. ids.Select(image => new { image })];

    public static string[] Names(params string[] names) => names;

    public static async Task<string[]> IdsAsync(this HttpClient client, object request) =>
        [.. (await HitsAsync(await client.PostAsJsonAsync("/api/search", request))).Select(hit => hit.GetProperty("imageId").GetString()!)];

    public static async Task<JsonElement[]> HitsAsync(HttpResponseMessage response) => [.. (await AnswerAsync(response)).GetProperty("hits").EnumerateArray()];

    public static async Task<JsonElement> AnswerAsync(HttpResponseMessage response)
    {
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return await response.JsonAsync();
    }

    public static Task<HttpResponseMessage> SendPictureAsync(this HttpClient client, byte[] bytes, string query = "")
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return client.PostAsync($"/api/search/picture{query}", content);
    }
}
