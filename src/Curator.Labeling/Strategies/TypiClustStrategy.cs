using Curator.Search;
using Curator.Search.Clustering;
using Curator.Search.Neighbours;

namespace Curator.Labeling.Strategies;

/// <summary>
/// TypiClust (Hacohen, Dekel, Weinshall, Active Learning on a Budget, 2022, algorithm 1): k-means into as many clusters as there will be labels (at most 500);
/// from the largest clusters without an answer take the most typical row, typicality being 1 / (mean distance to the 20 nearest rows of its cluster).
/// For the first labels, when uncertainty means nothing yet. Works on at most <see cref="MaximumRows"/> rows, drawn evenly.
/// </summary>
public sealed class TypiClustStrategy : IQueryStrategy
{
    public const int MaximumRows = 20_000;

    private const int MaximumClusters = 500;
    private const int Neighbours = 20;
    private const int SmallestCluster = 5;

    public string Name => "typiclust";

    public string Reason => "typical";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var usable = Sampling.Evenly(pool.OpenRows(), MaximumRows);
        count = Math.Min(count, usable.Count);
        if (count <= 0) return [];
        var answered = pool.AnsweredRows();
        List<int> all = [.. usable, .. answered];
        var options = new KMeansOptions { Clusters = Math.Min(MaximumClusters, answered.Count + count), Seed = pool.Seed, Iterations = 10 };
        var members = KMeans.Run(pool.Gather(all), pool.Dimension, options, cancellationToken).Members();
        var answers = members.Select(m => m.Count(i => i >= usable.Count)).ToArray();
        var left = members.Select(m => m.Where(i => i < usable.Count).Select(i => all[i]).ToList()).ToArray();
        var chosen = new List<int>(count);
        while (chosen.Count < count)
        {
            var next = Enumerable.Range(0, members.Length).Where(c => left[c].Count > 0)
                .OrderBy(c => answers[c]).ThenBy(c => left[c].Count >= SmallestCluster ? 0 : 1).ThenByDescending(c => left[c].Count).ThenBy(c => c).First();
            var row = MostTypical(pool, left[next], cancellationToken);
            chosen.Add(row);
            left[next].Remove(row);
            answers[next]++;
        }
        return chosen;
    }

    /// <summary>The row with the smallest mean distance to its nearest rows in <paramref name="cluster"/>.</summary>
    internal static int MostTypical(QueryPool pool, IReadOnlyList<int> cluster, CancellationToken cancellationToken)
    {
        if (cluster.Count == 1) return cluster[0];
        var table = NearestNeighbours.Among(pool.Gather(cluster), pool.Dimension, Neighbours, VectorMetric.Euclidean, 0, cancellationToken);
        var best = 0;
        var smallest = float.PositiveInfinity;
        for (var i = 0; i < cluster.Count; i++)
        {
            var mean = System.Numerics.Tensors.TensorPrimitives.Sum(table.DistancesOf(i));
            if (mean < smallest) (smallest, best) = (mean, i);
        }
        return cluster[best];
    }
}
