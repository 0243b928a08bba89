using Curator.Search;
using Curator.Search.Clustering;

namespace Curator.Labeling.Strategies;

/// <summary>
/// Greedy k-centre (Sener and Savarese, Active Learning for Convolutional Neural Networks: A Core-Set Approach, 2018, algorithm 1): again and again the open
/// row farthest from all answered and chosen rows. Covers the space, outliers first; with few labels worse than random (docs/design/active-learning.md).
/// O(count · n · d).
/// </summary>
public sealed class KCentreStrategy : IQueryStrategy
{
    public string Name => "k-centre";

    public string Reason => "cover";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        Among(pool, pool.OpenRows(), count, cancellationToken);

    /// <summary>k-centre among some open rows; rows with an answer count as chosen already.</summary>
    internal static List<int> Among(QueryPool pool, IReadOnlyList<int> candidates, int count, CancellationToken cancellationToken)
    {
        if (candidates.Count == 0 || count <= 0) return [];
        var answered = pool.AnsweredRows();
        var rows = pool.Gather([.. candidates, .. answered]);
        var initial = Enumerable.Range(candidates.Count, answered.Count).ToArray();
        var found = FarthestFirst.Select(
            rows, pool.Dimension, Math.Min(count, candidates.Count), initial, VectorMetric.Euclidean, pool.Seed, 0, cancellationToken);
        return [.. found.Rows.Select(r => candidates[r])];
    }
}
