using System.Numerics.Tensors;
using Curator.Search.Clustering;

namespace Curator.Labeling.Strategies;

/// <summary>
/// Looks once into every part of the archive: of clusters in which nobody has answered yet, the row nearest to the centre. TypiClust's idea (Hacohen et al. 2022)
/// with clusters that are made once a run. The next part is always the one that leaves the archive nearest to what was seen: the smallest Σ over all parts of size · squared distance from
/// their centre to the nearest answered row or chosen centre (greedy facility location; Nemhauser, Wolsey and Fisher, An Analysis of Approximations for Maximizing Submodular Set
/// Functions, 1978). The largest parts alone lie together, and parts of rare kinds would come last. Gives fewer rows than asked for, in the end none, when all clusters have been
/// looked into: it stops by itself. Without it, a kind of positive that is unlike the example and lies far from every boundary is never asked about.
/// O(n + answers · clusters · d + clusters² · (d + count)).
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
        var open = Enumerable.Range(0, _sizes.Length).Where(c => !seen[c] && nearest[c] >= 0 && _sizes[c] >= smallest).ToList();
        var between = open.Count == 0 || count <= 0 ? [] : Squares(open, pool.Dimension);
        var left = between.Length == 0 ? [] : ToSeen(pool, between);
        var picks = new List<int>();
        while (picks.Count < count && open.Count > 0)
        {
            // Ties go to the earlier cluster.
            var best = open.MaxBy(part => Gain(left, between[part]!));
            open.Remove(best);
            picks.Add(nearest[best]);
            for (var c = 0; c < left.Length; c++) left[c] = Math.Min(left[c], between[best]![c]);
        }
        return picks;
    }

    /// <summary>How much nearer the archive lies to what was seen once a part is looked into: Σ size · what the squared distance falls by.</summary>
    private double Gain(double[] left, double[] distances)
    {
        double gain = 0;
        for (var c = 0; c < left.Length; c++) gain += _sizes[c] * Math.Max(0, left[c] - distances[c]);
        return gain;
    }

    /// <summary>[clusters]: squared distance from each centre to the nearest row that is not open; where there is none yet, the largest distance there is.</summary>
    private double[] ToSeen(QueryPool pool, double[]?[] between)
    {
        var left = new double[_sizes.Length];
        Array.Fill(left, between.Max(row => row?.Max() ?? 0));
        for (var i = 0; i < pool.Count; i++)
            if (pool.Answers.Span[i] != QueryPool.Open)
                for (var c = 0; c < left.Length; c++)
                    left[c] = Math.Min(left[c], Square(pool.Row(i), Centre(c, pool.Dimension)));
        return left;
    }

    /// <summary>[clusters][clusters]: squared distances from the centres of some parts to all; null for others.</summary>
    private double[]?[] Squares(List<int> parts, int dimension)
    {
        var squares = new double[]?[_sizes.Length];
        foreach (var part in parts) squares[part] = [.. Enumerable.Range(0, _sizes.Length).Select(c => Square(Centre(part, dimension), Centre(c, dimension)))];
        return squares;
    }

    private ReadOnlySpan<float> Centre(int cluster, int dimension) => _centroids.AsSpan(cluster * dimension, dimension);

    private static double Square(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double distance = TensorPrimitives.Distance(a, b);
        return distance * distance;
    }
}
