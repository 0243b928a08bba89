using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Learning.Encoders;

namespace Curator.Cli;

/// <summary>Embeddings of a query's pictures: stored ones for ids of the project, computed ones for files.</summary>
internal sealed class QueryVectors(Workspace workspace, EncoderRow encoder)
{
    /// <param name="picturesOrIds">Paths, or ids such as <c>3-1742</c> (a file of that name wins).</param>
    /// <returns>One vector of the encoder's dimension for each.</returns>
    /// <exception cref="CuratorException">A picture that cannot be read, an id that is not there.</exception>
    public async Task<IReadOnlyList<float[]>> GetAsync(IReadOnlyList<string> picturesOrIds, CancellationToken cancellationToken)
    {
        if (picturesOrIds.Count == 0) return [];
        IImageEncoder? network = null;
        try
        {
            var vectors = new List<float[]>(picturesOrIds.Count);
            foreach (var text in picturesOrIds)
            {
                if (!File.Exists(text) && ImageId.TryParse(text, null, out var id))
                {
                    vectors.Add(await StoredAsync(id, cancellationToken));
                    continue;
                }
                network ??= await new EncoderStore(workspace).OpenAsync(encoder.Id, cancellationToken);
                vectors.Add(await PictureQuery.EncodeAsync(network, Path.GetFullPath(text), cancellationToken));
            }
            return vectors;
        }
        finally
        {
            network?.Dispose();
        }
    }

    private async Task<float[]> StoredAsync(ImageId id, CancellationToken cancellationToken)
    {
        var partition = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).FirstOrDefault(p => p.Number == id.Partition);
        if (partition is null || id.Row >= partition.Rows)
            throw new WorkspaceException($"There is no picture {id} in this project.", "Use a path, or an id that curator search printed.");
        using var file = EmbeddingFile.Open(workspace.EmbeddingPath(partition, encoder.Id), $"curator embed --encoder {encoder.Id}");
        if (id.Row >= file.Rows)
            throw new EmbeddingStoreException($"Picture {id} has no embedding by {encoder.Id} yet.", $"curator embed --encoder {encoder.Id}");
        var vector = new float[file.Dimension];
        file.Read(id.Row, vector);
        return vector;
    }
}
