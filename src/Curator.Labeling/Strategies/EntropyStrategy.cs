namespace Curator.Labeling.Strategies;

/// <summary>The rows with the greatest entropy −Σ p·ln p over the classes (Settles 2009, §3.1).</summary>
public sealed class EntropyStrategy : IQueryStrategy
{
    public string Name => "entropy";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        pool.Smallest(count, i => NegativeEntropy(pool.ProbabilitiesOf(i)));

    internal static double NegativeEntropy(ReadOnlySpan<float> probabilities)
    {
        double sum = 0;
        foreach (double p in probabilities)
            if (p > 0)
                sum += p * Math.Log(p);
        return sum;
    }
}
