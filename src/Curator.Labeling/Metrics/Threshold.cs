namespace Curator.Labeling.Metrics;

/// <summary>The probability from which an unlabeled image is called positive.</summary>
public static class Threshold
{
    /// <summary>
    /// Maximises the expected F1 of the finished set, human labels counting as right: with calibrated probabilities p of the unlabeled images and P labeled positives,
    /// F1(t) = 2·(P + Σ_{p ≥ t} p) / (P + |{p ≥ t}| + P + Σ p) (the plug-in rule of Lipton, Elkan, Naryanaswamy 2014). O(n log n).
    /// </summary>
    /// <param name="probabilities">[n] of the unlabeled images; sorted in a copy.</param>
    /// <returns>Halfway between the last probability taken and the first left, so that rounding cannot flip an image; 0.5 when there is nothing to decide.</returns>
    /// <param name="weights">[n]: images of the archive that each stands for; empty for one each.</param>
    public static float ForF1(ReadOnlySpan<float> probabilities, long labeledPositives, ReadOnlySpan<float> weights = default)
    {
        if (probabilities.IsEmpty) return 0.5f;
        var sorted = probabilities.ToArray();
        var shares = new float[sorted.Length];
        if (weights.IsEmpty) Array.Fill(shares, 1);
        else weights.CopyTo(shares);
        Array.Sort(sorted, shares);
        Array.Reverse(sorted);
        Array.Reverse(shares);
        double mass = 0, called = labeledPositives;
        for (var i = 0; i < sorted.Length; i++) mass += (double)shares[i] * sorted[i];
        double found = labeledPositives, best = found + mass > 0 ? 2 * found / (2 * found + mass) : 0;
        var taken = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            found += (double)shares[i] * sorted[i];
            called += shares[i];
            if (i + 1 < sorted.Length && sorted[i + 1].Equals(sorted[i])) continue;
            var f1 = 2 * found / (called + labeledPositives + mass);
            if (f1 > best) (best, taken) = (f1, i + 1);
        }
        if (taken == 0) return (1 + sorted[0]) / 2;
        return taken == sorted.Length ? sorted[^1] / 2 : (sorted[taken - 1] + sorted[taken]) / 2;
    }
}
