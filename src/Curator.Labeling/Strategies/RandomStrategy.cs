namespace Curator.Labeling.Strategies;

/// <summary>Uniform without replacement: the baseline of every comparison.</summary>
public sealed class RandomStrategy : IQueryStrategy
{
    public string Name => "random";

    public string Reason => "random";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        Draw(pool, count);

    private static int[] Draw(QueryPool pool, int count)
    {
        var open = pool.OpenRows().ToArray();
        new Random(pool.Seed).Shuffle(open);
        return open[..Math.Min(count, open.Length)];
    }
}
