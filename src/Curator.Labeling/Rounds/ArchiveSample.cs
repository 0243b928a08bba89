using Curator.Core;
using Curator.Core.Images;
using Curator.Search;
using Curator.Search.Clustering;

namespace Curator.Labeling.Rounds;

/// <summary>
/// Some images that stand for an archive. A tenth are the nearest to the example, all of them. The rest is drawn in two steps: four times as many as wanted, each image with the same
/// chance; of these as many from every part of the embedding space (k-means, up to 256 parts), so that a kind of picture that fills a tenth of a percent is not left to luck. Every image
/// has a weight, how many images of the archive it stands for; weights add up to the archive (Horvitz and Thompson 1952). Costs one pass over row numbers, and
/// reading and clustering what was drawn; independent of the archive otherwise.
/// </summary>
/// <param name="Images">Ascending.</param>
/// <param name="Weights">Beside them.</param>
internal sealed record ArchiveSample(ImageId[] Images, float[] Weights)
{
    private const double NearestShare = 0.1;
    private const int Oversampling = 4;
    private const int MostParts = 256;

    /// <summary>k-means gives crowded regions more parts; parts of fewer images than this would follow the crowd and balance nothing.</summary>
    private const int ImagesAPart = 25;
    private const int SamplesPerPart = 64;
    private const int BlockRows = 8192;

    /// <param name="query">[d]: the example; empty when there is none.</param>
    /// <param name="size">Images wanted, fewer than are eligible.</param>
    public static async Task<ArchiveSample> DrawAsync(
        Workspace workspace, EmbeddingSource source, float[] query, LearnOptions options, int size, IReadOnlyDictionary<int, long> eligible, CancellationToken cancellationToken)
    {
        var nearest = new HashSet<ImageId>();
        if (query.Length > 0)
        {
            using var search = new PartitionedSearch(workspace, source.Encoder);
            var hits = await search.SearchAsync(new SearchQuery { Positives = [query], Count = (int)(size * NearestShare) }, cancellationToken);
            nearest.UnionWith(hits.Select(h => h.Image).Where(source.IsEligible));
        }
        var wanted = size - nearest.Count;
        var left = eligible.Values.Sum() - nearest.Count;
        var drawn = Even(source, nearest, eligible, options.Sampling == SampleKind.Even ? wanted : Math.Min(left, (long)Oversampling * wanted), left, options.Seed);
        var weights = nearest.ToDictionary(image => image, _ => 1f);
        var each = (double)left / Math.Max(1, drawn.Count);
        if (options.Sampling == SampleKind.Even || drawn.Count <= wanted)
            foreach (var image in drawn) weights[image] = (float)each;
        else
            foreach (var (image, weight) in Balanced(source, drawn, wanted, options, cancellationToken)) weights[image] = (float)(each * weight);
        var images = weights.Keys.Order().ToArray();
        return new ArchiveSample(images, [.. images.Select(image => weights[image])]);
    }

    /// <summary>How many of each part are taken so that as many are taken of all as can be: no part more than it holds, all together <paramref name="count"/>.</summary>
    internal static int[] Quotas(int[] sizes, int count)
    {
        var quotas = new int[sizes.Length];
        var order = Enumerable.Range(0, sizes.Length).OrderBy(c => sizes[c]).ThenBy(c => c).ToArray();
        long left = Math.Min(count, sizes.Sum(s => (long)s));
        for (var i = 0; i < order.Length; i++)
        {
            quotas[order[i]] = (int)Math.Min(sizes[order[i]], left / (order.Length - i));
            left -= quotas[order[i]];
        }
        return quotas;
    }

    /// <summary>Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2 S): each eligible row with the same chance, in one pass, ascending.</summary>
    private static List<ImageId> Even(EmbeddingSource source, HashSet<ImageId> without, IReadOnlyDictionary<int, long> eligible, long count, long total, int seed)
    {
        var drawn = new List<ImageId>();
        foreach (var part in source.Parts)
        {
            var number = part.Partition.Number;
            var random = new Random(Strategies.Sampling.Seed(seed, number, 7));
            long left = eligible[number] - without.Count(image => image.Partition == number), wanted = (long)(left * (double)count / Math.Max(1, total));
            for (long row = 0; row < part.File.Rows && wanted > 0; row++)
            {
                var image = new ImageId(number, row);
                if (without.Contains(image) || !part.IsEligible(row)) continue;
                if (random.NextDouble() * left-- >= wanted) continue;
                wanted--;
                drawn.Add(image);
            }
        }
        return drawn;
    }

    private static IEnumerable<(ImageId Image, double Weight)> Balanced(
        EmbeddingSource source, List<ImageId> drawn, int wanted, LearnOptions options, CancellationToken cancellationToken)
    {
        var d = source.Dimension;
        var clustering = new KMeansOptions { Clusters = Math.Clamp(wanted / ImagesAPart, 1, MostParts), Seed = options.Seed, Iterations = 10, Spherical = true, SamplesPerCluster = SamplesPerPart };
        var training = source.Read(Strategies.Sampling.Evenly(drawn, clustering.Clusters * SamplesPerPart));
        var (centroids, _) = KMeans.Train(training, d, clustering, cancellationToken);
        var clusters = new int[drawn.Count];
        var distances = new float[drawn.Count];
        for (var first = 0; first < drawn.Count; first += BlockRows)
        {
            var count = Math.Min(BlockRows, drawn.Count - first);
            KMeans.Assign(source.Read(drawn.GetRange(first, count)), d, centroids, clusters.AsMemory(first, count), distances.AsMemory(first, count), clustering, cancellationToken);
        }
        var members = Enumerable.Range(0, centroids.Length / d).Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < clusters.Length; i++) members[clusters[i]].Add(i);
        var quotas = Quotas([.. members.Select(m => m.Count)], wanted);
        for (var c = 0; c < members.Length; c++)
        {
            if (quotas[c] == 0) continue;
            var weight = (double)members[c].Count / quotas[c];
            foreach (var i in Pick(source, drawn, members[c], quotas[c], options, cancellationToken)) yield return (drawn[i], weight);
        }
    }

    private static List<int> Pick(EmbeddingSource source, List<ImageId> drawn, List<int> members, int quota, LearnOptions options, CancellationToken cancellationToken)
    {
        if (quota == members.Count) return members;
        if (options.Sampling != SampleKind.KCentre) return Strategies.Sampling.Evenly(members, quota);
        var rows = source.Read([.. members.Select(i => drawn[i])]);
        var found = FarthestFirst.Select(rows, source.Dimension, quota, [], VectorMetric.Cosine, options.Seed, 0, cancellationToken);
        return [.. found.Rows.Select(r => members[r])];
    }
}
