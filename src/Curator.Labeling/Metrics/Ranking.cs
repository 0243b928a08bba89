namespace Curator.Labeling.Metrics;

/// <summary>Measures of an order of scores, without a threshold.</summary>
public static class Ranking
{
    /// <summary>
    /// Area under the ROC curve: the probability that a positive scores above a negative, ties counting half (Fawcett 2006). NaN when a class is missing. O(n log n).
    /// </summary>
    public static double AreaUnderCurve(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        var (sorted, positive) = Sorted(scores, truth);
        double positives = positive.Count(p => p), negatives = positive.Length - positives;
        if (positives == 0 || negatives == 0) return double.NaN;
        double wins = 0, above = 0;
        foreach (var (start, end) in Ties(sorted))
        {
            double tiedPositives = 0;
            for (var i = start; i < end; i++) tiedPositives += positive[i] ? 1 : 0;
            var tiedNegatives = end - start - tiedPositives;
            wins += tiedNegatives * (above + tiedPositives / 2);
            above += tiedPositives;
        }
        return wins / (positives * negatives);
    }

    /// <summary>
    /// Average precision: Σ (Rₖ − Rₖ₋₁)·Pₖ over the distinct scores from the top, so that ties do not depend on the order of the input. NaN without positives. O(n log n).
    /// </summary>
    public static double AveragePrecision(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        var (sorted, positive) = Sorted(scores, truth);
        double positives = positive.Count(p => p), found = 0, sum = 0;
        if (positives == 0) return double.NaN;
        foreach (var (start, end) in Ties(sorted))
        {
            double before = found;
            for (var i = start; i < end; i++) found += positive[i] ? 1 : 0;
            sum += (found - before) / positives * (found / end);
        }
        return sum;
    }

    private static (float[] Scores, bool[] Truth) Sorted(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, truth.Length);
        var keys = new float[scores.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = -scores[i];
        var values = truth.ToArray();
        Array.Sort(keys, values);
        return (keys, values);
    }

    private static IEnumerable<(int Start, int End)> Ties(float[] sorted)
    {
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end].Equals(sorted[start])) end++;
            yield return (start, end);
            start = end;
        }
    }
}
