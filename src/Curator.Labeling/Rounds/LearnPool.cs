using Curator.Core;
using Curator.Core.Images;
using Curator.Labeling.Heads;
using Curator.Labeling.Strategies;
using Curator.Search;

namespace Curator.Labeling.Rounds;

/// <summary>
/// The images that rounds work on, with their scaled embeddings in memory: all eligible images, or of a larger archive a sample of
/// <see cref="LearnOptions.SampleSize"/> (one tenth the nearest to the example, the rest drawn evenly over the partitions), and always every answered image. The same
/// archive, options and answers give the same pool. Memory: 4·n·d bytes.
/// </summary>
internal sealed class LearnPool
{
    private const double NearestShare = 0.1;

    private readonly Dictionary<ImageId, int> _index;

    private LearnPool(IReadOnlyList<ImageId> images, float[] rows, RowScaler scaler)
    {
        (Images, Rows, Scaler) = (images, rows, scaler);
        _index = new Dictionary<ImageId, int>(images.Count);
        for (var i = 0; i < images.Count; i++) _index[images[i]] = i;
    }

    /// <summary>Ascending.</summary>
    public IReadOnlyList<ImageId> Images { get; }

    /// <summary>[images, d], scaled.</summary>
    public float[] Rows { get; }

    public RowScaler Scaler { get; }

    public int Count => Images.Count;

    /// <summary>Row of an image, or −1.</summary>
    public int IndexOf(ImageId image) => _index.GetValueOrDefault(image, -1);

    public static async Task<LearnPool> LoadAsync(
        Workspace workspace, EmbeddingSource source, float[] queryEmbedding, LearnOptions options, IEnumerable<ImageId> answered, CancellationToken cancellationToken)
    {
        // 2^30 numbers are 4 GiB; embeddings that long make the sample smaller.
        var limit = Math.Min(options.SampleSize, (int)Math.Min(int.MaxValue, (1L << 30) / source.Dimension));
        var eligible = source.Parts.ToDictionary(p => p.Partition.Number, p => CountEligible(p));
        var total = eligible.Values.Sum();
        IEnumerable<ImageId> chosen = total <= limit
            ? source.Eligible()
            : await SampleAsync(workspace, source, queryEmbedding, options.Seed, limit, eligible, cancellationToken);
        var images = new SortedSet<ImageId>(chosen);
        images.UnionWith(answered.Where(source.IsEligible));
        var list = images.ToArray();
        var rows = source.Read(list);
        var scaler = HeadTrainer.FitScaler(source);
        scaler.Apply(rows, rows);
        return new LearnPool(list, rows, scaler);
    }

    /// <summary>Likeness to the example: cosine of the scaled rows, [images].</summary>
    public float[] Likeness(float[] queryEmbedding)
    {
        var query = new float[Scaler.Dimension];
        Scaler.Apply(queryEmbedding, query);
        var likeness = new float[Count];
        Parallel.For(0, Count, i => likeness[i] = System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(Rows.AsSpan(i * Scaler.Dimension, Scaler.Dimension), query));
        return likeness;
    }

    private static long CountEligible(EmbeddingSource.Part part)
    {
        long count = 0;
        for (long row = 0; row < part.File.Rows; row++) count += part.IsEligible(row) ? 1 : 0;
        return count;
    }

    private static async Task<HashSet<ImageId>> SampleAsync(
        Workspace workspace, EmbeddingSource source, float[] query, int seed, int size, Dictionary<int, long> eligible, CancellationToken cancellationToken)
    {
        using var search = new PartitionedSearch(workspace, source.Encoder);
        var hits = await search.SearchAsync(new SearchQuery { Positives = [query], Count = (int)(size * NearestShare) }, cancellationToken);
        var sample = hits.Select(h => h.Image).Where(source.IsEligible).ToHashSet();
        double share = (double)(size - sample.Count) / eligible.Values.Sum();
        foreach (var part in source.Parts)
        {
            // Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2 S): each eligible row with the same chance, in one pass.
            var random = new Random(Sampling.Seed(seed, part.Partition.Number, 7));
            long left = eligible[part.Partition.Number], wanted = (long)(left * share);
            for (long row = 0; row < part.File.Rows && wanted > 0; row++)
            {
                if (!part.IsEligible(row)) continue;
                if (random.NextDouble() * left-- >= wanted) continue;
                wanted--;
                sample.Add(new ImageId(part.Partition.Number, row));
            }
        }
        return sample;
    }
}
