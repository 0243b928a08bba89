using System.Text.Json;
using Curator.Core;
using Curator.Core.Shards;
using Curator.Search.Partitions;

namespace Curator.Search.Indexes;

/// <summary>Builds the index of one partition and one encoder. The file's bytes follow from the embeddings and the options, so running twice does no harm.</summary>
public sealed class IndexStage : IShardStage
{
    internal const string StageName = "index";

    public string Name => StageName;

    /// <inheritdoc/>
    /// <exception cref="WorkspaceException">The shard's partition is gone, or its embeddings changed since it was planned.</exception>
    public async Task<ShardResult> RunAsync(Workspace workspace, ShardSpec shard, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(shard);
        var work = JsonSerializer.Deserialize<IndexWork>(shard.Specification)
            ?? throw new WorkspaceException($"Index shard {shard.Key.Id} has no specification.", "Run 'curator index' to plan it again.");
        var encoder = await workspace.Catalog.GetEncoderAsync(work.Encoder, cancellationToken);
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var partition = partitions.FirstOrDefault(candidate => candidate.Number == work.Partition)
            ?? throw new WorkspaceException($"Index shard {shard.Key.Id} is of partition {work.Partition}, which is not there.", $"Run '{Indexing.CommandFor(encoder)}' to plan it again.");
        using var embeddings = await EmbeddedRows.OpenAsync(workspace, encoder, partition, workspace.EmbeddingPath(partition, encoder.Id), cancellationToken);
        if (embeddings.Fingerprint != work.Embeddings)
            throw new WorkspaceException(
                $"The embeddings of {partition.Name} changed since index shard {shard.Key.Id} was planned ({work.Rows} rows then, {embeddings.Rows} now).",
                $"Run '{Indexing.CommandFor(encoder)}' to plan it again.");
        FilterColumns columns;
        using (var manifest = workspace.OpenManifest(partition))
            columns = FilterColumns.From(manifest.Read(0, embeddings.Rows), checked((int)embeddings.Rows));
        // A processor for each other shard that the engine may run: the build itself uses them all, in turn.
        await Task.Run(
            () => IndexBuilder.Build(workspace.IndexPath(partition, encoder.Id), embeddings, columns, work.Options, centroids: null, threads: 0, unitsDone, cancellationToken), cancellationToken);
        return new ShardResult(embeddings.Rows, 0);
    }
}
