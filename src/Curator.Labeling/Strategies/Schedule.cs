namespace Curator.Labeling.Strategies;

/// <summary>A row of the pool and why it was chosen.</summary>
public readonly record struct Pick(int Row, string Reason);

/// <summary>
/// The default plan, never one rule for the whole budget (measured in docs/design/active-learning.md). First the look-alikes of the example and rows spread over the
/// whole order of likeness; then, early, uncertain rows that are unlike each other, later simply the uncertain ones, because a person's answer on an uncertain
/// image is worth most in the final set; always a share of spot checks. A share of likely positives can be asked for; it cost F1 in every measurement, because what
/// the head is sure of is right already.
/// </summary>
/// <param name="spotShare">Share of each batch drawn over all score bands, 0 to 1.</param>
/// <param name="likelyShare">Share of each batch given to the greatest probabilities, 0 to 1.</param>
/// <param name="diverseUntil">Share of the label budget up to which uncertain rows must also be unlike each other.</param>
public sealed class Schedule(double spotShare = 0.1, double likelyShare = 0, double diverseUntil = 0.3)
{
    /// <summary>Share of a first batch that is nearest to the example; the rest is spread.</summary>
    public const double SimilarShare = 0.7;

    /// <summary>Before there is a head: the nearest open rows, and the others at even steps down the order of likeness.</summary>
    /// <param name="likeness">[n], greater is more alike.</param>
    public static IReadOnlyList<Pick> First(QueryPool pool, ReadOnlyMemory<float> likeness, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(likeness.Length, pool.Count);
        var order = pool.Smallest(int.MaxValue, i => -likeness.Span[i]);
        var similar = Math.Min(order.Count, (int)Math.Ceiling(count * SimilarShare));
        var picks = order.Take(similar).Select(row => new Pick(row, "similar")).ToList();
        var rest = order[similar..];
        // A step that is drawn, so that the same question asked again (no class yet) looks elsewhere.
        var spread = Sampling.Systematic(rest, [.. rest.Select(_ => 1.0)], Math.Min(count - similar, rest.Count), new Random(pool.Seed));
        picks.AddRange(spread.Select(row => new Pick(row, "random")));
        return picks;
    }

    /// <summary>The next batch of a pool that has a head.</summary>
    /// <param name="spent">Share of the label budget used so far, 0 to 1.</param>
    public IReadOnlyList<Pick> Next(QueryPool pool, int count, double spent, CancellationToken cancellationToken)
    {
        var spots = (int)Math.Round(count * spotShare);
        var likely = (int)Math.Round(count * likelyShare);
        IQueryStrategy uncertain = spent < diverseUntil ? new UncertainDiverseStrategy() : new UncertaintyStrategy();
        return Combine(pool, count, [(uncertain, count - spots - likely), (new PositiveStrategy(), likely), (new SpotCheckStrategy(), spots)], cancellationToken);
    }

    /// <summary>Runs strategies one after the other, each on what the earlier ones left; what one cannot give the first one gives.</summary>
    public static IReadOnlyList<Pick> Combine(
        QueryPool pool, int count, IReadOnlyList<(IQueryStrategy Strategy, int Count)> parts, CancellationToken cancellationToken)
    {
        var picks = new List<Pick>(count);
        foreach (var (strategy, share) in parts.Append((parts[0].Strategy, count)))
        {
            var want = Math.Min(share, count - picks.Count);
            if (want <= 0) continue;
            var left = pool.Without(picks.Select(p => p.Row));
            picks.AddRange(strategy.Select(left, want, cancellationToken).Select(row => new Pick(row, strategy.Reason)));
        }
        return picks;
    }
}
