using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Labeling.Rounds;

/// <summary>
/// The embeddings of one encoder over all partitions, checked against encoder and manifest when opened. Images that are hidden, duplicates, vanished, or have no
/// embedding are not eligible. Memory-mapped; thread-safe.
/// </summary>
internal sealed class EmbeddingSource : IDisposable
{
    private readonly List<Part> _parts;

    private EmbeddingSource(EncoderRow encoder, List<Part> parts) => (Encoder, _parts) = (encoder, parts);

    public EncoderRow Encoder { get; }

    public int Dimension => Encoder.Dimension;

    /// <summary>Ascending by number.</summary>
    public IReadOnlyList<Part> Parts => _parts;

    /// <exception cref="WorkspaceException">No encoder, or nothing is embedded by it.</exception>
    /// <exception cref="EmbeddingStoreException">Embeddings are damaged, or made from other images or by another encoder.</exception>
    public static async Task<EmbeddingSource> OpenAsync(Workspace workspace, string? encoderId, CancellationToken cancellationToken)
    {
        var encoder = await workspace.Catalog.GetEncoderAsync(encoderId, cancellationToken);
        var command = $"curator embed --encoder {encoder.Id}";
        var source = new EmbeddingSource(encoder, []);
        try
        {
            foreach (var partition in (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).OrderBy(p => p.Number))
            {
                var path = workspace.EmbeddingPath(partition, encoder.Id);
                if (!File.Exists(path)) continue;
                var file = EmbeddingFile.Open(path, command);
                var states = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
                source._parts.Add(new Part(partition, file, [.. states.Keys]));
                var revision = await workspace.Catalog.GetRevisionAsync(partition.Number, file.Rows, cancellationToken);
                if (file.Dimension != encoder.Dimension || revision is null
                    || file.Fingerprint != EmbeddingFingerprint.Of(encoder.Fingerprint, revision, file.Precision, file.Computation))
                    throw new EmbeddingStoreException(
                        $"The embeddings of {partition.Name} ({file.Rows} rows of {file.Dimension}) were not made by {encoder.Id} ({encoder.Dimension} numbers) from this partition's images.",
                        $"Run '{command}' to make them again.");
            }
            if (source._parts.Count == 0)
                throw new WorkspaceException($"No partition has embeddings by {encoder.Id}.", $"Run '{command}' first.");
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public Part? PartOf(int partition) => _parts.Find(p => p.Partition.Number == partition);

    /// <summary>Whether the image has an embedding and is not marked.</summary>
    public bool IsEligible(ImageId image) => PartOf(image.Partition)?.IsEligible(image.Row) == true;

    /// <summary>All eligible images, ascending.</summary>
    public IEnumerable<ImageId> Eligible()
    {
        foreach (var part in _parts)
            for (long row = 0; row < part.File.Rows; row++)
                if (part.IsEligible(row))
                    yield return new ImageId(part.Partition.Number, row);
    }

    /// <summary>Rows of some images: [images, d].</summary>
    public float[] Read(IReadOnlyList<ImageId> images)
    {
        var rows = new float[checked(images.Count * Dimension)];
        for (var i = 0; i < images.Count; i++)
            PartOf(images[i].Partition)!.File.Read(images[i].Row, rows.AsSpan(i * Dimension, Dimension));
        return rows;
    }

    public void Dispose()
    {
        foreach (var part in _parts) part.File.Dispose();
    }

    internal sealed record Part(Partition Partition, EmbeddingFile File, HashSet<long> Marked)
    {
        public bool IsEligible(long row) => row < File.Rows && !Marked.Contains(row) && !File.IsAbsent(row);
    }
}
