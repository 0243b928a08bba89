namespace Curator.Labeling.Metrics;

/// <summary>Counts of a two-class decision against the truth. May be expected counts, hence not whole.</summary>
public readonly record struct Confusion(double TruePositives, double FalsePositives, double FalseNegatives, double TrueNegatives)
{
    public double Total => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>TP / (TP + FP), 0 to 1; 1 when nothing was called positive.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>TP / (TP + FN), 0 to 1; 1 when there is nothing to find.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>2·TP / (2·TP + FP + FN), 0 to 1; 1 when there is nothing to find and nothing was called positive.</summary>
    public double F1 => Ratio(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives);

    public double Accuracy => Ratio(TruePositives + TrueNegatives, Total);

    /// <param name="decided">[n]: called positive.</param>
    /// <param name="truth">[n]: is positive.</param>
    public static Confusion Of(ReadOnlySpan<bool> decided, ReadOnlySpan<bool> truth)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(decided.Length, truth.Length);
        long tp = 0, fp = 0, fn = 0, tn = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            if (decided[i] && truth[i]) tp++;
            else if (decided[i]) fp++;
            else if (truth[i]) fn++;
            else tn++;
        }
        return new Confusion(tp, fp, fn, tn);
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 1;
}
