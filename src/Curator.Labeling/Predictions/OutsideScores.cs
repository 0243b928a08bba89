using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Labeling.Predictions;

/// <summary>
/// Probabilities and scores of an imported model, by image id: what a <see cref="Strategies.QueryPool"/> is filled from in place of a head, or beside one. Memory-mapped;
/// thread-safe.
/// </summary>
public sealed class OutsideScores : IDisposable
{
    private readonly Dictionary<int, EmbeddingFile> _files;

    private OutsideScores(PredictionInfo info, Dictionary<int, EmbeddingFile> files) => (Info, _files) = (info, files);

    public PredictionInfo Info { get; }

    /// <summary>Images with a prediction, ascending.</summary>
    public IEnumerable<ImageId> Images
    {
        get
        {
            foreach (var (partition, file) in _files.OrderBy(f => f.Key))
                for (long row = 0; row < file.Rows; row++)
                    if (!file.IsAbsent(row))
                        yield return new ImageId(partition, row);
        }
    }

    /// <param name="name">Null for the newest import.</param>
    /// <exception cref="WorkspaceException">No such import.</exception>
    /// <exception cref="EmbeddingStoreException">Its files are damaged, of another import, or of other images.</exception>
    public static async Task<OutsideScores> OpenAsync(Workspace workspace, string? name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var info = await PredictionStore.GetAsync(workspace, name, cancellationToken);
        var command = $"curator predictions import {info.Name} {info.Source}";
        var scores = new OutsideScores(info, []);
        try
        {
            foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
            {
                var path = workspace.PredictionPath(partition, info.Name);
                if (!File.Exists(path)) continue;
                var file = scores._files[partition.Number] = EmbeddingFile.Open(path, command);
                var revision = await workspace.Catalog.GetRevisionAsync(partition.Number, file.Rows, cancellationToken);
                if (revision is null || file.Fingerprint != PredictionStore.Fingerprint(info.Content, revision) || file.Dimension != 1 + info.Classes.Count + info.Scores.Count)
                    throw new EmbeddingStoreException($"The predictions '{info.Name}' of {partition.Name} are of another import, or of other images.", $"Do it again: `{command}`.");
            }
            return scores;
        }
        catch
        {
            scores.Dispose();
            throw;
        }
    }

    /// <summary>One score of some images: [images], 0 where the model says nothing.</summary>
    /// <param name="name">Null for none at all: the result is empty.</param>
    /// <param name="score">As for <see cref="ColumnOf"/>.</param>
    /// <exception cref="WorkspaceException">No such import or score.</exception>
    public static async Task<float[]> OfAsync(Workspace workspace, string? name, string? score, IReadOnlyList<ImageId> images, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (name is null) return [];
        using var outside = await OpenAsync(workspace, name, cancellationToken);
        var column = outside.ColumnOf(score);
        return [.. images.Select(image => outside.Has(image) ? outside.Score(image, column) : 0)];
    }

    /// <summary>Whether the model has said anything of the image.</summary>
    public bool Has(ImageId image) => _files.TryGetValue(image.Partition, out var file) && image.Row < file.Rows && !file.IsAbsent(image.Row);

    /// <summary>Column of a score for <see cref="Score"/>.</summary>
    /// <param name="name">Null for the default: <c>least-confidence</c>, of a detector <c>least-confidence-max</c>; without <c>-max</c>, <c>-mean</c>, <c>-sum</c> the maximum is meant.</param>
    /// <exception cref="WorkspaceException">No such score.</exception>
    public int ColumnOf(string? name)
    {
        if (name is null) return 0;
        for (var s = 0; s < Info.Scores.Count; s++)
            if (Info.Scores[s] == name || Info.Scores[s] == name + "-max")
                return s;
        throw new WorkspaceException($"The predictions '{Info.Name}' have no score '{name}'.", $"Use one of: {string.Join(", ", Info.Scores)}.");
    }

    /// <summary>Number of a class.</summary>
    /// <exception cref="WorkspaceException">No such class.</exception>
    public int ClassOf(string name)
    {
        for (var c = 0; c < Info.Classes.Count; c++)
            if (Info.Classes[c] == name)
                return c;
        throw new WorkspaceException($"The predictions '{Info.Name}' have no class '{name}'.", $"Use one of: {string.Join(", ", Info.Classes.Take(50))}.");
    }

    /// <summary>How much there is to learn from the image, 0 or more; see <see cref="ClassificationScorer"/> and <see cref="DetectionScorer"/>.</summary>
    public float Score(ImageId image, int column) => Row(image)[1 + Info.Classes.Count + column];

    /// <summary>
    /// Of each class, [classes]: of a classification they sum to 1; of a detector each is the probability that the picture holds a thing of that class.
    /// </summary>
    public void Probabilities(ImageId image, Span<float> probabilities) => Row(image).Slice(1, Info.Classes.Count).CopyTo(probabilities);

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }

    private ReadOnlySpan<float> Row(ImageId image) => _files[image.Partition].SingleRows(image.Row, 1);
}
