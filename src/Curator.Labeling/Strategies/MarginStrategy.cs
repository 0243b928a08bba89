namespace Curator.Labeling.Strategies;

/// <summary>The rows with the smallest margin p₁ − p₂ between the two likeliest classes (Scheffer, Decomain, Wrobel 2001; Settles 2009, §3.1).</summary>
public sealed class MarginStrategy : IQueryStrategy
{
    public string Name => "margin";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        pool.Smallest(count, i => Margin(pool.ProbabilitiesOf(i)));

    internal static double Margin(ReadOnlySpan<float> probabilities)
    {
        float first = float.NegativeInfinity, second = float.NegativeInfinity;
        foreach (var p in probabilities)
        {
            if (p > first) (first, second) = (p, first);
            else if (p > second) second = p;
        }
        return first - second;
    }
}
