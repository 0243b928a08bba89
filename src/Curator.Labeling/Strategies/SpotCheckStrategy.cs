namespace Curator.Labeling.Strategies;

/// <summary>
/// A look at everything, for honest numbers and for what the head does not know of: systematic sampling along the probability with weight
/// √(p·(1 − p)) + half its mean (Neyman's allocation, with a floor so that no part of the archive is never looked at). Every score band keeps a share.
/// </summary>
public sealed class SpotCheckStrategy : IQueryStrategy
{
    private const double Floor = 0.5;

    public string Name => "spot-check";

    public string Reason => "random";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var ascending = pool.Smallest(int.MaxValue, i => pool.Positive(i));
        var weights = ascending.Select(i => Math.Sqrt(Math.Max(0, pool.Positive(i) * (1.0 - pool.Positive(i))))).ToArray();
        var mean = weights.Length == 0 ? 0 : weights.Average();
        for (var i = 0; i < weights.Length; i++) weights[i] += Floor * mean + 1e-9;
        return Sampling.Systematic(ascending, weights, Math.Min(count, ascending.Count), new Random(pool.Seed));
    }
}
