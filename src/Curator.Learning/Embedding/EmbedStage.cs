using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Cache;
using Curator.Learning.Encoders;

namespace Curator.Learning.Embedding;

/// <summary>
/// Embeds up to 4,096 rows of one partition into a part file. Pictures are taken from the pixel cache where training has left one. Each
/// row depends on its own picture only, on one kind of device, so threads, order and interruptions do not change a byte. A picture that is gone is a row of zeros.
/// </summary>
public sealed class EmbedStage : IShardStage
{
    /// <summary>The stage's name in the catalog and for <c>curator work</c>.</summary>
    public const string StageName = "embed";

    private const int LeastChunkRows = 128;

    public string Name => StageName;

    public async Task<ShardResult> RunAsync(Workspace workspace, ShardSpec shard, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(shard);
        var specification = EmbedSpecification.Parse(shard.Specification);
        var partition = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).FirstOrDefault(partition => partition.Number == specification.Partition)
            ?? throw new WorkspaceException($"There is no partition {specification.Partition} any more.", "Run 'curator embed' again.");
        using var encoder = await new EncoderStore(workspace).OpenAsync(specification.Encoder, specification.Computation, cancellationToken);
        return await Task.Run(() => Run(workspace, partition, specification, encoder, unitsDone, cancellationToken), cancellationToken);
    }

    private static ShardResult Run(
        Workspace workspace, Partition partition, EmbedSpecification specification, IImageEncoder encoder, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        ImageRecord[] images;
        using (var manifest = workspace.OpenManifest(partition)) images = [.. manifest.Read(specification.FirstRow, specification.Rows)];
        var fingerprint = PartFingerprint.Of(encoder.Card.Fingerprint, specification.Precision, specification.Computation, images);
        if (images.Length != specification.Rows || fingerprint != specification.Fingerprint)
            throw new WorkspaceException($"The images of shard {specification.ShardId} are not those it was planned for.", "Run 'curator embed' again.");

        var path = specification.PartPath(workspace);
        if (PartFingerprint.CountAbsent(path, specification) is { } before) return new ShardResult(specification.Rows, before);

        var embeddings = new float[images.Length * encoder.Dimension];
        long absent = 0, done = 0;
        using (var cached = PixelPart.TryOpen(CachedPath(workspace, partition, specification, encoder), images, encoder.ImageSize, encoder.Card.Preprocessing))
        {
            var threads = specification.Threads > 0 ? specification.Threads : Environment.ProcessorCount;
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
            // Whole batches: a picture's place in its batch depends on its row alone.
            var chunkRows = Math.Max(LeastChunkRows, specification.Computation?.BatchSize(encoder.ImageSize) ?? 0);
            var chunks = (images.Length + chunkRows - 1) / chunkRows;
            var chunkBytes = chunkRows * encoder.ImageSize * encoder.ImageSize * encoder.Card.Channels;
            Parallel.For(0, chunks, parallel, () => (Loader: new PictureLoader(encoder.Card.Preprocessing), Pixels: new byte[chunkBytes]), (chunk, _, own) =>
            {
                var first = chunk * chunkRows;
                var count = Math.Min(chunkRows, images.Length - first);
                Interlocked.Add(ref absent, EncodeChunk(images, first, count, cached, own.Loader, own.Pixels, encoder, embeddings));
                unitsDone?.Report(Interlocked.Add(ref done, count));
                return own;
            }, _ => { });
        }
        try
        {
            using var writer = EmbeddingWriter.Create(path, images.Length, encoder.Dimension, specification.Precision, fingerprint);
            writer.Append(embeddings);
            writer.Commit();
        }
        catch (Exception e) when (WriteProblem.Is(e))
        {
            throw WriteProblem.OfEmbeddings(path, e);
        }
        return new ShardResult(images.Length, absent);
    }

    /// <param name="buffer">At least so many pictures long; kept by a thread, because new memory of this size costs as much as decoding into it.</param>
    /// <returns>How many pictures of the chunk are absent.</returns>
    private static int EncodeChunk(
        ImageRecord[] images, int first, int count, PixelPart? cached, PictureLoader loader, byte[] buffer, IImageEncoder encoder, float[] embeddings)
    {
        var pictureBytes = encoder.ImageSize * encoder.ImageSize * encoder.Card.Channels;
        var pixels = buffer.AsSpan(0, count * pictureBytes);
        var missing = new List<int>();
        for (var i = 0; i < count; i++)
        {
            var picture = pixels.Slice(i * pictureBytes, pictureBytes);
            if (cached is not null && !cached.IsAbsent(first + i)) cached.Pixels(first + i).CopyTo(picture);
            else if (loader.Load(images[first + i], encoder.ImageSize, picture) is not null) missing.Add(i);
        }
        var rows = embeddings.AsSpan(first * encoder.Dimension, count * encoder.Dimension);
        encoder.Encode(pixels, count, rows);
        foreach (var i in missing) rows.Slice(i * encoder.Dimension, encoder.Dimension).Clear();
        return missing.Count;
    }

    private static string CachedPath(Workspace workspace, Partition partition, EmbedSpecification specification, IImageEncoder encoder) =>
        PixelCache.PartPath(
            workspace.WorkDirectory(FormattableString.Invariant($"pixels/{partition.Number}")), encoder.ImageSize, (int)(specification.FirstRow / PixelPart.Rows), encoder.Card.Preprocessing);
}
