using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Learning.Encoders;

namespace Curator.Cli.Searching;

/// <summary>Embeddings of a query's pictures: stored ones for ids of the project, computed ones for files. The encoder's network is opened at the first file and kept.</summary>
internal sealed class QueryVectors(Workspace workspace, EncoderRow encoder) : IDisposable
{
    private IImageEncoder? _network;

    /// <param name="picturesOrIds">Paths, or ids such as <c>3-1742</c> (a file of that name wins).</param>
    /// <returns>One vector of the encoder's dimension for each.</returns>
    /// <exception cref="CuratorException">A picture that cannot be read, an id that is not there.</exception>
    public async Task<IReadOnlyList<float[]>> GetAsync(IReadOnlyList<string> picturesOrIds, CancellationToken cancellationToken)
    {
        var vectors = new List<float[]>(picturesOrIds.Count);
        foreach (var text in picturesOrIds) vectors.Add(await GetAsync(text, cancellationToken));
        return vectors;
    }

    /// <inheritdoc cref="GetAsync(IReadOnlyList{string}, CancellationToken)"/>
    public async Task<float[]> GetAsync(string pictureOrId, CancellationToken cancellationToken)
    {
        if (IdOf(pictureOrId) is { } id) return await StoredAsync(id, cancellationToken);
        _network ??= await new EncoderStore(workspace).OpenAsync(encoder.Id, cancellationToken);
        return await PictureQuery.EncodeAsync(_network, Path.GetFullPath(pictureOrId), cancellationToken);
    }

    /// <summary>The file that shows what was asked with: the path itself, or the source of an id.</summary>
    public async Task<string> PictureOfAsync(string pictureOrId, CancellationToken cancellationToken) =>
        IdOf(pictureOrId) is { } id ? (await workspace.GetImageAsync(id, cancellationToken)).Uri : Path.GetFullPath(pictureOrId);

    public void Dispose() => _network?.Dispose();

    private static ImageId? IdOf(string text) => !File.Exists(text) && ImageId.TryParse(text, null, out var id) ? id : null;

    private async Task<float[]> StoredAsync(ImageId id, CancellationToken cancellationToken)
    {
        var partition = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).FirstOrDefault(p => p.Number == id.Partition);
        if (partition is null || id.Row >= partition.Rows)
            throw new WorkspaceException($"There is no picture {id} in this project.", "Use a path, or an id that curator search printed.");
        using var file = EmbeddingFile.Open(workspace.EmbeddingPath(partition, encoder.Id), $"curator embed --encoder {encoder.Id}");
        if (id.Row >= file.Rows || file.IsAbsent(id.Row))
            throw new EmbeddingStoreException($"Picture {id} has no embedding by {encoder.Id}.", $"curator embed --encoder {encoder.Id}");
        var vector = new float[file.Dimension];
        file.Read(id.Row, vector);
        return vector;
    }
}
