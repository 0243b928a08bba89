namespace Curator.Labeling.Strategies;

/// <summary>
/// Drawn without replacement with weights exp(−(p − ½)² / (2 · 0.2²)): uncertain rows mostly, others sometimes. The draw is Efraimidis and Spirakis
/// (2006): the smallest −ln(u) / weight.
/// </summary>
public sealed class GaussianStrategy : IQueryStrategy
{
    public string Name => "gaussian";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken) =>
        Draw(pool, count);

    private const double Width = 0.2;

    private static List<int> Draw(QueryPool pool, int count)
    {
        var random = new Random(pool.Seed);
        return pool.Smallest(count, i =>
        {
            var distance = pool.Positive(i) - 0.5;
            return -Math.Log(1 - random.NextDouble()) / Math.Exp(-distance * distance / (2 * Width * Width));
        });
    }
}
