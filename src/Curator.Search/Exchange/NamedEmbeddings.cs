using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Search.Exchange;

/// <summary>Embeddings on their way in, by the image that each names: 4 bytes a number, and the names of all images of the workspace.</summary>
internal sealed class NamedEmbeddings(Workspace workspace, IReadOnlyList<Partition> partitions)
{
    private readonly ImageNames _names = ImageNames.Of(workspace, partitions);
    private readonly Dictionary<ImageId, float[]> _found = [];
    private long _unknown;
    private int _dimension;

    /// <param name="key">An image id, a full path, or a name that only one image ends with.</param>
    public void Add(string key, float[] embedding)
    {
        _dimension = embedding.Length;
        if (_names.Find(key) is { } image) _found[image] = embedding;
        else _unknown++;
    }

    /// <summary>Writes what was added as the embeddings of a new encoder.</summary>
    /// <param name="path">The file they came from; its bytes are the encoder's fingerprint.</param>
    public async Task<ImportReport> WriteAsync(string name, string path, EmbeddingPrecision precision, CancellationToken cancellationToken)
    {
        if (_found.Count == 0)
            throw new EmbeddingStoreException($"None of the {_unknown} lines of '{path}' names an image of the workspace.", "Name images by id, full path or file name.");
        var encoder = await workspace.Catalog.AddEncoderAsync(name, await EmbeddingImport.FingerprintAsync(path, cancellationToken), _dimension, cancellationToken);
        var absent = new float[_dimension];
        foreach (var partition in partitions)
        {
            using var writer = EmbeddingImport.Create(workspace, encoder, partition, precision);
            for (long row = 0; row < partition.Rows; row++) writer.Append(_found.GetValueOrDefault(new ImageId(partition.Number, row), absent));
            writer.Commit();
        }

        return new ImportReport(encoder, _found.Count, partitions.Sum(partition => partition.Rows) - _found.Count, _unknown);
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
