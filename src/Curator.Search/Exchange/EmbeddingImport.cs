using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Search.Exchange;

/// <summary>What an import took in.</summary>
/// <param name="Encoder">The encoder that stands for the outside model; its fingerprint is the file's content.</param>
/// <param name="Images">Images with an embedding now.</param>
/// <param name="Missing">Images of the workspace that the file says nothing of; they have no embedding by this encoder.</param>
/// <param name="Unknown">Lines of the file that name no image of the workspace.</param>
public sealed record ImportReport(EncoderRow Encoder, long Images, long Missing, long Unknown);

/// <summary>Takes in embeddings that another program made of the workspace's images, as an encoder of their own, so that outside models can be searched and labeled with.</summary>
public static class EmbeddingImport
{
    private const int ChunkRows = 4096;

    /// <summary>Reads a NumPy matrix whose rows are the images of all partitions, by number, then by row: what <see cref="EmbeddingExport.ToNpyAsync"/> writes.</summary>
    /// <param name="name">Name of the encoder: letters, digits, dash.</param>
    /// <exception cref="EmbeddingStoreException">Not such a matrix, or with another number of rows than there are images.</exception>
    public static async Task<ImportReport> FromNpyAsync(Workspace workspace, string name, string path, EmbeddingPrecision precision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var partitions = await PartitionsAsync(workspace, cancellationToken);
        var images = partitions.Sum(partition => partition.Rows);
        using var file = NpyFile.Open(path);
        if (file.Header.Rows != images)
            throw new EmbeddingStoreException(
                $"'{path}' has {file.Header.Rows} rows and the workspace {images} images.", "Give one row an image in the order of 'curator embeddings export', or a CSV file that names the images.");
        var encoder = await workspace.Catalog.AddEncoderAsync(name, await FingerprintAsync(path, cancellationToken), file.Header.Dimension, cancellationToken);
        long present = 0;
        foreach (var partition in partitions)
        {
            using var writer = Create(workspace, encoder, partition, precision);
            for (long first = 0; first < partition.Rows; first += ChunkRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = new float[Math.Min(ChunkRows, partition.Rows - first) * encoder.Dimension];
                file.Read(rows);
                for (var i = 0; i < rows.Length; i += encoder.Dimension)
                    if (rows.AsSpan(i, encoder.Dimension).ContainsAnyExcept(0f))
                        present++;
                writer.Append(rows);
            }

            writer.Commit();
        }

        return new ImportReport(encoder, present, images - present, 0);
    }

    /// <summary>
    /// Reads <c>filename,embedding_0,…</c> with a heading line; the file name may be an image id (<c>3-17</c>), a full path, or a name that only one image ends with. Holds the
    /// embeddings in memory.
    /// </summary>
    /// <param name="name">Name of the encoder: letters, digits, dash.</param>
    /// <exception cref="EmbeddingStoreException">A line with other columns than the heading, or a number that is none; tells the line.</exception>
    public static async Task<ImportReport> FromCsvAsync(Workspace workspace, string name, string path, EmbeddingPrecision precision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var embeddings = new NamedEmbeddings(workspace, await PartitionsAsync(workspace, cancellationToken));
        await foreach (var (_, key, embedding) in CsvEmbeddings.ReadAsync(path, cancellationToken)) embeddings.Add(key, embedding);
        return await embeddings.WriteAsync(name, path, precision, cancellationToken);
    }

    /// <summary>Reads the <c>embedding</c> column of a Parquet file; its <c>image</c>, <c>path</c> or <c>filename</c> column names images as for CSV. Holds the embeddings in memory.</summary>
    /// <param name="name">Name of the encoder: letters, digits, dash.</param>
    /// <exception cref="EmbeddingStoreException">Damaged, without these columns, or of no image of the workspace.</exception>
    public static async Task<ImportReport> FromParquetAsync(Workspace workspace, string name, string path, EmbeddingPrecision precision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var embeddings = new NamedEmbeddings(workspace, await PartitionsAsync(workspace, cancellationToken));
        await Task.Run(
            () =>
            {
                foreach (var (key, embedding) in EmbeddingParquet.Read(path))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    embeddings.Add(key, embedding);
                }
            },
            cancellationToken);
        return await embeddings.WriteAsync(name, path, precision, cancellationToken);
    }

    private static async Task<List<Partition>> PartitionsAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(partition => partition.Rows > 0).OrderBy(partition => partition.Number).ToList();
        if (partitions.Count == 0) throw new WorkspaceException("There are no images in the workspace.", "Add some with 'curator add PATH'.");
        return partitions;
    }

    internal static EmbeddingWriter Create(Workspace workspace, EncoderRow encoder, Partition partition, EmbeddingPrecision precision) =>
        EmbeddingWriter.Create(
            workspace.EmbeddingPath(partition, encoder.Id), partition.Rows, encoder.Dimension, precision, EmbeddingFingerprint.Of(encoder.Fingerprint, partition.Fingerprint, precision));

    internal static async Task<string> FingerprintAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
