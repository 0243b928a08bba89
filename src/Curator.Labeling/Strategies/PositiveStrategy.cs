namespace Curator.Labeling.Strategies;

/// <summary>The rows with the greatest probability of the positive class: the smallest −p. Finds what is left of a rare class; teaches little.</summary>
public sealed class PositiveStrategy : IQueryStrategy
{
    public string Name => "positive";

    public string Reason => "likely";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        pool.Smallest(count, i => -pool.Positive(i));
}
