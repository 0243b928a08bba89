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
                $"'{path}' has {file.Header.Rows} rows and the workspace {images} images.", "Give one row an image in the order of 'curator embed --export', or a CSV file that names the images.");
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
        var partitions = await PartitionsAsync(workspace, cancellationToken);
        var names = await Task.Run(() => ImageNames.Of(workspace, partitions), cancellationToken);
        var found = new Dictionary<ImageId, float[]>();
        long unknown = 0;
        var dimension = 0;
        await foreach (var (line, key, embedding) in CsvEmbeddings.ReadAsync(path, cancellationToken))
        {
            dimension = embedding.Length;
            if (names.Find(key) is { } image) found[image] = embedding;
            else unknown++;
            if (line % ChunkRows == 0) cancellationToken.ThrowIfCancellationRequested();
        }

        if (found.Count == 0) throw new EmbeddingStoreException($"None of the {unknown} lines of '{path}' names an image of the workspace.", "Name images by id, full path or file name in the first column.");
        var encoder = await workspace.Catalog.AddEncoderAsync(name, await FingerprintAsync(path, cancellationToken), dimension, cancellationToken);
        var absent = new float[dimension];
        foreach (var partition in partitions)
        {
            using var writer = Create(workspace, encoder, partition, precision);
            for (long row = 0; row < partition.Rows; row++) writer.Append(found.GetValueOrDefault(new ImageId(partition.Number, row), absent));
            writer.Commit();
        }

        return new ImportReport(encoder, found.Count, partitions.Sum(partition => partition.Rows) - found.Count, unknown);
    }

    private static async Task<List<Partition>> PartitionsAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(partition => partition.Rows > 0).OrderBy(partition => partition.Number).ToList();
        if (partitions.Count == 0) throw new WorkspaceException("There are no images in the workspace.", "Add some with 'curator add PATH'.");
        return partitions;
    }

    private static EmbeddingWriter Create(Workspace workspace, EncoderRow encoder, Partition partition, EmbeddingPrecision precision) =>
        EmbeddingWriter.Create(
            workspace.EmbeddingPath(partition, encoder.Id), partition.Rows, encoder.Dimension, precision, EmbeddingFingerprint.Of(encoder.Fingerprint, partition.Fingerprint, precision));

    private static async Task<string> FingerprintAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    /// <summary>Images by what a person may call them.</summary>
    private sealed class ImageNames
    {
        private readonly Dictionary<string, ImageId?> _byName = new(StringComparer.Ordinal);

        public static ImageNames Of(Workspace workspace, IEnumerable<Partition> partitions)
        {
            var names = new ImageNames();
            foreach (var partition in partitions)
            {
                using var manifest = workspace.OpenManifest(partition);
                long row = 0;
                foreach (var record in manifest.Read())
                {
                    var image = new ImageId(partition.Number, row++);
                    names.Add(record.Uri, image);
                    var file = record.Uri[(record.Uri.LastIndexOf('/') + 1)..];
                    if (file != record.Uri) names.Add(file, image);
                    if (record.Folder.Length > 0) names.Add($"{record.Folder}/{file}", image);
                    names.Add(image.ToString(), image);
                }
            }

            return names;
        }

        public ImageId? Find(string key) => _byName.GetValueOrDefault(key);

        /// <summary>A name that two images have is nobody's.</summary>
        private void Add(string name, ImageId image)
        {
            if (!_byName.TryAdd(name, image) && _byName[name] != image) _byName[name] = null;
        }
    }
}
