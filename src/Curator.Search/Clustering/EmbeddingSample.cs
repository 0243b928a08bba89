using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;

namespace Curator.Search.Clustering;

/// <summary>Embeddings of some images as one matrix, for what needs them at hand: clustering, farthest-first, query strategies.</summary>
/// <param name="Images">One a row, ascending.</param>
/// <param name="Rows">[images × Dimension], row-major, as stored.</param>
public sealed record EmbeddingSample(ImageId[] Images, float[] Rows, int Dimension)
{
    public int Count => Images.Length;

    public ReadOnlySpan<float> Row(int index) => Rows.AsSpan(index * Dimension, Dimension);

    /// <summary>Draws visible, embedded images evenly over all partitions; all of them when there are fewer.</summary>
    /// <param name="max">Images at most; the matrix takes 4 · max · dimension bytes.</param>
    /// <param name="filter">Images that count; null for all.</param>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    public static async Task<EmbeddingSample> DrawAsync(
        Workspace workspace, EncoderRow encoder, int max, SearchFilter? filter, int seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        using var search = new PartitionedSearch(workspace, encoder);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Filter = filter }, cancellationToken);
        var images = Reservoir(plan, max, seed, cancellationToken);
        var rows = new float[(long)images.Count * encoder.Dimension];
        for (var i = 0; i < images.Count; i++)
            plan.Open[images[i].Partition].Embeddings.Read(images[i].Row, rows.AsSpan(i * encoder.Dimension, encoder.Dimension));
        return new EmbeddingSample([.. images], rows, encoder.Dimension);
    }

    /// <summary>Algorithm R (Vitter 1985): one pass, every visible image with the same probability.</summary>
    private static List<ImageId> Reservoir(Partitions.SearchPlan plan, int max, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var images = new List<ImageId>();
        long seen = 0;
        foreach (var open in plan.Open.Values)
        {
            for (long row = 0; row < open.Embeddings.Rows; row++)
            {
                if ((row & 0xffff) == 0) cancellationToken.ThrowIfCancellationRequested();
                if (!plan.Admits(open.Partition.Number, row) || open.Embeddings.IsAbsent(row)) continue;
                var image = new ImageId(open.Partition.Number, row);
                seen++;
                if (images.Count < max) images.Add(image);
                else if (random.NextInt64(seen) is var place && place < max) images[(int)place] = image;
            }
        }

        images.Sort();
        return images;
    }
}
