using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Search.Indexes;

namespace Curator.Search.Partitions;

/// <summary>Opens embeddings and tells whether they, and an index over them, belong to the workspace's images.</summary>
internal static class EmbeddedRows
{
    /// <summary>Opens the embeddings of a partition and checks what they were made from. They may cover fewer rows than the manifest has.</summary>
    /// <exception cref="EmbeddingStoreException">Damaged, or made from other images or another encoder.</exception>
    public static async Task<EmbeddingFile> OpenAsync(Workspace workspace, EncoderRow encoder, Partition partition, string path, CancellationToken cancellationToken)
    {
        var command = $"curator embed --encoder {encoder.Id}";
        var embeddings = EmbeddingFile.Open(path, command);
        try
        {
            var revision = await workspace.Catalog.GetRevisionAsync(partition.Number, embeddings.Rows, cancellationToken);
            if (embeddings.Dimension != encoder.Dimension
                || revision is null
                || embeddings.Fingerprint != EmbeddingFingerprint.Of(encoder.Fingerprint, revision, embeddings.Precision, embeddings.Computation))
                throw new EmbeddingStoreException(
                    $"The embeddings of {partition.Name} ({embeddings.Rows} rows of {embeddings.Dimension}) were not made by {encoder.Id} ({encoder.Dimension} numbers) from this partition's images.",
                    $"Run '{command}' to make them again.");
            return embeddings;
        }
        catch
        {
            embeddings.Dispose();
            throw;
        }
    }

    /// <summary>Whether an index was built from the first rows of these embeddings.</summary>
    public static async Task<bool> IsPrefixAsync(
        Workspace workspace, EncoderRow encoder, Partition partition, IndexLayout layout, EmbeddingFile embeddings, CancellationToken cancellationToken)
    {
        if (layout.Rows > embeddings.Rows || layout.Dimension != embeddings.Dimension) return false;
        if (layout.Rows == embeddings.Rows) return layout.Embeddings == embeddings.Fingerprint;
        var revision = await workspace.Catalog.GetRevisionAsync(partition.Number, layout.Rows, cancellationToken);
        return revision is not null && layout.Embeddings == EmbeddingFingerprint.Of(encoder.Fingerprint, revision, embeddings.Precision, embeddings.Computation);
    }
}
