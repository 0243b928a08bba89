using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Manifests;
using Curator.Core.Shards;
using Curator.Imagery.Containers;

namespace Curator.Imagery.Ingest;

/// <summary>What a shard of the stage "ingest" needs to know; JSON in the catalog.</summary>
/// <param name="List">Hash of its <see cref="SourceList"/>.</param>
internal sealed record IngestShard(int Partition, string List, long LimitPixels, string? Bands = null, string? Stretch = null, IngestFill Fill = IngestFill.None, string? Mask = null)
{
    /// <summary>Tells shards of the same files apart that are to be read otherwise.</summary>
    [JsonIgnore]
    public string Name => (Bands, Stretch, Fill, Mask) == (null, null, IngestFill.None, null)
        ? $"{List}-{LimitPixels}"
        : $"{List}-{LimitPixels}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Bands}\n{Stretch}\n{Fill}\n{Mask}")).AsSpan(0, 6))}";

    /// <summary>Name in the work folder, of list, part and refusals.</summary>
    public string Folder(Workspace workspace) => workspace.WorkDirectory(Ingest.WorkFolder(Partition));

    /// <summary>Rows of the files that could be taken in, a small manifest; being there, it says that the shard is done.</summary>
    public string PartPath(Workspace workspace) => Path.Combine(Folder(workspace), $"{Name}.parquet");

    /// <summary>The files that could not; written before the part.</summary>
    public string RefusedPath(Workspace workspace) => Path.Combine(Folder(workspace), $"{Name}.refused");
}

/// <summary>
/// The stage "ingest": reads each file of a list once, hashes and decodes it, and leaves a part of a manifest and a list of refusals, which
/// <see cref="Ingest"/> puts together. One thread a shard; stateless and thread-safe.
/// </summary>
public sealed class IngestStage : IShardStage
{
    public const string StageName = "ingest";

    public string Name => StageName;

    /// <inheritdoc/>
    /// <exception cref="WorkspaceException">The list of files is gone.</exception>
    public Task<ShardResult> RunAsync(Workspace workspace, ShardSpec shard, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(shard);
        var work = JsonSerializer.Deserialize<IngestShard>(shard.Specification)
            ?? throw new WorkspaceException($"The shard {shard.Key} says nothing of its files.", "Run 'curator add' again with the same folders.");
        return Task.Run(() => Run(workspace, work, unitsDone, cancellationToken), cancellationToken);
    }

    private static ShardResult Run(Workspace workspace, IngestShard work, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        if (TryEarlier(workspace, work) is { } earlier) return earlier;
        var list = SourceList.Load(work.Folder(workspace), work.List);
        var reader = new PictureReader(list.Root, work);
        var refused = new List<RejectedFile>();
        long rows;
        var free = FreeColumns(list);
        using (var writer = ManifestWriter.Create(work.PartPath(workspace), free))
        {
            for (var i = 0; i < list.Files.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (reader.Read(list.Files[i], out var refusal) is { } record) writer.Append(record);
                else refused.Add(refusal!);
                if (i % 16 == 15) unitsDone?.Report(i + 1);
            }
            RefusalLog.Save(work.RefusedPath(workspace), refused);
            (rows, _) = writer.Commit();
        }
        unitsDone?.Report(list.Files.Count);
        return new ShardResult(rows, refused.Count);
    }

    /// <summary>What an earlier run left, which may have died after its last file and before the catalog knew; null when it is not whole.</summary>
    internal static ShardResult? TryEarlier(Workspace workspace, IngestShard work)
    {
        var part = work.PartPath(workspace);
        if (!File.Exists(part)) return null;
        try
        {
            using var manifest = ManifestReader.Open(part);
            return new ShardResult(manifest.Rows, RefusalLog.Load(work.RefusedPath(workspace)).Count);
        }
        catch (Exception e) when (e is ArtefactException or IOException or JsonException)
        {
            return null; // Damaged: done again.
        }
    }

    private static IReadOnlyList<MetadataColumn> FreeColumns(SourceList list)
    {
        IReadOnlyList<MetadataColumn> columns = [];
        foreach (var facts in list.Files.Select(file => file.Facts).Where(facts => facts.Length > 0).Distinct())
            columns = MetadataColumn.Union(columns, SourceFacts.Parse(facts).Metadata.Columns);
        return columns;
    }
}
