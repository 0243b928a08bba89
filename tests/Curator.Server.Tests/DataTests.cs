using System.Net;
using System.Text.Json;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class DataTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_data_are_told_as_they_are()
    {
        await using var site = await SearchSite.StartAsync(pictures: 12, dated: 5);
        await site.Workspace.Catalog.SetImageStateAsync([new ImageId(1, 3), new ImageId(1, 4)], ImageState.Duplicate, Token);
        await site.Workspace.Catalog.AddRejectedAsync(1, [new RejectedFile("/x/a.jpg", ImageProblem.Truncated, "ends early", 1, 1)], Token);
        await site.Workspace.Catalog.PlanShardsAsync(
            [new ShardSpec(new ShardKey("embed", "a"), "{}", 70), new ShardSpec(new ShardKey("embed", "b"), "{}", 30), new ShardSpec(new ShardKey("train", "t"), "{}", 9)], Token);
        var fence = await site.Workspace.Catalog.ClaimShardAsync(new ShardKey("embed", "a"), Token);
        await site.Workspace.Catalog.FinishShardAsync(new ShardKey("embed", "a"), fence, ShardState.Done, new ShardResult(68, 2, ""), Token);
        await site.Workspace.Catalog.ClaimShardAsync(new ShardKey("train", "t"), Token);
        using var client = await site.SignInAsync(Role.Reviewer);
        var data = await (await client.GetAsync("/api/data", Token)).JsonAsync();
        Assert.Equal(17, data.GetProperty("images").GetInt64());
        var first = data.GetProperty("partitions")[0];
        Assert.Equal(("pictures/native/all", 12L), (first.GetProperty("name").GetString(), first.GetProperty("images").GetInt64()));
        Assert.Equal("""{"duplicate":2}""", first.GetProperty("marked").GetRawText());
        Assert.Equal("""{"truncated":1}""", first.GetProperty("refused").GetRawText());
        Assert.Equal("""["statistics@1"]""", first.GetProperty("embeddedWith").GetRawText());
        Assert.Equal("[]", first.GetProperty("indexedWith").GetRawText());
        var folder = site.Workspace.PartitionDirectory((await site.Workspace.Catalog.GetPartitionsAsync(Token))[0]);
        Assert.Equal(Directory.GetFiles(folder).Sum(f => new FileInfo(f).Length), first.GetProperty("bytes").GetInt64());
        var stages = data.GetProperty("stages").EnumerateArray().Select(s => s.GetRawText()).ToList();
        Assert.Contains("""{"stage":"embed","state":"done","shards":1,"units":70,"done":68,"skipped":2}""", stages);
        Assert.Contains("""{"stage":"embed","state":"planned","shards":1,"units":30,"done":0,"skipped":0}""", stages);
        Assert.Contains("""{"stage":"train","state":"running","shards":1,"units":9,"done":0,"skipped":0}""", stages);
        var disk = data.GetProperty("disk");
        var kinds = disk.GetProperty("kinds").EnumerateArray().ToDictionary(k => k.GetProperty("kind").GetString()!, k => k.GetProperty("bytes").GetInt64());
        Assert.Equal(Directory.GetFiles(site.ProjectPath, "*.embeddings", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length), kinds["embeddings"]);
        Assert.Equal(kinds.Values.Sum(), disk.GetProperty("total").GetInt64());
        Assert.True(disk.GetProperty("free").GetInt64() > 0);
    }

    [Fact]
    public async Task Health_counts_what_is_odd_and_shows_a_few_of_each()
    {
        await using var site = await RunningServer.StartAsync(6);
        await LabelingSite.AddDatedPartitionAsync(site.Workspace, "modis", "250m", Path.Combine(site.ProjectPath, "..", "odd"), 12, (row, record) => record with
        {
            NoDataShare = row < 3 ? 0.5f : 0.4f,
            MeanLuma = row is 1 or 3 ? 10 : row == 4 ? 240 : 100,
            LumaDeviation = row == 5 ? 1 : 20,
            Width = row == 6 ? 400 : row == 7 ? 16 : 64,
            Sha256 = row == 9 ? new string('a', 64) : row == 10 ? new string('a', 64) : record.Sha256,
            TakenAt = row == 11 ? null : record.TakenAt,
        });
        using var client = await site.SignInAsync(Role.Reviewer);
        var health = await (await client.GetAsync("/api/data/partitions/2/health", Token)).JsonAsync();
        Assert.Equal("""{"noData":3,"dark":1,"bright":1,"featureless":1,"tiny":1,"long":1}""", health.GetProperty("problems").GetRawText());
        Assert.Equal((12, 12, 12, 11, 1), (Number("read"), Number("images"), Number("placed"), Number("dated"), Number("sameBytes")));
        Assert.Equal(12, health.GetProperty("luma").EnumerateArray().Sum(l => l.GetInt64()));
        Assert.Equal((2, 1), ((int)health.GetProperty("luma")[0].GetInt64(), (int)health.GetProperty("luma")[15].GetInt64()));
        Assert.Equal((64, 64, 10), (health.GetProperty("sizes")[0].GetProperty("width").GetInt32(), health.GetProperty("sizes")[0].GetProperty("height").GetInt32(), health.GetProperty("sizes")[0].GetProperty("images").GetInt32()));
        var noData = health.GetProperty("examples")[0];
        Assert.Equal("noData", noData.GetProperty("problem").GetString());
        Assert.Equal(["2-0", "2-1", "2-2"], noData.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("imageId").GetString()));
        var picture = await client.GetAsync(noData.GetProperty("images")[0].GetProperty("picture").GetString() + "&size=64", Token);
        Assert.Equal("image/webp", picture.Content.Headers.ContentType?.MediaType);
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.Zero), health.GetProperty("first").GetDateTimeOffset());
        await (await client.GetAsync("/api/data/partitions/9/health", Token)).ProblemAsync(HttpStatusCode.NotFound);

        int Number(string name) => health.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Encoders_have_their_cards_and_curves_and_a_damaged_card_hides_no_other()
    {
        await using var site = await SearchSite.StartAsync(pictures: 6);
        var broken = await site.Workspace.Catalog.AddEncoderAsync("simclr", new string('b', 64), 128, Token);
        var folder = site.Workspace.EncoderDirectory(broken.Id);
        await File.WriteAllLinesAsync(Path.Combine(folder, "metrics.jsonl"), Enumerable.Range(0, 1000).Select(i => $$"""{"step":{{i}},"loss":{{1000 - i}},"imagesPerSecond":200}""").Append("""{"step":999,"validation":7.5}""").Append("damaged"), Token);
        using var client = await site.SignInAsync(Role.Reviewer);
        var encoders = (await (await client.GetAsync("/api/data/encoders", Token)).JsonAsync()).EnumerateArray().ToDictionary(e => e.GetProperty("id").GetString()!);
        Assert.Equal(("statistics", JsonValueKind.Null), (encoders["statistics@1"].GetProperty("kind").GetString(), encoders["statistics@1"].GetProperty("problem").ValueKind));
        Assert.Contains("encoder.json", encoders["simclr@1"].GetProperty("problem").GetString());
        var curve = await (await client.GetAsync("/api/data/encoders/simclr@1/curve", Token)).JsonAsync();
        var loss = curve.GetProperty("loss").EnumerateArray().Select(p => (p.GetProperty("step").GetDouble(), p.GetProperty("value").GetDouble())).ToList();
        Assert.Equal(200, loss.Count);
        // Means over five steps: 0 to 4, and the losses 1000 to 996.
        Assert.Equal((2, 998), loss[0]);
        Assert.Equal((200, 7.5), (curve.GetProperty("imagesPerSecond").GetDouble(), curve.GetProperty("validation")[0].GetProperty("value").GetDouble()));
        Assert.Equal(0, (await (await client.GetAsync("/api/data/encoders/statistics@1/curve", Token)).JsonAsync()).GetProperty("loss").GetArrayLength());
        await (await client.GetAsync("/api/data/encoders/none@7/curve", Token)).ProblemAsync(HttpStatusCode.NotFound);
    }
}
