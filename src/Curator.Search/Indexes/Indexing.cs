using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Search.Partitions;

namespace Curator.Search.Indexes;

/// <summary>When a partition's index is built again although it is still right.</summary>
public sealed record DeltaOptions
{
    /// <summary>Rows after the index's that are searched exactly before they are merged into a new index.</summary>
    [Description("New images searched exactly before they are merged into the index.")]
    [Range(0, int.MaxValue)]
    public int MergeAbove { get; init; } = 20_000;

    /// <summary>The same as a share of the index's rows; the greater of the two counts.</summary>
    [Description("The same as a share of the indexed images.")]
    [Range(0.0, 10.0)]
    public double MergeShare { get; init; } = 0.05;
}

/// <summary>What <see cref="Indexing.IndexAsync"/> did.</summary>
/// <param name="Built">Partitions whose index was built.</param>
/// <param name="UpToDate">Partitions whose index was right, with a delta below the threshold.</param>
/// <param name="NotEmbedded">Partitions without embeddings by this encoder.</param>
/// <param name="Rows">Rows of the indexes built.</param>
public sealed record IndexReport(int Built, int UpToDate, int NotEmbedded, long Rows);

/// <summary>Brings the indexes of a workspace up to date: one shard a partition, resumable, on any engine.</summary>
public static class Indexing
{
    /// <summary>What a person runs to build an encoder's indexes.</summary>
    public static string CommandFor(EncoderRow encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return $"curator index --encoder {encoder.Id}";
    }

    /// <summary>Builds every index that is missing, damaged, built from other embeddings or with other options, or whose delta is too long.</summary>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    public static async Task<IndexReport> IndexAsync(
        Workspace workspace, EncoderRow encoder, IndexOptions options, DeltaOptions delta, IShardEngine engine, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(delta);
        ArgumentNullException.ThrowIfNull(engine);
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var shards = new List<ShardSpec>();
        int upToDate = 0, notEmbedded = 0;
        foreach (var partition in partitions)
        {
            if (!File.Exists(workspace.EmbeddingPath(partition, encoder.Id))) notEmbedded++;
            else if (await PlanAsync(workspace, encoder, partition, options, delta, cancellationToken) is { } shard) shards.Add(shard);
            else upToDate++;
        }

        if (notEmbedded == partitions.Count)
            throw new WorkspaceException(
                $"None of the {partitions.Count} partitions has embeddings by {encoder.Id}.", $"Run 'curator embed --encoder {encoder.Id}' first.");
        if (shards.Count > 0)
        {
            await engine.RunAsync(workspace, new IndexStage(), shards, "images", progress, cancellationToken);
            // What is built is told by the files; rows of the catalog would only keep a lost file from being built again.
            foreach (var shard in shards) await workspace.Catalog.RemoveShardsAsync(IndexStage.StageName, shard.Key.Id, cancellationToken);
        }

        return new IndexReport(shards.Count, upToDate, notEmbedded, shards.Sum(shard => shard.Units));
    }

    /// <summary>The shard that brings the partition's index up to date; null when it is.</summary>
    private static async Task<ShardSpec?> PlanAsync(
        Workspace workspace, EncoderRow encoder, Partition partition, IndexOptions options, DeltaOptions delta, CancellationToken cancellationToken)
    {
        using var embeddings = await EmbeddedRows.OpenAsync(workspace, encoder, partition, workspace.EmbeddingPath(partition, encoder.Id), cancellationToken);
        if (await IsUpToDateAsync()) return null;
        var work = new IndexWork(partition.Number, encoder.Id, embeddings.Rows, embeddings.Fingerprint, options);
        var id = string.Create(
            CultureInfo.InvariantCulture, $"{partition.Number}.{encoder.Name}-{encoder.Version}.{embeddings.Rows}.{IndexFingerprint.Of(embeddings.Fingerprint, options)[..12]}");
        return new ShardSpec(new ShardKey(IndexStage.StageName, id), JsonSerializer.Serialize(work), embeddings.Rows);

        async Task<bool> IsUpToDateAsync()
        {
            var path = workspace.IndexPath(partition, encoder.Id);
            if (!File.Exists(path)) return false;
            try
            {
                using var index = PartitionIndex.Open(path, CommandFor(encoder));
                return index.Layout.Options == options
                    && await EmbeddedRows.IsPrefixAsync(workspace, encoder, partition, index.Layout, embeddings, cancellationToken)
                    && embeddings.Rows - index.Rows <= Math.Max(delta.MergeAbove, delta.MergeShare * index.Rows);
            }
            catch (IndexFormatException)
            {
                // Damaged or of an older version: building it again is what the caller asked for.
                return false;
            }
        }
    }
}

/// <summary>Specification of an index shard.</summary>
/// <param name="Partition">Number.</param>
/// <param name="Encoder">Name and version.</param>
/// <param name="Rows">Of the embeddings when the shard was planned.</param>
/// <param name="Embeddings">Their fingerprint.</param>
internal sealed record IndexWork(int Partition, string Encoder, long Rows, string Embeddings, IndexOptions Options);
