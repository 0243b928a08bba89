namespace Curator.Labeling.Strategies;

/// <summary>
/// Boundaries of many classes in turn: for every pair of classes the rows for which these two are the likeliest, smallest |p_a − p_b| first; one row of each pair, then the
/// next of each. No pair that confuses often drowns the others. With two classes it is the margin strategy.
/// </summary>
public sealed class BoundaryStrategy : IQueryStrategy
{
    public string Name => "boundary";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var byPair = new SortedDictionary<(int, int), List<(float Margin, int Row)>>();
        foreach (var row in pool.OpenRows())
        {
            var (pair, margin) = Boundary(pool.ProbabilitiesOf(row));
            if (!byPair.TryGetValue(pair, out var list)) byPair[pair] = list = [];
            list.Add((margin, row));
        }
        foreach (var list in byPair.Values) list.Sort();
        var chosen = new List<int>();
        for (var place = 0; chosen.Count < count && byPair.Values.Any(l => l.Count > place); place++)
            chosen.AddRange(byPair.Values.Where(l => l.Count > place).Select(l => l[place]).OrderBy(x => x).Select(x => x.Row).Take(count - chosen.Count));
        return chosen;
    }

    private static ((int, int) Pair, float Margin) Boundary(ReadOnlySpan<float> probabilities)
    {
        int first = 0, second = -1;
        for (var k = 1; k < probabilities.Length; k++)
        {
            if (probabilities[k] > probabilities[first]) (first, second) = (k, first);
            else if (second < 0 || probabilities[k] > probabilities[second]) second = k;
        }
        return ((Math.Min(first, second), Math.Max(first, second)), probabilities[first] - probabilities[second]);
    }
}
