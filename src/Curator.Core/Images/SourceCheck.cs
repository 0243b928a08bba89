using System.Security.Cryptography;
using Curator.Core.Catalogs;

namespace Curator.Core.Images;

/// <summary>
/// Compares a partition's manifest with the source files as they are now, for <c>status</c> and <c>doctor</c>. Source files are only read.
/// </summary>
public static class SourceCheck
{
    private const int Examples = 5;
    private const int MarksPerTransaction = 4096;

    /// <summary>
    /// Streams the manifest and compares size and last write with the disk; the contents' SHA-256 where only the last write differs (a copied
    /// folder is not a changed one), and for every file when <paramref name="readContents"/>. Marks images
    /// <see cref="ImageState.Vanished"/> or <see cref="ImageState.Changed"/> in the catalog and clears such marks from those that are as they
    /// were; marks of people (<see cref="ImageState.Duplicate"/>, <see cref="ImageState.Hidden"/>) stay. Cost: one stat a file, and a full read where contents are compared.
    /// </summary>
    /// <param name="imagesChecked">Images looked at so far.</param>
    /// <exception cref="ArtefactException">The manifest is missing or damaged.</exception>
    public static async Task<SourceCheckReport> RunAsync(
        Workspace workspace, Partition partition, bool readContents, IProgress<long>? imagesChecked, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(partition);
        using var manifest = workspace.OpenManifest(partition);
        var marks = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
        var pending = new Dictionary<ImageState, List<ImageId>> { [ImageState.Vanished] = [], [ImageState.Changed] = [] };
        var healed = new List<ImageId>();
        var counts = new Dictionary<ImageState, long>();
        var examples = new List<(ImageId Image, string Uri, ImageState State)>();
        long row = 0, healedCount = 0;
        foreach (var record in manifest.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = new ImageId(partition.Number, row++);
            var known = marks.TryGetValue(id.Row, out var mark) ? mark : (ImageState?)null;
            var found = Path.IsPathFullyQualified(record.Uri) ? await CompareAsync(record, readContents, cancellationToken) : null;
            if (found is { } state)
            {
                counts[state] = counts.GetValueOrDefault(state) + 1;
                if (examples.Count < Examples) examples.Add((id, record.Uri, state));
                if (known is null or ImageState.Vanished or ImageState.Changed && known != found) pending[state].Add(id);
            }
            else if (known is ImageState.Vanished or ImageState.Changed)
            {
                healed.Add(id);
                healedCount++;
            }

            if (row % MarksPerTransaction == 0)
            {
                await StoreAsync(workspace.Catalog, pending, healed, cancellationToken);
                imagesChecked?.Report(row);
            }
        }

        await StoreAsync(workspace.Catalog, pending, healed, cancellationToken);
        imagesChecked?.Report(row);
        return new SourceCheckReport(row, counts.GetValueOrDefault(ImageState.Vanished), counts.GetValueOrDefault(ImageState.Changed), healedCount, examples);
    }

    /// <summary>Last write of a file as <see cref="ImageRecord.ModifiedNanoseconds"/> has it.</summary>
    public static long ModifiedNanoseconds(FileSystemInfo file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return (file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    }

    private static async Task<ImageState?> CompareAsync(ImageRecord record, bool readContents, CancellationToken cancellationToken)
    {
        var (path, offset, length) = SourceAddress.Parse(record.Uri);
        if (length is not null && File.Exists(record.Uri)) (path, offset, length) = (record.Uri, 0, null);
        if (Resolve(path) is not { Exists: true } file) return ImageState.Vanished;
        if (length is null ? file.Length != record.SizeBytes : file.Length < offset + length) return ImageState.Changed;
        if (!readContents && ModifiedNanoseconds(file) == record.ModifiedNanoseconds) return null;
        try
        {
            await using var stream = file.OpenRead();
            byte[] hash;
            if (length is null)
            {
                hash = await SHA256.HashDataAsync(stream, cancellationToken);
            }
            else
            {
                stream.Position = offset;
                var bytes = new byte[checked((int)length.Value)];
                await stream.ReadExactlyAsync(bytes, cancellationToken);
                hash = SHA256.HashData(bytes);
            }

            return Convert.ToHexStringLower(hash) == record.Sha256 ? null : ImageState.Changed;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is there and cannot be read: not as it was when it was added.
            return file.Exists ? ImageState.Changed : ImageState.Vanished;
        }
    }

    /// <summary>The file behind a link, because a link's own size and time say nothing of the picture; null when the link leads nowhere.</summary>
    private static FileInfo? Resolve(string path)
    {
        var file = new FileInfo(path);
        try
        {
            return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task StoreAsync(Catalog catalog, Dictionary<ImageState, List<ImageId>> pending, List<ImageId> healed, CancellationToken cancellationToken)
    {
        foreach (var (state, images) in pending)
        {
            if (images.Count > 0) await catalog.SetImageStateAsync(images, state, cancellationToken);
            images.Clear();
        }

        if (healed.Count > 0) await catalog.SetImageStateAsync(healed, null, cancellationToken);
        healed.Clear();
    }
}
