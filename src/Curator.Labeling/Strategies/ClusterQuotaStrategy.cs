using Curator.Search.Clustering;

namespace Curator.Labeling.Strategies;

/// <summary>
/// No part of the space is asked about more than its share: k-means over the open rows, a quota of count · size / open rows for each cluster (largest
/// remainders first), and in each cluster the most uncertain rows. The original's <c>clustering_sampling</c> had three clusters; ours has more
/// where the batch is larger.
/// </summary>
/// <param name="clusters">0 for one to five rows wanted, from 3 to 20.</param>
public sealed class ClusterQuotaStrategy(int clusters = 0) : IQueryStrategy
{
    public string Name => "cluster-quota";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var open = pool.OpenRows();
        count = Math.Min(count, open.Count);
        if (count <= 0) return [];
        var k = clusters > 0 ? clusters : Math.Clamp(count / 5, 3, 20);
        var options = new KMeansOptions { Clusters = k, Seed = pool.Seed, Iterations = 10 };
        var members = KMeans.Run(pool.Gather(open), pool.Dimension, options, cancellationToken).Members();
        var quotas = Quotas([.. members.Select(m => m.Length)], count);
        var chosen = new List<int>(count);
        for (var c = 0; c < members.Length; c++)
            chosen.AddRange(members[c].Select(m => open[m]).OrderBy(i => Math.Abs(pool.Positive(i) - 0.5)).ThenBy(i => i).Take(quotas[c]));
        return [.. chosen.OrderBy(i => Math.Abs(pool.Positive(i) - 0.5)).ThenBy(i => i)];
    }

    /// <summary>Shares of <paramref name="count"/> in proportion to the sizes, whole numbers that add up to it (Hare quota, largest remainder).</summary>
    internal static int[] Quotas(int[] sizes, int count)
    {
        var total = sizes.Sum(s => (long)s);
        var quotas = sizes.Select(s => (int)((long)s * count / total)).ToArray();
        var byRemainder = Enumerable.Range(0, sizes.Length).OrderByDescending(c => (long)sizes[c] * count % total).ThenBy(c => c).ToArray();
        for (int left = count - quotas.Sum(), i = 0; left > 0; left--, i++) quotas[byRemainder[i]]++;
        return quotas;
    }
}
