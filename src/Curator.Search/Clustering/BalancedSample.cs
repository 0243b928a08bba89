namespace Curator.Search.Clustering;

/// <summary>How an even sample is drawn.</summary>
public enum BalanceMethod
{
    /// <summary>Every row with the same probability: what is frequent stays frequent.</summary>
    Random,

    /// <summary>The same number from every cluster of a hierarchy, as far as there are so many.</summary>
    Clusters,

    /// <summary>Again and again the row farthest from all that are chosen: covers outliers first.</summary>
    FarthestFirst,
}

/// <summary>How evenly a sample covers the rows.</summary>
/// <param name="Clusters">Fine clusters of all rows that were looked at.</param>
/// <param name="Coverage">Share of them with at least one chosen row, 0 to 1.</param>
/// <param name="EffectiveClusters">Exponential of the entropy of the sample's shares: as many clusters as if all were chosen from equally.</param>
public sealed record SampleCoverage(int Clusters, double Coverage, double EffectiveClusters);

/// <summary>
/// Samples that cover an embedding space evenly, so that what is rare is seen as often as what is frequent. Hierarchical k-means with resampling: Vo et al. 2024, "Automatic Data Curation
/// for Self-Supervised Learning: A Clustering-Based Approach", algorithms 1 and 2. Same rows, options and seed give the same sample.
/// </summary>
public static class BalancedSample
{
    /// <summary>Clusters of a level at most; a level above has a tenth.</summary>
    private const int MostClusters = 1_000, RowsPerCluster = 20, ClustersPerParent = 10, Resamplings = 3, NearPerCluster = 8;

    /// <param name="rows">[n × dimension], row-major.</param>
    /// <param name="count">Rows to choose; all when there are no more.</param>
    /// <returns>Row numbers, ascending.</returns>
    public static int[] Select(ReadOnlyMemory<float> rows, int dimension, int count, BalanceMethod method, int seed, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var n = rows.Length / dimension;
        if (count >= n) return [.. Enumerable.Range(0, n)];
        var chosen = method switch
        {
            BalanceMethod.FarthestFirst => FarthestFirst.Select(rows, dimension, count, [], VectorMetric.Cosine, seed, threads, cancellationToken).Rows,
            BalanceMethod.Clusters => FromClusters(rows, dimension, count, seed, threads, cancellationToken),
            _ => Shuffled([.. Enumerable.Range(0, n)], new Random(seed))[..count],
        };
        Array.Sort(chosen);
        return chosen;
    }

    /// <summary>How evenly chosen rows cover all, by fine clusters that do not depend on how they were chosen.</summary>
    /// <param name="chosen">Row numbers.</param>
    public static SampleCoverage Measure(ReadOnlyMemory<float> rows, int dimension, IReadOnlyCollection<int> chosen, int seed, int threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        var n = rows.Length / dimension;
        var clusters = Math.Clamp(n / RowsPerCluster, 1, MostClusters);
        var all = KMeans.Run(rows, dimension, new KMeansOptions { Clusters = clusters, Spherical = true, Seed = seed + 1, Threads = threads }, cancellationToken);
        var sizes = new int[all.Count];
        foreach (var row in chosen) sizes[all.Assignments[row]]++;
        var entropy = -sizes.Where(size => size > 0).Sum(size => (double)size / chosen.Count * Math.Log((double)size / chosen.Count));
        return new SampleCoverage(all.Count, (double)sizes.Count(size => size > 0) / all.Count, Math.Exp(entropy));
    }

    /// <summary>Shares <paramref name="count"/> out as equally as the parts' sizes allow; what a small part cannot take goes to the others.</summary>
    internal static int[] Share(IReadOnlyList<int> sizes, int count)
    {
        var shares = new int[sizes.Count];
        var left = Math.Min(count, sizes.Sum());
        foreach (var (part, place) in Enumerable.Range(0, sizes.Count).OrderBy(i => sizes[i]).ThenBy(i => i).Select((part, place) => (part, place)))
        {
            // The smallest first: each takes its equal part of what is left, or all it has.
            shares[part] = Math.Min(sizes[part], (int)Math.Ceiling((double)left / (sizes.Count - place)));
            left -= shares[part];
        }
        return shares;
    }

    private static int[] FromClusters(ReadOnlyMemory<float> rows, int dimension, int count, int seed, int threads, CancellationToken cancellationToken)
    {
        var n = rows.Length / dimension;
        var options = new KMeansOptions { Clusters = Math.Clamp(n / RowsPerCluster, 1, MostClusters), Spherical = true, Seed = seed, Threads = threads };
        var fine = KMeans.Run(rows, dimension, options, cancellationToken);
        fine = Resample(rows, dimension, fine, options, cancellationToken);
        var coarse = KMeans.Run(fine.Centroids, dimension, options with { Clusters = Math.Max(1, fine.Count / ClustersPerParent) }, cancellationToken);

        var random = new Random(seed);
        var members = fine.Members();
        var children = coarse.Members();
        var ofParent = Share([.. children.Select(own => own.Sum(child => members[child].Length))], count);
        var chosen = new List<int>(count);
        for (var parent = 0; parent < children.Length; parent++)
        {
            var ofChild = Share([.. children[parent].Select(child => members[child].Length)], ofParent[parent]);
            for (var i = 0; i < ofChild.Length; i++) chosen.AddRange(Shuffled(members[children[parent][i]], random).Take(ofChild[i]));
        }
        return [.. chosen];
    }

    /// <summary>
    /// k-means puts more centroids where there are more rows. Clustered again on the few rows nearest to each centroid, they spread over the space instead of over the rows.
    /// </summary>
    private static KMeansResult Resample(ReadOnlyMemory<float> rows, int dimension, KMeansResult clusters, KMeansOptions options, CancellationToken cancellationToken)
    {
        var result = clusters;
        for (var time = 0; time < Resamplings; time++)
        {
            var current = result;
            int[] near = [.. current.Members().SelectMany(own => own.OrderBy(row => current.Distances[row]).Take(NearPerCluster))];
            var sample = new float[near.Length * dimension];
            for (var i = 0; i < near.Length; i++) rows.Span.Slice(near[i] * dimension, dimension).CopyTo(sample.AsSpan(i * dimension));
            var (centroids, steps) = KMeans.Train(sample, dimension, options with { SamplesPerCluster = 0, Seed = options.Seed + time + 1 }, cancellationToken);
            var (assignments, distances) = (new int[current.Assignments.Length], new float[current.Assignments.Length]);
            KMeans.Assign(rows, dimension, centroids, assignments, distances, options, cancellationToken);
            var sizes = new int[centroids.Length / dimension];
            foreach (var cluster in assignments) sizes[cluster]++;
            result = new KMeansResult(centroids, dimension, assignments, sizes, distances, distances.Sum(distance => (double)distance), steps);
        }
        return result;
    }

    private static int[] Shuffled(int[] values, Random random)
    {
        var copy = values.ToArray();
        random.Shuffle(copy);
        return copy;
    }
}
