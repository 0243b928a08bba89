using Curator.Search.Clustering;

namespace Curator.Labeling.Strategies;

/// <summary>
/// Looks once into every part of the archive: of the largest clusters in which nobody has answered yet, the row nearest to the centre. TypiClust's idea (Hacohen et al. 2022)
/// with clusters that are made once a run, so that a round costs O(n). Gives fewer rows than asked for, in the end none, when all clusters have been
/// looked into: it stops by itself. Without it, a kind of positive that is unlike the example and lies far from every boundary is never asked about.
/// </summary>
public sealed class CoverStrategy : IQueryStrategy
{
    /// <summary>Clusters below this share of the mean size are outliers, not parts of the archive.</summary>
    private const double SmallestShare = 0.2;

    private const int SamplesPerCluster = 64;

    private readonly float[] _centroids;
    private readonly int[] _sizes;
    private int[] _clusters;
    private float[] _distances;

    private CoverStrategy(KMeansResult result) =>
        (_centroids, _clusters, _distances, _sizes) = (result.Centroids, result.Assignments, result.Distances, result.Sizes);

    public string Name => "cover";

    public string Reason => "cover";

    /// <param name="rows">[n, d] of the pool, scaled.</param>
    /// <param name="clusters">Parts to look into.</param>
    public static CoverStrategy Over(ReadOnlyMemory<float> rows, int dimension, int clusters, int seed, CancellationToken cancellationToken)
    {
        var options = new KMeansOptions { Clusters = Math.Max(1, clusters), Seed = seed, Iterations = 10, SamplesPerCluster = SamplesPerCluster };
        var result = KMeans.Run(rows, dimension, options, cancellationToken);
        return new CoverStrategy(result);
    }

    /// <summary>Takes note of rows that joined the pool at its end; the parts stay as they are.</summary>
    /// <param name="rows">[n, d] of the new rows, scaled.</param>
    public void Grow(ReadOnlyMemory<float> rows, int dimension, CancellationToken cancellationToken)
    {
        var count = rows.Length / dimension;
        if (count == 0) return;
        var clusters = new int[count];
        var distances = new float[count];
        KMeans.Assign(rows, dimension, _centroids, clusters, distances, new KMeansOptions(), cancellationToken);
        (_clusters, _distances) = ([.. _clusters, .. clusters], [.. _distances, .. distances]);
    }

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pool.Count, _clusters.Length);
        var seen = new bool[_sizes.Length];
        var nearest = new int[_sizes.Length];
        Array.Fill(nearest, -1);
        for (var i = 0; i < _clusters.Length; i++)
        {
            var cluster = _clusters[i];
            if (pool.Answers.Span[i] != QueryPool.Open) seen[cluster] = true;
            else if (nearest[cluster] < 0 || _distances[i] < _distances[nearest[cluster]]) nearest[cluster] = i;
        }
        var smallest = SmallestShare * _sizes.Sum() / _sizes.Length;
        return [.. Enumerable.Range(0, _sizes.Length).Where(c => !seen[c] && nearest[c] >= 0 && _sizes[c] >= smallest)
            .OrderByDescending(c => _sizes[c]).ThenBy(c => c).Take(Math.Max(0, count)).Select(c => nearest[c])];
    }
}
