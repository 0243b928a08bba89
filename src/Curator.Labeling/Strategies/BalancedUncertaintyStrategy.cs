namespace Curator.Labeling.Strategies;

/// <summary>
/// In the order of the probability of the positive class: the row nearest one half and (count − 1) / 2 rows on either side of it; where one side runs out, the
/// other gives more. The original Active Labeler's <c>uncertainty_balanced</c>: as many rows just below as just above the boundary.
/// </summary>
public sealed class BalancedUncertaintyStrategy : IQueryStrategy
{
    public string Name => "balanced-uncertainty";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var ascending = pool.Smallest(int.MaxValue, i => pool.Positive(i));
        if (ascending.Count == 0 || count <= 0) return [];
        var middle = 0;
        for (var i = 1; i < ascending.Count; i++)
            if (Distance(i) < Distance(middle))
                middle = i;
        var chosen = new List<int> { ascending[middle] };
        for (int below = middle - 1, above = middle + 1; chosen.Count < count && (below >= 0 || above < ascending.Count);)
        {
            if (below >= 0) chosen.Add(ascending[below--]);
            if (above < ascending.Count && chosen.Count < count) chosen.Add(ascending[above++]);
        }
        return chosen;

        double Distance(int place) => Math.Abs(pool.Positive(ascending[place]) - 0.5);
    }
}
