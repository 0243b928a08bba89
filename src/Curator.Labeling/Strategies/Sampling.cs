namespace Curator.Labeling.Strategies;

/// <summary>Draws of rows that depend on nothing but their arguments.</summary>
internal static class Sampling
{
    /// <summary>At most <paramref name="count"/> of the items at even steps, in order.</summary>
    public static List<T> Evenly<T>(List<T> items, int count)
    {
        if (items.Count <= count) return items;
        return [.. Enumerable.Range(0, count).Select(i => items[(int)((long)i * items.Count / count)])];
    }

    /// <summary>
    /// Systematic sampling with probability proportional to weight (Madow 1949): item i is drawn with probability min(1, n · wᵢ / Σ w), where items that are certain are
    /// set aside and the rest shares what is left. Items that lie together are rarely drawn together, so sorted items are sampled in strata.
    /// </summary>
    /// <param name="weights">Above 0.</param>
    /// <returns>Just <paramref name="count"/> items, or all when there are fewer, in order.</returns>
    public static List<int> Systematic(IReadOnlyList<int> items, IReadOnlyList<double> weights, int count, Random random)
    {
        if (count >= items.Count) return [.. items];
        var certain = new bool[items.Count];
        var left = count;
        double total = weights.Sum();
        for (var found = true; found && left > 0;)
        {
            found = false;
            for (var i = 0; i < items.Count && left > 0; i++)
            {
                if (certain[i] || weights[i] * left < total) continue;
                certain[i] = found = true;
                total -= weights[i];
                left--;
            }
        }
        var chosen = new List<int>(count);
        double step = left > 0 ? total / left : double.PositiveInfinity, target = random.NextDouble() * step, sum = 0;
        var last = Enumerable.Range(0, items.Count).LastOrDefault(i => !certain[i], -1);
        for (var i = 0; i < items.Count; i++)
        {
            // The last one closes the gap that rounding of the sums may leave.
            if (!certain[i]) sum += weights[i];
            var drawn = !certain[i] && left > 0 && (sum > target || i == last);
            if (drawn) (target, left) = (target + step, left - 1);
            if (drawn || certain[i]) chosen.Add(items[i]);
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
