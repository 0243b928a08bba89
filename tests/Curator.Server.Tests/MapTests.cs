using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Search.Maps;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class MapTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_points_sent_are_those_of_the_map()
    {
        await using var site = await SearchSite.StartAsync(pictures: 12, dated: 30);
        var map = await MakeAsync(site);
        using var client = await site.SignInAsync(Role.Reviewer);
        var summary = (await (await client.GetAsync("/api/maps")).JsonAsync()).EnumerateArray().Single();
        Assert.Equal(("pca", 42), (summary.GetProperty("method").GetString(), summary.GetProperty("points").GetInt32()));
        var response = await client.GetAsync($"{Path(map)}/points");
        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("CMAP"u8.ToArray(), bytes[..4]);
        Assert.Equal((1, 42, 2), (Int(bytes, 4), Int(bytes, 8), Int(bytes, 12)));
        float left = Single(bytes, 16), bottom = Single(bytes, 20), step = Single(bytes, 24);
        Assert.Equal((1, 12, 2, 30), (Int(bytes, 28), Int(bytes, 32), Int(bytes, 36), Int(bytes, 40)));
        for (var i = 0; i < 42; i++)
        {
            Assert.Equal(map.Positions[2 * i], left + (step * Short(bytes, 44 + (2 * i))), step);
            Assert.Equal(map.Positions[(2 * i) + 1], bottom + (step * Short(bytes, 44 + 84 + (2 * i))), step);
            Assert.Equal(map.Clusters[i], Short(bytes, 44 + 168 + (2 * i)));
            Assert.Equal(map.Groups[i] < 0 ? 65_535 : map.Groups[i], Short(bytes, 44 + 252 + (2 * i)));
        }

        // All rows are embedded: each follows the one before.
        Assert.Equal(new byte[42], bytes[(44 + 336)..]);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"{Path(map)}/points") { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again)).StatusCode);
    }

    [Fact]
    public async Task Rows_that_are_not_embedded_are_skipped_in_what_is_sent()
    {
        await using var site = await RunningServer.StartAsync(pictures: 400);
        var encoder = await site.Workspace.Catalog.AddEncoderAsync("few", new string('a', 64), 3, None);
        var partition = (await site.Workspace.Catalog.GetPartitionsAsync(None)).Single();
        using (var writer = EmbeddingWriter.Create(
            site.Workspace.EmbeddingPath(partition, encoder.Id), 400, 3, EmbeddingPrecision.Half, EmbeddingFingerprint.Of(encoder.Fingerprint, partition.Fingerprint, EmbeddingPrecision.Half)))
        {
            for (var row = 0; row < 400; row++) writer.Append(row is 0 or 2 or 3 or 399 ? [row + 1, 1, 2] : [0, 0, 0]);
            writer.Commit();
        }

        var map = (await MapBuilding.BuildAsync(site.Workspace, encoder, new MapOptions { Method = MapMethod.Pca, Clusters = 2 }, false, null, None)).Map;
        using var client = await site.SignInAsync(Role.Reviewer);
        var bytes = await client.GetByteArrayAsync($"{Path(map)}/points");
        // 0, then one skipped, then the next, then 395 skipped: 395 = 3 · 128 + 11.
        Assert.Equal([0, 1, 0, 0x80 | 11, 3], bytes[^5..]);
    }

    [Fact]
    public async Task Points_are_coloured_by_product_date_state_labels_and_scores()
    {
        await using var site = await SearchSite.StartAsync(pictures: 12, dated: 30);
        var map = await MakeAsync(site);
        var task = (await site.Workspace.Labels.GetTasksAsync(None)).Single();
        await site.Workspace.Labels.AppendAsync(new NewLabelEvent("op-1", task.Name, new ImageId(1, 3), "ann", "session", LabelEventKind.Label, "no"), None);
        await site.Workspace.Catalog.SetImageStateAsync([new ImageId(2, 4)], ImageState.Duplicate, None);
        var partition = (await site.Workspace.Catalog.GetPartitionsAsync(None)).Single(p => p.Number == 2);
        using (var scores = EmbeddingWriter.Create(site.Workspace.ScorePath(partition, task.Name), 30, 1, EmbeddingPrecision.Single, new string('b', 64)))
        {
            for (var row = 0; row < 30; row++) scores.Append([row / 29f]);
            scores.Commit();
        }

        using var client = await site.SignInAsync(Role.Reviewer);
        var (products, ofProduct) = await ColumnAsync(client, $"{Path(map)}/columns/product");
        Assert.Equal(["modis", "pictures"], Names(products));
        Assert.Equal((1, 0), (ofProduct[map.PointOf(new ImageId(1, 0))], ofProduct[map.PointOf(new ImageId(2, 0))]));
        var (dates, ofDate) = await ColumnAsync(client, $"{Path(map)}/columns/date");
        Assert.Equal("date", dates.GetProperty("unit").GetString());
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), dates.GetProperty("low").GetDouble());
        Assert.Equal((65_535, 0, 65_534), (ofDate[map.PointOf(new ImageId(1, 0))], ofDate[map.PointOf(new ImageId(2, 0))], ofDate[map.PointOf(new ImageId(2, 29))]));
        var (states, ofState) = await ColumnAsync(client, $"{Path(map)}/columns/state");
        Assert.Equal("duplicate", Names(states)[ofState[map.PointOf(new ImageId(2, 4))]]);
        Assert.Equal("shown", Names(states)[ofState[map.PointOf(new ImageId(2, 5))]]);
        var (labels, ofLabel) = await ColumnAsync(client, $"{Path(map)}/tasks/island/labels");
        Assert.Equal(["yes", "no", "unsure"], Names(labels));
        Assert.Equal(1, ofLabel[map.PointOf(new ImageId(1, 3))]);
        Assert.Equal(41, ofLabel.Count(value => value == 65_535));
        var (_, ofScore) = await ColumnAsync(client, $"{Path(map)}/tasks/island/scores");
        Assert.Equal((65_535, 0, 65_534), (ofScore[map.PointOf(new ImageId(1, 0))], ofScore[map.PointOf(new ImageId(2, 0))], ofScore[map.PointOf(new ImageId(2, 29))]));
        await (await client.GetAsync($"{Path(map)}/columns/colour")).ProblemAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"{Path(map)}/tasks/fire/labels")).ProblemAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync("/api/maps/none@1/pca/points")).ProblemAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"/api/maps/{map.Info.Encoder}/..%2f..%2fcurator/points")).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Nearest_and_farthest_are_by_embedding_within_the_cluster_or_over_all()
    {
        await using var site = await SearchSite.StartAsync(pictures: 12, dated: 30);
        var map = await MakeAsync(site);
        using var client = await site.SignInAsync(Role.Reviewer);
        var point = map.PointOf(new ImageId(2, 7));
        var nearest = await NearAsync(client, map, "image=2-7&within=all&count=5");
        Assert.Equal((await client.IdsAsync(new { positives = SearchSite.Terms("2-7"), count = 6 })).Where(id => id != "2-7").Take(5), nearest.Select(hit => hit.Id));
        var farthest = await NearAsync(client, map, "image=2-7&within=all&order=farthest&count=41");
        Assert.Equal(41, farthest.Length);
        Assert.Equal(farthest.OrderByDescending(hit => hit.Distance), farthest);
        Assert.Equal(nearest[0].Id, farthest[^1].Id);
        foreach (var order in (string[])["nearest", "farthest", "random"])
        {
            var inside = await NearAsync(client, map, $"image=2-7&order={order}&count=100&seed=3");
            Assert.Equal(map.Clusters.Count(cluster => cluster == map.Clusters[point]) - 1, inside.Length);
            Assert.All(inside, hit => Assert.Equal(map.Clusters[point], map.Clusters[map.PointOf(ImageId.Parse(hit.Id))]));
        }

        var clusters = await (await client.GetAsync($"{Path(map)}/clusters")).JsonAsync();
        Assert.Equal(42, clusters.GetProperty("clusters").EnumerateArray().Sum(cluster => cluster.GetProperty("size").GetInt32()));
        await (await client.GetAsync($"{Path(map)}/near?image=2-700")).ProblemAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync($"{Path(map)}/near?image=2-7&within=moon")).ProblemAsync(HttpStatusCode.BadRequest);
        await (await client.GetAsync($"{Path(map)}/near?image=2-7&order=sideways")).ProblemAsync(HttpStatusCode.BadRequest);
        await (await client.GetAsync($"{Path(map)}/near?image=2-7&count=101")).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Hidden_pictures_are_left_out_until_they_are_shown_again_and_other_marks_stay()
    {
        await using var site = await SearchSite.StartAsync();
        await site.Workspace.Catalog.SetImageStateAsync([new ImageId(1, 5)], ImageState.Duplicate, None);
        using var client = await site.SignInAsync(Role.Owner);
        Assert.Equal(1, await HideAsync(true, "1-4", "1-5"));
        Assert.DoesNotContain("1-4", await client.IdsAsync(SearchSite.Like("1-0")));
        Assert.Equal(1, await HideAsync(false, "1-4", "1-5", "1-6"));
        Assert.Contains("1-4", await client.IdsAsync(SearchSite.Like("1-0")));
        Assert.Equal(ImageState.Duplicate, (await site.Workspace.Catalog.GetImageStatesAsync(1, None))[5]);
        await (await client.PostAsJsonAsync("/api/images/hidden", new { images = SearchSite.Names("1-400") })).ProblemAsync(HttpStatusCode.BadRequest);
        // What changed is on record with who did it; what changed nothing is not.
        Assert.Equal(0, await HideAsync(false, "1-4"));
        var log = (await File.ReadAllLinesAsync(System.IO.Path.Combine(site.ProjectPath, ".work", "serve", "audit.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var written = log.Where(line => line.GetProperty("what").GetString()!.StartsWith("pictures", StringComparison.Ordinal)).ToArray();
        Assert.Equal([("picturesHidden", "1: 1-4"), ("picturesShown", "1: 1-4")], written.Select(line => (line.GetProperty("what").GetString(), line.GetProperty("detail").GetString())));
        var opened = log.Last(line => line.GetProperty("what").GetString() == "sessionOpened");
        Assert.All(written, line => Assert.Equal(opened.GetProperty("link").GetString(), line.GetProperty("link").GetString()));

        async Task<int> HideAsync(bool hidden, params string[] images) =>
            (await (await client.PostAsJsonAsync("/api/images/hidden", new { images, hidden })).JsonAsync()).GetProperty("changed").GetInt32();
    }

    private static async Task<MapFile> MakeAsync(RunningServer site)
    {
        var encoder = await site.Workspace.Catalog.GetEncoderAsync(null, None);
        return (await MapBuilding.BuildAsync(site.Workspace, encoder, new MapOptions { Method = MapMethod.Pca, Clusters = 3, MinClusterSize = 3 }, false, null, None)).Map;
    }

    private static string Path(MapFile map) => $"/api/maps/{Uri.EscapeDataString(map.Info.Encoder)}/pca";

    private static async Task<(JsonElement Legend, ushort[] Values)> ColumnAsync(HttpClient client, string path)
    {
        var bytes = await client.GetByteArrayAsync(path);
        var length = Int(bytes, 0);
        var start = 4 + ((length + 3) / 4 * 4);
        return (JsonDocument.Parse(bytes.AsMemory(4, length)).RootElement, [.. Enumerable.Range(0, (bytes.Length - start) / 2).Select(i => (ushort)Short(bytes, start + (2 * i)))]);
    }

    private static async Task<(string Id, double Distance)[]> NearAsync(HttpClient client, MapFile map, string query) =>
        [.. (await (await client.GetAsync($"{Path(map)}/near?{query}")).JsonAsync()).EnumerateArray().Select(hit => (hit.GetProperty("imageId").GetString()!, hit.GetProperty("distance").GetDouble()))];

    private static string[] Names(JsonElement legend) => [.. legend.GetProperty("names").EnumerateArray().Select(name => name.GetString()!)];

    private static int Int(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    private static int Short(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static float Single(byte[] bytes, int at) => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
}
