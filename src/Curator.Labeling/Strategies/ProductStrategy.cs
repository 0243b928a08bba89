using Curator.Labeling.Strategies.Objectives;

namespace Curator.Labeling.Strategies;

/// <summary>
/// Several rules at once: again and again the open row with the greatest product Π oₖ(row)^sₖ of objectives oₖ and strengths sₖ, where an objective such as the distance to
/// what was chosen before changes with every choice. CORAL is margin × k-centre (Lightly's rule for combined selections: a product, greedy, because a sum would need scales
/// that fit, and a product does not). O(count · n) beside what the objectives cost. Ties go to the smaller row.
/// </summary>
public sealed class ProductStrategy : IQueryStrategy
{
    private readonly IReadOnlyList<(Objective Objective, double Strength)> _factors;

    /// <param name="factors">At least one; strengths above 0.</param>
    public ProductStrategy(string name, IReadOnlyList<(Objective Objective, double Strength)> factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentOutOfRangeException.ThrowIfZero(factors.Count);
        foreach (var (_, strength) in factors) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(strength);
        (Name, _factors) = (name, factors);
    }

    public string Name { get; }

    public string Reason => _factors[0].Objective.Reason;

    /// <summary>Whether one of the objectives looks at probabilities.</summary>
    public bool NeedsHead => _factors.Any(f => f.Objective.NeedsHead);

    /// <summary>Whether one of the objectives is an outside model's score and nothing else.</summary>
    public bool NeedsScores => _factors.Any(f => f.Objective.Name == StrategyText.ScoreName);

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var open = pool.OpenRows();
        count = Math.Min(count, open.Count);
        if (count <= 0) return [];
        var runs = _factors.Select(f => f.Objective.Over(pool, open, cancellationToken)).ToArray();
        var fixedPart = new double[open.Count];
        var moving = new List<(ObjectiveRun Run, double Strength)>();
        for (var k = 0; k < runs.Length; k++)
        {
            if (runs[k].Changes) moving.Add((runs[k], _factors[k].Strength));
            else AddPowers(runs[k].Values, _factors[k].Strength, fixedPart);
        }
        var taken = new bool[open.Count];
        var chosen = new List<int>(count);
        var products = new double[open.Count];
        while (chosen.Count < count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            fixedPart.CopyTo(products.AsSpan());
            foreach (var (run, strength) in moving) AddPowers(run.Values, strength, products);
            var best = Best(products, taken);
            taken[best] = true;
            chosen.Add(open[best]);
            foreach (var (run, _) in moving) run.Choose(best);
        }
        return chosen;
    }

    /// <summary>The rule itself, for values at hand: Π valuesₖ^strengthsₖ.</summary>
    public static double Product(ReadOnlySpan<double> values, ReadOnlySpan<double> strengths)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, strengths.Length);
        double logarithm = 0;
        for (var k = 0; k < values.Length; k++) logarithm += strengths[k] * Math.Log(values[k]);
        return Math.Exp(logarithm);
    }

    /// <summary>Products are kept as sums of logarithms; a value of 0 makes −∞.</summary>
    private static void AddPowers(ReadOnlySpan<float> values, double strength, double[] products)
    {
        for (var i = 0; i < products.Length; i++) products[i] += strength * Math.Log(values[i]);
    }

    private static int Best(double[] products, bool[] taken)
    {
        var best = -1;
        for (var i = 0; i < products.Length; i++)
            if (!taken[i] && (best < 0 || products[i] > products[best]))
                best = i;
        return best;
    }
}
