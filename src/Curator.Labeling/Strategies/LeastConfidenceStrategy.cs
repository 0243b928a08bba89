namespace Curator.Labeling.Strategies;

/// <summary>The rows whose likeliest class is least likely: the greatest 1 − max p (Settles, Active Learning Literature Survey, 2009, §3.1).</summary>
public sealed class LeastConfidenceStrategy : IQueryStrategy
{
    public string Name => "least-confidence";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        pool.Smallest(count, i => System.Numerics.Tensors.TensorPrimitives.Max(pool.ProbabilitiesOf(i)));
}
