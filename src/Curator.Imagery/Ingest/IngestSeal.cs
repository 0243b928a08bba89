using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Manifests;

namespace Curator.Imagery.Ingest;

/// <summary>
/// Puts the parts of one partition's ingest into its manifest. Each step before the manifest's rename can be done twice, and what follows it is
/// done again by the next ingest when it is missing; so a kill at any point changes nothing in the end.
/// </summary>
internal sealed class IngestSeal(Workspace workspace, Partition partition, ManifestReader? manifest, KnownImages known, IngestTally tally)
{
    private readonly List<ImageId> _changed = [];
    private readonly List<ImageId> _back = [];
    private readonly HashSet<string> _refused = [];

    /// <param name="shards">In the order of their files.</param>
    /// <returns>The partition as it is now.</returns>
    public async Task<Partition> RunAsync(
        IReadOnlyList<IngestShard> shards, IReadOnlyList<RejectedFile> unreadableFolders, RootSet roots, CancellationToken cancellationToken)
    {
        await RecordRefusalsAsync(shards, unreadableFolders, roots, cancellationToken);
        (long Rows, string Fingerprint) revision = (manifest?.Rows ?? 0, manifest?.Fingerprint ?? "");
        using (var writer = Merge(shards, cancellationToken))
        {
            await MarkAsync(unreadableFolders, roots, cancellationToken);
            if (writer is not null) revision = writer.Commit();
        }
        tally.Added += revision.Rows - (manifest?.Rows ?? 0);
        if (revision.Rows > 0 && (revision.Rows != partition.Rows || revision.Fingerprint != partition.Fingerprint))
            await workspace.Catalog.SetManifestAsync(partition.Number, revision.Rows, revision.Fingerprint, cancellationToken);
        return partition with { Rows = revision.Rows, Fingerprint = revision.Fingerprint };
    }

    private async Task RecordRefusalsAsync(
        IReadOnlyList<IngestShard> shards, IReadOnlyList<RejectedFile> unreadableFolders, RootSet roots, CancellationToken cancellationToken)
    {
        if (unreadableFolders.Count > 0) await RefuseAsync(unreadableFolders, cancellationToken);
        foreach (var shard in shards)
        {
            var files = RefusalLog.Load(shard.RefusedPath(workspace));
            if (files.Count > 0) await RefuseAsync(files, cancellationToken);
        }
        var mended = new List<string>();
        await foreach (var file in workspace.Catalog.GetRejectedAsync(partition.Number, cancellationToken))
            if (!_refused.Contains(file.Uri) && roots.Contains(file.Uri))
                mended.Add(file.Uri);
        if (mended.Count > 0) await workspace.Catalog.RemoveRejectedAsync(partition.Number, mended, cancellationToken);
    }

    private async Task RefuseAsync(IReadOnlyList<RejectedFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            _refused.Add(file.Uri);
            tally.Refuse(file);
            // Only of bytes that were read can it be said that they changed.
            if (file.Problem is not (ImageProblem.Unreadable or ImageProblem.Missing)
                && known.Find(file.Uri, file.SizeBytes, file.ModifiedNanoseconds, out var row) == Familiarity.Different)
                _changed.Add(new ImageId(partition.Number, row));
        }
        await workspace.Catalog.AddRejectedAsync(partition.Number, files, cancellationToken);
    }

    /// <summary>A writer with all rows, old and new, ready to be committed; null when there is no new one.</summary>
    private ManifestWriter? Merge(IReadOnlyList<IngestShard> shards, CancellationToken cancellationToken)
    {
        ManifestWriter? writer = null;
        try
        {
            foreach (var shard in shards)
            {
                using var part = ManifestReader.Open(shard.PartPath(workspace));
                foreach (var record in part.Read())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!IsNew(record)) continue;
                    writer ??= Begin(shards);
                    writer.Append(record);
                }
            }
            return writer;
        }
        catch
        {
            writer?.Dispose();
            throw;
        }
    }

    private ManifestWriter Begin(IReadOnlyList<IngestShard> shards)
    {
        var free = manifest?.FreeColumns ?? [];
        foreach (var shard in shards)
        {
            using var part = ManifestReader.Open(shard.PartPath(workspace));
            free = MetadataColumn.Union(free, part.FreeColumns);
        }

        var writer = ManifestWriter.Create(workspace.ManifestPath(partition), free);
        if (manifest is not null) writer.AppendAll(manifest);
        return writer;
    }

    private bool IsNew(ImageRecord record)
    {
        switch (known.Find(record.Uri, record.SizeBytes, record.ModifiedNanoseconds, out var row))
        {
            case Familiarity.Unknown:
                return true;
            case Familiarity.Different when manifest![row].Sha256 != record.Sha256:
                _changed.Add(new ImageId(partition.Number, row));
                return true;
            default:
                // Written again with the same bytes.
                tally.AlreadyThere++;
                _back.Add(new ImageId(partition.Number, row));
                return false;
        }
    }

    /// <summary>Marks what changed or vanished and takes those marks from what is back. Marks that people set stay.</summary>
    private async Task MarkAsync(IReadOnlyList<RejectedFile> unreadableFolders, RootSet roots, CancellationToken cancellationToken)
    {
        var states = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
        var vanished = new List<ImageId>();
        foreach (var (row, path) in known.NotMet(roots))
            // A picture that was not met in its container is not in it any more.
            if ((SourceAddress.Parse(path).IsInside || !File.Exists(path)) && !unreadableFolders.Any(folder => SourceWalker.IsUnder(path, folder.Uri)))
                vanished.Add(new ImageId(partition.Number, row));
        tally.Vanished += vanished.Count;
        tally.Changed += _changed.Count;
        var back = _back.Concat(states.Keys.Where(known.WasSame).Select(row => new ImageId(partition.Number, row)))
            .Where(id => states.TryGetValue(id.Row, out var state) && state is ImageState.Changed or ImageState.Vanished).Distinct();
        await SetAsync(_changed.Where(id => MayMark(id, states)), ImageState.Changed, cancellationToken);
        await SetAsync(vanished.Where(id => MayMark(id, states)), ImageState.Vanished, cancellationToken);
        await SetAsync(back, null, cancellationToken);
    }

    private static bool MayMark(ImageId id, IReadOnlyDictionary<long, ImageState> states) =>
        !states.TryGetValue(id.Row, out var state) || state is ImageState.Changed or ImageState.Vanished;

    private async Task SetAsync(IEnumerable<ImageId> images, ImageState? state, CancellationToken cancellationToken)
    {
        foreach (var some in images.Chunk(10_000)) await workspace.Catalog.SetImageStateAsync(some, state, cancellationToken);
    }
}
