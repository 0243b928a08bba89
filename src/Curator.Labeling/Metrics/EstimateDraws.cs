namespace Curator.Labeling.Metrics;

/// <summary>One draw of all numbers of an estimate.</summary>
internal readonly record struct EstimateTotal(Confusion Confusion, double AreaUnderCurve, double CalibrationError);

/// <summary>Draws of an estimate; the first of each array is the value that all rounds give, the others spread around it.</summary>
internal sealed record EstimateDraws(double[] Precision, double[] Recall, double[] F1, double[] Positives, double[] AreaUnderCurve, double[] CalibrationError)
{
    public void Set(int i, EstimateTotal total)
    {
        (Precision[i], Recall[i], F1[i]) = (total.Confusion.Precision, total.Confusion.Recall, total.Confusion.F1);
        Positives[i] = total.Confusion.TruePositives + total.Confusion.FalseNegatives;
        (AreaUnderCurve[i], CalibrationError[i]) = (total.AreaUnderCurve, total.CalibrationError);
    }

    public ArchiveEstimate Summary() => new(Of(Precision), Of(Recall), Of(F1), Of(Positives))
    {
        AreaUnderCurve = OrNull(AreaUnderCurve),
        CalibrationError = OrNull(CalibrationError),
    };

    private static Interval Of(double[] values) => Interval.Of(values[0], values[1..]);

    private static Interval? OrNull(double[] values)
    {
        var known = values[1..].Where(v => !double.IsNaN(v)).ToArray();
        return double.IsNaN(values[0]) || known.Length == 0 ? null : Interval.Of(values[0], known);
    }
}
