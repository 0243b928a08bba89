namespace Curator.Labeling.Strategies;

/// <summary>The rows whose probability of the positive class is nearest one half: the smallest |p − ½| (Lewis and Gale, A Sequential Algorithm for Training Text Classifiers, 1994).</summary>
public sealed class UncertaintyStrategy : IQueryStrategy
{
    public string Name => "uncertainty";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        pool.Smallest(count, i => Math.Abs(pool.Positive(i) - 0.5));
}
