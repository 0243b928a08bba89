using System.Security.Cryptography;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Manifests;
using Curator.Core.Shards;
using Curator.Imagery.Decoding;
using Curator.Imagery.Hashing;
using Curator.Imagery.Resizing;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Ingest;

/// <summary>What a shard of the stage "ingest" needs to know; JSON in the catalog.</summary>
/// <param name="List">Hash of its <see cref="SourceList"/>.</param>
internal sealed record IngestShard(int Partition, string List, long LimitPixels)
{
    /// <summary>Name in the work folder, of list, part and refusals.</summary>
    public string Folder(Workspace workspace) => workspace.WorkDirectory(Ingest.WorkFolder(Partition));

    /// <summary>Rows of the files that could be taken in, a small manifest; being there, it says that the shard is done.</summary>
    public string PartPath(Workspace workspace) => Path.Combine(Folder(workspace), $"{List}-{LimitPixels}.parquet");

    /// <summary>The files that could not; written before the part.</summary>
    public string RefusedPath(Workspace workspace) => Path.Combine(Folder(workspace), $"{List}-{LimitPixels}.refused");
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
        var reader = new PictureReader(list.Root, work.LimitPixels);
        var refused = new List<RejectedFile>();
        long rows;
        using (var writer = ManifestWriter.Create(work.PartPath(workspace)))
        {
            for (var i = 0; i < list.Files.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (reader.Read(list.Files[i].Path, out var refusal) is { } record) writer.Append(record);
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

    /// <summary>Makes rows of files. One per thread.</summary>
    private sealed class PictureReader(string root, long limitPixels)
    {
        private readonly DecodeOptions _options = new() { LimitPixels = limitPixels };
        private readonly SourceFile _source = new();
        private readonly ImageDecoder _decoder = new();
        private readonly PerceptualHash _hash = new(new Resizer());

        public ImageRecord? Read(string path, out RejectedFile? refusal)
        {
            refusal = null;
            var problem = _source.Read(path, _options.LimitFileBytes, out var detail);
            DecodedImage? image = null;
            if (problem is null)
            {
                var result = _decoder.Decode(_source.Bytes, _options);
                (image, problem, detail) = (result.Image, result.Problem, result.Detail);
            }
            if (image is null)
            {
                refusal = new RejectedFile(path, problem!.Value, detail, _source.SizeBytes, _source.ModifiedNanoseconds);
                return null;
            }
            var facts = PictureFacts.Of(image.Pixels.Span);
            var named = TileName.TryParseMoment(path, out var takenAt, out var box);
            return new ImageRecord
            {
                Uri = path,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(_source.Bytes)),
                SizeBytes = _source.Length,
                ModifiedNanoseconds = _source.ModifiedNanoseconds,
                Width = image.Width,
                Height = image.Height,
                Channels = image.Channels,
                BitDepth = image.BitDepth,
                Folder = FolderOf(path),
                PerceptualHash = _hash.Of(image.Pixels.Span, image.Width, image.Height),
                MeanLuma = facts.MeanLuma,
                LumaDeviation = facts.LumaDeviation,
                NoDataShare = facts.NoDataShare,
                TakenAt = takenAt,
                Footprint = named ? box : null,
            };
        }

        private string FolderOf(string path)
        {
            if (path == root) return "";
            var folder = Path.GetRelativePath(root, Path.GetDirectoryName(path)!);
            return folder == "." ? "" : folder.Replace(Path.DirectorySeparatorChar, '/');
        }
    }
}
