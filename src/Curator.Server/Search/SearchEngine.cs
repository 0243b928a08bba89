using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Learning.Encoders;
using Curator.Search;
using Curator.Search.Maps;

namespace Curator.Server.Search;

/// <summary>
/// Searches the workspace by stored embeddings and by pictures sent in. What an encoder needs is opened at its first use and kept; the
/// network that embeds pictures runs one picture at a time. Thread-safe.
/// </summary>
internal sealed class SearchEngine(Workspace workspace, UploadDecoder decoder) : IDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Dictionary<string, Opened> _opened = new(StringComparer.Ordinal);

    /// <param name="encoder"><c>simclr</c> or <c>simclr@2</c>; null for the newest that has embeddings.</param>
    /// <exception cref="CuratorException">No such encoder, or nothing is embedded by it.</exception>
    public async Task<Opened> OpenAsync(string? encoder, CancellationToken cancellationToken)
    {
        var row = await workspace.Catalog.GetEncoderAsync(encoder ?? await FindEmbeddedAsync(cancellationToken), cancellationToken);
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _opened.TryGetValue(row.Id, out var known) ? known : _opened[row.Id] = new Opened(workspace, row, decoder);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The newest encoder that has embeddings; one that was just trained and has none yet must not take searching away. Null where there is none.</summary>
    private async Task<string?> FindEmbeddedAsync(CancellationToken cancellationToken)
    {
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        return (await workspace.Catalog.GetEncodersAsync(cancellationToken))
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Version)
            .FirstOrDefault(row => partitions.Any(partition => File.Exists(workspace.EmbeddingPath(partition, row.Id))))?.Id;
    }

    public void Dispose()
    {
        foreach (var opened in _opened.Values) opened.Dispose();
        _opening.Dispose();
    }

    /// <summary>One encoder's embeddings, and its network once a picture was sent.</summary>
    internal sealed class Opened(Workspace workspace, EncoderRow row, UploadDecoder decoder) : IDisposable
    {
        private readonly PartitionedSearch _search = new(workspace, row);
        private readonly SemaphoreSlim _oneAtATime = new(1);
        private IImageEncoder? _network;

        public string Id => row.Id;

        public int Dimension => row.Dimension;

        /// <summary>The stored embedding, or null when the image has none.</summary>
        public Task<float[]?> FindEmbeddingAsync(ImageId image, CancellationToken cancellationToken) => _search.GetEmbeddingAsync(image, cancellationToken);

        public Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, CancellationToken cancellationToken) => _search.SearchAsync(query, cancellationToken);

        /// <inheritdoc cref="MapNeighbours.FindAsync"/>
        public Task<IReadOnlyList<(int Point, float Distance)>> FindOnMapAsync(
            MapFile map, int point, Func<int, bool> within, MapOrder order, int count, int seed, CancellationToken cancellationToken) =>
            MapNeighbours.FindAsync(_search, map, point, within, order, count, seed, cancellationToken);

        /// <summary>Embeds a picture that somebody sent: decoded in a process of its own, never put on disk.</summary>
        /// <exception cref="CuratorException">The bytes are no picture that can be read.</exception>
        public async Task<float[]> EncodeAsync(Stream picture, CancellationToken cancellationToken)
        {
            using var bytes = new MemoryStream();
            await picture.CopyToAsync(bytes, cancellationToken);
            var image = await decoder.DecodeAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellationToken);
            await _oneAtATime.WaitAsync(cancellationToken);
            try
            {
                _network ??= await new EncoderStore(workspace).OpenAsync(row.Id, cancellationToken);
                return await PictureQuery.EncodeAsync(_network, image, cancellationToken);
            }
            finally
            {
                _oneAtATime.Release();
            }
        }

        public void Dispose()
        {
            _search.Dispose();
            _network?.Dispose();
            _oneAtATime.Dispose();
        }
    }
}
