namespace Curator.Labeling.Strategies;

/// <summary>Draws of rows that depend on nothing but their arguments.</summary>
internal static class Sampling
{
    /// <summary>At most <paramref name="count"/> of the items at even steps, in order.</summary>
    public static List<int> Evenly(List<int> items, int count)
    {
        if (items.Count <= count) return items;
        return [.. Enumerable.Range(0, count).Select(i => items[(int)((long)i * items.Count / count)])];
    }

    /// <summary>
    /// Systematic sampling with probability proportional to weight (Madow 1949): item i is drawn with probability min(1, count · wᵢ / Σ w). Items that lie together are
    /// rarely drawn together, so sorted items are sampled in strata.
    /// </summary>
    public static List<int> Systematic(IReadOnlyList<int> items, IReadOnlyList<double> weights, int count, Random random)
    {
        var total = weights.Sum();
        if (count <= 0 || total <= 0) return [];
        var step = total / count;
        var target = random.NextDouble() * step;
        var chosen = new List<int>(count);
        double sum = 0;
        for (var i = 0; i < items.Count && chosen.Count < count; i++)
        {
            sum += weights[i];
            if (sum <= target) continue;
            chosen.Add(items[i]);
            while (target < sum) target += step;
        }
        return chosen;
    }

    /// <summary>A seed for one purpose in one round; purposes do not share chances.</summary>
    public static int Seed(int seed, int round, int purpose)
    {
        // SplitMix64 (Steele, Lea, Flood 2014): neighbouring inputs give unrelated outputs.
        var z = ((ulong)(uint)seed << 32) + ((ulong)(uint)round << 8) + (uint)purpose + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) & int.MaxValue);
    }
}
