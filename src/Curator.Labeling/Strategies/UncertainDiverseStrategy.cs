namespace Curator.Labeling.Strategies;

/// <summary>
/// Uncertain and unlike each other: k-centre among the <c>factor · count</c> most uncertain rows, beginning with the most uncertain one. With factor 1 it is
/// plain uncertainty, with a large one plain k-centre; 2 did best with few labels (docs/design/active-learning.md).
/// </summary>
/// <param name="factor">Candidates for each row wanted, from 1.</param>
public sealed class UncertainDiverseStrategy(double factor = 2) : IQueryStrategy
{
    public string Name => "uncertain-diverse";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        if (count <= 0) return [];
        var candidates = pool.Smallest((int)Math.Ceiling(Math.Max(1, factor) * count), i => Math.Abs(pool.Positive(i) - 0.5));
        return KCentreStrategy.Among(WithoutAnswers(pool, candidates), candidates, count, cancellationToken);
    }

    /// <summary>Only the most uncertain candidate counts as chosen already: what is uncertain lies close to answered rows by nature.</summary>
    private static QueryPool WithoutAnswers(QueryPool pool, List<int> candidates)
    {
        var answers = new int[pool.Count];
        Array.Fill(answers, QueryPool.Closed);
        foreach (var row in candidates) answers[row] = QueryPool.Open;
        return new QueryPool(pool.Rows, pool.Dimension, pool.Classes, pool.Probabilities, answers, pool.Seed);
    }
}
