using CsCheck;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;

namespace Curator.Core.Tests.Catalogs;

public sealed class CatalogTestsOnSqlite() : CatalogTests(Backend.Sqlite);

public sealed class CatalogTestsOnPostgres() : CatalogTests(Backend.Postgres);

public abstract class CatalogTests(Backend backend)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_partition_is_made_once_however_many_ask()
    {
        await using var project = await Project.CreateAsync(backend);
        await using var second = await project.OpenAgainAsync();
        var catalogs = new[] { project.Workspace.Catalog, second.Catalog };
        var numbers = new System.Collections.Concurrent.ConcurrentBag<(int, string)>();
        await Parallel.ForAsync(0, 60, async (i, token) =>
        {
            var partition = await catalogs[i % 2].GetOrAddPartitionAsync($"p{i % 6}", "native", "all", token);
            numbers.Add((partition.Number, partition.Product));
        });
        Assert.Equal(6, numbers.Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 6), (await second.Catalog.GetPartitionsAsync(None)).Select(partition => partition.Number));
    }

    [Fact]
    public async Task Earlier_revisions_of_a_manifest_stay_known()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        var partition = await catalog.GetOrAddPartitionAsync("modis", "native", "all", None);
        Assert.Equal("", partition.Fingerprint);
        await catalog.SetManifestAsync(1, 10, "aa", None);
        await catalog.SetManifestAsync(1, 20, "bb", None);
        Assert.Equal("aa", await catalog.GetRevisionAsync(1, 10, None));
        Assert.Equal("bb", await catalog.GetRevisionAsync(1, 20, None));
        Assert.Null(await catalog.GetRevisionAsync(1, 15, None));
        Assert.Equal((20, "bb"), (await catalog.GetPartitionsAsync(None)) is [var p] ? (p.Rows, p.Fingerprint) : default);
        await Assert.ThrowsAsync<WorkspaceException>(() => catalog.SetManifestAsync(9, 1, "cc", None));
    }

    [Fact]
    public async Task Refused_files_are_recorded_once_each_with_the_newest_reason()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        await catalog.GetOrAddPartitionAsync("modis", "native", "all", None);
        RejectedFile[] files = [.. Enumerable.Range(0, 2500).Select(i => new RejectedFile($"/x/{i:d5}", ImageProblem.Truncated, "cut", i, i))];
        await catalog.AddRejectedAsync(1, files, None);
        await catalog.AddRejectedAsync(1, [files[7] with { Problem = ImageProblem.Empty, Detail = "0 bytes" }], None);
        var stored = await catalog.GetRejectedAsync(1, None).ToListAsync(None);
        Assert.Equal(2500, stored.Count);
        Assert.Equal(new RejectedFile("/x/00007", ImageProblem.Empty, "0 bytes", 7, 7), stored[7]);
        var counts = await catalog.CountRejectedAsync(1, None);
        Assert.Equal((2499L, 1L), (counts[ImageProblem.Truncated], counts[ImageProblem.Empty]));
    }

    [Fact]
    public async Task Marks_of_images_are_sparse_and_can_be_cleared()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        await catalog.GetOrAddPartitionAsync("modis", "native", "all", None);
        await catalog.SetImageStateAsync([new ImageId(1, 3), new ImageId(1, 5)], ImageState.Duplicate, None);
        await catalog.SetImageStateAsync([new ImageId(1, 5)], ImageState.Hidden, None);
        await catalog.SetImageStateAsync([new ImageId(1, 3), new ImageId(1, 4)], null, None);
        Assert.Equal([new KeyValuePair<long, ImageState>(5, ImageState.Hidden)], await catalog.GetImageStatesAsync(1, None));
    }

    [Fact]
    public async Task Encoders_get_versions_and_are_found_by_name_id_or_as_the_newest()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => catalog.GetEncoderAsync(null, None));
        Assert.Contains("curator train", error.NextStep, StringComparison.Ordinal);
        Assert.Equal("simclr@1", (await catalog.AddEncoderAsync("simclr", "f1", 128, None)).Id);
        Assert.Equal("simclr@2", (await catalog.AddEncoderAsync("simclr", "f2", 128, None)).Id);
        project.Clock.Advance(TimeSpan.FromHours(-5));
        Assert.Equal("dino@1", (await catalog.AddEncoderAsync("dino", "f3", 384, None)).Id);
        Assert.Equal("simclr@1", (await catalog.AddEncoderAsync("other", "f1", 128, None)).Id);
        Assert.Equal("simclr@2", (await catalog.GetEncoderAsync("simclr", None)).Id);
        Assert.Equal("simclr@1", (await catalog.GetEncoderAsync("simclr@1", None)).Id);
        Assert.Equal("dino@1", (await catalog.GetEncoderAsync(null, None)).Id);
        error = await Assert.ThrowsAsync<WorkspaceException>(() => catalog.GetEncoderAsync("simcl", None));
        Assert.Contains("simclr@1, simclr@2, dino@1", error.WhatHappened, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_are_kept_by_name()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        Assert.Null(await catalog.GetValueAsync("find", None));
        await catalog.SetValueAsync("find", "{}", None);
        await catalog.SetValueAsync("find", """{"step":2}""", None);
        Assert.Equal("""{"step":2}""", await catalog.GetValueAsync("find", None));
        await catalog.SetValueAsync("find", null, None);
        Assert.Null(await catalog.GetValueAsync("find", None));
    }

    [Fact]
    public async Task Only_the_newest_claim_of_a_shard_may_record_its_end()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        var key = new ShardKey("embed", "3.simclr-1.00012");
        await catalog.PlanShardsAsync([new ShardSpec(key, "{}", 100)], None);
        var zombie = await catalog.ClaimShardAsync(key, None);
        var newest = await catalog.ClaimShardAsync(key, None);
        Assert.True(newest > zombie);
        Assert.False(await catalog.FinishShardAsync(key, zombie, ShardState.Done, new ShardResult(1, 0), None));
        Assert.Equal(ShardState.Running, (await catalog.GetShardAsync(key, None))?.State);
        Assert.True(await catalog.FinishShardAsync(key, newest, ShardState.Done, new ShardResult(99, 1, "{}"), None));
        await catalog.PlanShardsAsync([new ShardSpec(key, "other", 5)], None);
        var stored = (await catalog.GetShardAsync(key, None))!.Value;
        Assert.Equal((new ShardSpec(key, "{}", 100), ShardState.Done, new ShardResult(99, 1, "{}")), stored);
        await Assert.ThrowsAsync<WorkspaceException>(() => catalog.ClaimShardAsync(new ShardKey("embed", "none"), None));
    }

    [Fact]
    public async Task A_fencing_number_is_never_given_twice_not_even_after_replanning()
    {
        await using var project = await Project.CreateAsync(backend);
        await using var second = await project.OpenAgainAsync();
        var catalogs = new[] { project.Workspace.Catalog, second.Catalog };
        var key = new ShardKey("index", "1");
        await catalogs[0].PlanShardsAsync([new ShardSpec(key, "", 1)], None);
        var fences = new System.Collections.Concurrent.ConcurrentBag<long>();
        await Parallel.ForAsync(0, 40, async (i, token) => fences.Add(await catalogs[i % 2].ClaimShardAsync(key, token)));
        await catalogs[0].RemoveShardsAsync("index", "1", None);
        Assert.Null(await catalogs[1].GetShardAsync(key, None));
        await catalogs[0].PlanShardsAsync([new ShardSpec(key, "", 1)], None);
        var after = await catalogs[0].ClaimShardAsync(key, None);
        Assert.Equal(40, fences.Distinct().Count());
        Assert.True(after > fences.Max());
    }

    [Fact]
    public async Task Shards_are_listed_and_removed_by_prefix_taken_literally()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        await catalog.PlanShardsAsync([.. ((string[])["a_b.1", "a_b.2", "axb.1", "c"]).Select(id => new ShardSpec(new ShardKey("embed", id), "", 1))], None);
        Assert.Equal(["a_b.1", "a_b.2"], (await catalog.GetShardsAsync("embed", "a_b.", None)).Select(shard => shard.Spec.Key.Id));
        await catalog.RemoveShardsAsync("embed", "a_b", None);
        Assert.Equal(["axb.1", "c"], (await catalog.GetShardsAsync("embed", "", None)).Select(shard => shard.Spec.Key.Id));
        await Assert.ThrowsAsync<WorkspaceException>(() => catalog.PlanShardsAsync([new ShardSpec(new ShardKey("embed", "../x"), "", 1)], None));
    }

    [Fact]
    public async Task The_catalog_does_what_a_plain_list_of_partitions_does()
    {
        await using var project = await Project.CreateAsync(backend);
        var catalog = project.Workspace.Catalog;
        var model = new List<(string Name, long Rows)>();
        await Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Long[0, 1000]).SampleAsync(async step =>
        {
            var (product, period, rows) = step;
            var partition = await catalog.GetOrAddPartitionAsync($"p{product}", "native", $"t{period}", None);
            var at = model.FindIndex(known => known.Name == partition.Name);
            if (at < 0)
            {
                at = model.Count;
                model.Add((partition.Name, 0));
            }

            Assert.Equal((at + 1, model[at].Rows), (partition.Number, partition.Rows));
            await catalog.SetManifestAsync(partition.Number, rows, "f", None);
            model[at] = (partition.Name, rows);
            Assert.Equal(model, (await catalog.GetPartitionsAsync(None)).Select(p => (p.Name, p.Rows)));
        }, iter: 100, threads: 1);
    }
}
