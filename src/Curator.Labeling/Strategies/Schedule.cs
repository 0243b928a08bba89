namespace Curator.Labeling.Strategies;

/// <summary>A row of the pool and why it was chosen.</summary>
public readonly record struct Pick(int Row, string Reason);

/// <summary>
/// The default plan, never one rule for the whole budget (measured in docs/design/active-learning.md). First the look-alikes of the example, and one look into
/// parts of the archive that are far apart. Then mostly uncertain rows: early only such as are unlike each other, later simply the most uncertain, because a person's
/// answer on an uncertain image is worth most in the final set. Always a share of looks into parts that nobody has seen, until there are none, and a share of spot
/// checks over all scores. A share of likely positives can be asked for; it cost F1 in every measurement, at first too, for what the head is sure of is right already, and while a
/// class is rare its most uncertain rows are its likeliest.
/// </summary>
/// <param name="cover">Knows the parts of the archive.</param>
/// <param name="coverShare">Share of each batch given to parts that nobody has looked into, 0 to 1.</param>
/// <param name="spotShare">Share of each batch drawn over all score bands, 0 to 1.</param>
/// <param name="likelyShare">Share of each batch given to the greatest probabilities, 0 to 1.</param>
/// <param name="diverseUntil">Share of the label budget up to which uncertain rows must also be unlike each other.</param>
public sealed class Schedule(CoverStrategy cover, double coverShare = 0.1, double spotShare = 0.1, double likelyShare = 0, double diverseUntil = 0.3)
{
    /// <summary>Share of a first batch that is nearest to the example.</summary>
    public const double SimilarShare = 0.2;

    /// <summary>Before there is a head: the nearest open rows, parts of the archive, and what is left at even steps down the order of likeness.</summary>
    /// <param name="likeness">[n], greater is more alike; empty when there is no example, then parts of the archive alone are looked into.</param>
    public IReadOnlyList<Pick> First(QueryPool pool, ReadOnlyMemory<float> likeness, int count, CancellationToken cancellationToken)
    {
        if (likeness.IsEmpty) return WithoutExample(pool, count, cancellationToken);
        ArgumentOutOfRangeException.ThrowIfNotEqual(likeness.Length, pool.Count);
        var order = pool.Smallest(int.MaxValue, i => -likeness.Span[i]);
        var picks = order.Take((int)Math.Ceiling(count * SimilarShare)).Select(row => new Pick(row, "similar")).ToList();
        var left = pool.Without(picks.Select(p => p.Row));
        picks.AddRange(cover.Select(left, Math.Min(count - picks.Count, order.Count - picks.Count), cancellationToken).Select(row => new Pick(row, cover.Reason)));
        var chosen = picks.Select(p => p.Row).ToHashSet();
        var rest = order.Where(row => !chosen.Contains(row)).ToList();
        // A drawn start, so that the same question asked again (no class yet) looks elsewhere.
        var spread = Sampling.Systematic(rest, [.. rest.Select(_ => 1.0)], Math.Min(count - picks.Count, rest.Count), new Random(pool.Seed));
        picks.AddRange(spread.Select(row => new Pick(row, "random")));
        return picks;
    }

    private IReadOnlyList<Pick> WithoutExample(QueryPool pool, int count, CancellationToken cancellationToken) =>
        Combine(pool, count, [(cover, count), (new TypiClustStrategy(), count)], cancellationToken);

    /// <summary>The next batch of a pool that has a head.</summary>
    /// <param name="spent">Share of the label budget used so far, 0 to 1.</param>
    public IReadOnlyList<Pick> Next(QueryPool pool, int count, double spent, CancellationToken cancellationToken)
    {
        var spots = (int)Math.Round(count * spotShare);
        var likely = (int)Math.Round(count * likelyShare);
        var covered = (int)Math.Round(count * coverShare);
        IQueryStrategy uncertain = pool.Classes > 2 ? new BoundaryStrategy() : spent < diverseUntil ? new UncertainDiverseStrategy() : new UncertaintyStrategy();
        return Combine(
            pool, count,
            [(uncertain, count - spots - likely - covered), (cover, covered), (new PositiveStrategy(), likely), (new SpotCheckStrategy(), spots)], cancellationToken);
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
