using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Tests.Support;

namespace Curator.Learning.Tests.Embedding;

/// <summary>The encoder is the one without training: no tensors are needed to test files and shards.</summary>
public sealed class EmbedTests
{
    private const int Count = 4096 + 100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_file_has_the_same_bytes_in_one_run_in_another_order_and_after_interruptions()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder, Count);
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
        await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions { Threads = 1 });
        var path = workspace.EmbeddingPath(partition, "statistics@1");
        var expected = File.ReadAllBytes(path);

        File.Delete(path);
        await EmbedAsync(workspace, new BackwardsEngine(), new EmbedOptions { Threads = 3 });
        Assert.Equal(expected, File.ReadAllBytes(path));

        File.Delete(path);
        var interruptions = 0;
        for (var units = 1L; !File.Exists(path); units += 2500)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            try
            {
                await Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, new EmbedOptions(), new PoolEngine(1), new StopAt(units, stop), stop.Token);
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }
        }
        Assert.True(interruptions > 0);
        Assert.Equal(expected, File.ReadAllBytes(path));
        Assert.Empty(Directory.GetFiles(workspace.WorkDirectory("embed")));
    }

    [Fact]
    public async Task A_complete_file_is_left_alone_and_added_images_continue_it()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder, 4100);
        await EmbedAsync(workspace, new PoolEngine(2), new EmbedOptions());
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
        var path = workspace.EmbeddingPath(partition, "statistics@1");
        var before = File.GetLastWriteTimeUtc(path);

        var idle = await EmbedAsync(workspace, new RefusingEngine(), new EmbedOptions());
        Assert.Equal((4100L, 0L, 4100L), (idle.Rows, idle.Embedded, idle.Reused));
        Assert.Equal(before, File.GetLastWriteTimeUtc(path));

        await Pictures.AddAsync(workspace, folder["pictures"], 4100, 20, 64, Cancel);
        var continued = await EmbedAsync(workspace, new PoolEngine(2), new EmbedOptions());
        Assert.Equal((4120L, 24L, 4096L), (continued.Rows, continued.Embedded, continued.Reused));

        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        await EmbedAsync(workspace, new PoolEngine(2), new EmbedOptions());
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task Vanished_files_become_rows_of_zeros_and_are_counted()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder, 40);
        File.Delete(Path.Combine(folder["pictures"], "00007.png"));
        File.WriteAllText(Path.Combine(folder["pictures"], "00023.png"), "no picture any more");

        var report = await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions());

        Assert.Equal(2, report.Absent);
        using var file = await OpenAsync(workspace);
        Assert.Equal([7L, 23L], Enumerable.Range(0, 40).Select(row => (long)row).Where(file.IsAbsent));
    }

    [Fact]
    public async Task A_damaged_or_foreign_file_is_made_anew()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder, 40);
        await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions());
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
        var path = workspace.EmbeddingPath(partition, "statistics@1");
        var good = File.ReadAllBytes(path);

        File.WriteAllBytes(path, good[..100]);
        await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions());
        Assert.Equal(good, File.ReadAllBytes(path));

        // Whole by its header and its length, with one wrong bit in a block.
        var flipped = good.ToArray();
        flipped[^(good.Length / 2)] ^= 1;
        File.WriteAllBytes(path, flipped);
        Assert.Equal(40, (await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions())).Embedded);
        Assert.Equal(good, File.ReadAllBytes(path));

        using (var foreign = EmbeddingWriter.Create(path, 40, 328, EmbeddingPrecision.Half, new string('f', 64)))
        {
            foreign.Append(new float[40 * 328]);
            foreign.Commit();
        }
        var report = await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions());
        Assert.Equal(40, report.Embedded);
        Assert.Equal(good, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task Single_precision_rows_round_to_the_half_precision_ones()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder, 20);
        await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions());
        var half = new float[20 * 328];
        using (var file = await OpenAsync(workspace)) file.Read(0, half);

        await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions { Precision = EmbeddingPrecision.Single });

        var single = new float[20 * 328];
        using (var file = await OpenAsync(workspace)) file.Read(0, single);
        Assert.Equal(half, single.Select(value => (float)(Half)value));
    }

    [Fact]
    public async Task A_shard_can_be_done_by_another_process()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder, 30);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, new EmbedOptions(), new PlanOnlyEngine(stop), null, stop.Token));
        var (spec, _, _) = Assert.Single(await workspace.Catalog.GetShardsAsync(EmbedStage.StageName, "", Cancel));

        var result = await PoolEngine.WorkAsync(workspace, new EmbedStage(), spec.Key.Id, null, Cancel);
        var report = await EmbedAsync(workspace, new PoolEngine(1), new EmbedOptions());

        Assert.Equal(30, result.Done);
        Assert.Equal(30, report.Embedded);
    }

    private static Task<EmbedReport> EmbedAsync(Workspace workspace, IShardEngine engine, EmbedOptions options) =>
        Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, options with { Encoder = "statistics" }, engine, null, Cancel);

    private static async Task<EmbeddingFile> OpenAsync(Workspace workspace) =>
        EmbeddingFile.Open(workspace.EmbeddingPath(Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel)), "statistics@1"));

    private static async Task<Workspace> NewWorkspaceAsync(TemporaryFolder folder, int count)
    {
        var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, count, count > 1000 ? 8 : 64, Cancel);
        return workspace;
    }

    /// <summary>Does the shards one by one, the last first.</summary>
    private sealed class BackwardsEngine : IShardEngine
    {
        public async Task<ShardRunReport> RunAsync(
            Workspace workspace, IShardStage stage, IReadOnlyList<ShardSpec> shards, string unit, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
        {
            await workspace.Catalog.PlanShardsAsync(shards, cancellationToken);
            foreach (var shard in shards.Reverse()) await PoolEngine.WorkAsync(workspace, stage, shard.Key.Id, null, cancellationToken);
            return new ShardRunReport(shards.Count, 0, shards.Sum(shard => shard.Units), 0);
        }
    }

    /// <summary>Fails when there is anything to do.</summary>
    private sealed class RefusingEngine : IShardEngine
    {
        public Task<ShardRunReport> RunAsync(
            Workspace workspace, IShardStage stage, IReadOnlyList<ShardSpec> shards, string unit, IProgress<StageProgress>? progress, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nothing should be left to do.");
    }

    /// <summary>Records the plan and gives up.</summary>
    private sealed class PlanOnlyEngine(CancellationTokenSource stop) : IShardEngine
    {
        public async Task<ShardRunReport> RunAsync(
            Workspace workspace, IShardStage stage, IReadOnlyList<ShardSpec> shards, string unit, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
        {
            await workspace.Catalog.PlanShardsAsync(shards, cancellationToken);
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return new ShardRunReport(0, 0, 0, 0);
        }
    }

    private sealed class StopAt(long units, CancellationTokenSource source) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Done >= units && value.Done < value.Total) source.Cancel();
        }
    }
}
