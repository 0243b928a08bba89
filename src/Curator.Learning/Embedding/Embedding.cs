using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Shards;
using Curator.Learning.Encoders;

namespace Curator.Learning.Embedding;

/// <summary><c>curator embed</c>. Thread-safe; two processes at once wait for one another, partition by partition.</summary>
public static class Embedding
{
    /// <summary>
    /// Brings the embedding file of every partition up to date for one encoder. A file that fits the images is left alone; one that fits the first images
    /// is continued; any other, also one whose numbers were computed otherwise, is made anew. Interrupted, it goes on at the shards that are missing.
    /// </summary>
    /// <exception cref="WorkspaceException">No such encoder, or it cannot be run as the options say.</exception>
    /// <exception cref="CheckpointException">The encoder's files are damaged.</exception>
    public static async Task<EmbedReport> EmbedAsync(
        Workspace workspace, EmbedOptions options, IShardEngine engine, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(engine);
        var start = workspace.Clock.GetTimestamp();
        var encoder = await ChooseAsync(workspace, options.Encoder, cancellationToken);
        var store = new EncoderStore(workspace);
        var computation = NetworkComputation.Of(options.Device, options.Arithmetic);
        if (computation is not null) computation = computation.For((await store.FindAsync(encoder.Id, cancellationToken)).Card);
        using var _ = await workspace.LockAsync("embed-" + encoder.Id.Replace('@', '-'), cancellationToken);

        var plans = new List<PartitionPlan>();
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
            if (partition.Rows > 0)
                plans.Add(await PartitionPlan.MakeAsync(workspace, partition, encoder, options, computation, cancellationToken));
        var shards = plans.SelectMany(plan => plan.Shards).ToArray();
        // A device that is not there, or computes wrongly, is told before shards are planned.
        if (computation is not null && shards.Length > 0) (await store.OpenAsync(encoder.Id, computation, cancellationToken)).Dispose();
        foreach (var shard in shards) await ForgetIfLostAsync(workspace, shard, cancellationToken);

        ShardRunReport? report = null;
        if (shards.Length > 0)
            report = await engine.RunAsync(
                workspace, new EmbedStage(), [.. shards.Select(shard => new ShardSpec(new ShardKey(EmbedStage.StageName, shard.ShardId), shard.ToJson(), shard.Rows))],
                "images", progress, cancellationToken);
        foreach (var plan in plans.Where(plan => plan.Shards.Count > 0)) await SealAsync(workspace, plan, encoder, options, computation, cancellationToken);

        long rows = plans.Sum(plan => plan.Partition.Rows), embedded = shards.Sum(shard => (long)shard.Rows);
        return new EmbedReport(encoder, rows, embedded, rows - embedded, report?.UnitsSkipped ?? 0, workspace.Clock.GetElapsedTime(start));
    }

    private static async Task<EncoderRow> ChooseAsync(Workspace workspace, string? encoder, CancellationToken cancellationToken)
    {
        var encoders = await workspace.Catalog.GetEncodersAsync(cancellationToken);
        var wanted = encoder ?? (encoders.Count == 0 ? StatisticsEncoder.Name : null);
        if (wanted == StatisticsEncoder.Name) await new EncoderStore(workspace).EnsureStatisticsAsync(cancellationToken);
        return await workspace.Catalog.GetEncoderAsync(encoder, cancellationToken);
    }

    /// <summary>The catalog may say that a shard is done whose part file somebody has deleted since.</summary>
    private static async Task ForgetIfLostAsync(Workspace workspace, EmbedSpecification shard, CancellationToken cancellationToken)
    {
        if (!File.Exists(shard.PartPath(workspace))) await workspace.Catalog.RemoveShardsAsync(EmbedStage.StageName, shard.ShardId, cancellationToken);
    }

    /// <summary>Copies what is kept and the parts into the partition's file, then deletes the parts.</summary>
    private static async Task SealAsync(Workspace workspace, PartitionPlan plan, EncoderRow encoder, EmbedOptions options, NetworkComputation? computation, CancellationToken cancellationToken)
    {
        var path = workspace.EmbeddingPath(plan.Partition, encoder.Id);
        try
        {
            Write(workspace, path, plan, encoder, options, computation, cancellationToken);
        }
        catch (Exception e) when (WriteProblem.Is(e))
        {
            throw WriteProblem.OfEmbeddings(path, e);
        }
        await workspace.Catalog.RemoveShardsAsync(EmbedStage.StageName, EmbedSpecification.ShardPrefix(plan.Partition.Number, encoder.Id), cancellationToken);
        foreach (var shard in plan.Shards) File.Delete(shard.PartPath(workspace));
    }

    private static void Write(
        Workspace workspace, string path, PartitionPlan plan, EncoderRow encoder, EmbedOptions options, NetworkComputation? computation, CancellationToken cancellationToken)
    {
        using var writer = EmbeddingWriter.Create(path, plan.Partition.Rows, encoder.Dimension, options.Precision, plan.Fingerprint, computation?.Name ?? "");
        if (plan.KeptRows > 0)
        {
            using var old = EmbeddingFile.Open(path);
            Copy(old, plan.KeptRows, writer, cancellationToken);
        }
        foreach (var shard in plan.Shards)
        {
            using var part = EmbeddingFile.Open(shard.PartPath(workspace), "curator embed", shard.Fingerprint);
            Copy(part, part.Rows, writer, cancellationToken);
        }
        writer.Commit();
    }

    private static void Copy(EmbeddingFile from, long rows, EmbeddingWriter to, CancellationToken cancellationToken)
    {
        const int chunk = 1024;
        var buffer = new float[chunk * from.Dimension];
        for (long first = 0; first < rows; first += chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(chunk, rows - first) * from.Dimension);
            from.Read(first, part);
            to.Append(part);
        }
    }
}
