namespace Curator.Labeling.Metrics;

/// <summary>What precision, recall and F1 of the finished set are, as far as the labels can tell.</summary>
/// <param name="Positives">Positives in the whole pool, labeled ones included.</param>
public sealed record ArchiveEstimate(Interval Precision, Interval Recall, Interval F1, Interval Positives);

/// <summary>
/// Estimates the quality of the finished set (human labels where given, the threshold elsewhere) without the truth. Labels count as right, so only unlabeled images can be
/// wrong. These are split into bands of probability. A label, scored by a head that had not seen it, stands in its band for N/n unlabeled images: the
/// importance weights of a stratified sample. The share of positives in a band is Beta(κ·m + y, κ·(1 − m) + n − y) with y positives among n labels
/// and, worth κ labels, the mean calibrated probability m of the band's unlabeled images. Drawing all shares many times gives the intervals.
/// Assumes that within a narrow band the labeled images are like the unlabeled ones; spot checks keep every band's n above 0.
/// Measured coverage: docs/design/active-learning.md.
/// </summary>
public static class ArchiveEstimator
{
    private const int Draws = 1000;

    private const double PriorLabels = 2;

    private static readonly double[] Edges = [0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1.01];

    /// <param name="labeledProbabilities">[labels]: left-out probability of every label.</param>
    /// <param name="labeledPositive">[labels].</param>
    /// <param name="unlabeled">[n]: probabilities of the unlabeled images.</param>
    /// <param name="threshold">From which an unlabeled image is called positive.</param>
    public static ArchiveEstimate Estimate(
        ReadOnlySpan<float> labeledProbabilities, ReadOnlySpan<bool> labeledPositive, ReadOnlySpan<float> unlabeled, float threshold, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(labeledProbabilities.Length, labeledPositive.Length);
        var edges = Edges.Append(threshold).Order().ToArray();
        var bands = edges.Select(e => new Band { Decided = e > threshold }).ToArray();
        double labeledPositives = 0;
        for (var i = 0; i < labeledPositive.Length; i++)
        {
            var band = bands[BandOf(edges, labeledProbabilities[i])];
            band.Labels++;
            if (!labeledPositive[i]) continue;
            band.PositiveLabels++;
            labeledPositives++;
        }
        foreach (var p in unlabeled)
        {
            var band = bands[BandOf(edges, p)];
            band.Unlabeled++;
            band.Mass += p;
        }
        var random = new Random(seed);
        double[] precision = new double[Draws], recall = new double[Draws], f1 = new double[Draws], positives = new double[Draws];
        for (var d = 0; d < Draws; d++)
        {
            var drawn = Total(bands, labeledPositives, b => Beta(random, b.A, b.B));
            (precision[d], recall[d], f1[d]) = (drawn.Precision, drawn.Recall, drawn.F1);
            positives[d] = drawn.TruePositives + drawn.FalseNegatives;
        }
        var mean = Total(bands, labeledPositives, b => b.A / (b.A + b.B));
        return new ArchiveEstimate(
            Interval.Of(mean.Precision, precision), Interval.Of(mean.Recall, recall), Interval.Of(mean.F1, f1),
            Interval.Of(mean.TruePositives + mean.FalseNegatives, positives));
    }

    private static Confusion Total(Band[] bands, double labeledPositives, Func<Band, double> share)
    {
        double tp = labeledPositives, fp = 0, fn = 0, tn = 0;
        foreach (var band in bands)
        {
            if (band.Unlabeled == 0) continue;
            var found = band.Unlabeled * share(band);
            if (band.Decided) (tp, fp) = (tp + found, fp + band.Unlabeled - found);
            else (fn, tn) = (fn + found, tn + band.Unlabeled - found);
        }
        return new Confusion(tp, fp, fn, tn);
    }

    /// <summary>Bands are [edge before, edge).</summary>
    private static int BandOf(double[] edges, float probability)
    {
        for (var b = 0; b < edges.Length; b++)
            if (probability < edges[b])
                return b;
        return edges.Length - 1;
    }

    private static double Beta(Random random, double a, double b)
    {
        double x = LogGamma(random, a), y = LogGamma(random, b);
        return 1 / (1 + Math.Exp(y - x));
    }

    /// <summary>Logarithm of a draw from the Gamma distribution of shape <paramref name="shape"/> (Marsaglia and Tsang 2000; below 1 by their boost).</summary>
    private static double LogGamma(Random random, double shape)
    {
        if (shape < 1) return LogGamma(random, shape + 1) + Math.Log(1 - random.NextDouble()) / shape;
        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var v = 1 + c * normal;
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(1 - random.NextDouble()) < normal * normal / 2 + d - d * v + d * Math.Log(v)) return Math.Log(d * v);
        }
    }

    private sealed class Band
    {
        public bool Decided { get; init; }

        public long Labels { get; set; }

        public long PositiveLabels { get; set; }

        public long Unlabeled { get; set; }

        public double Mass { get; set; }

        public double A => PriorLabels * Mean + PositiveLabels + 1e-6;

        public double B => PriorLabels * (1 - Mean) + Labels - PositiveLabels + 1e-6;

        private double Mean => Unlabeled > 0 ? Mass / Unlabeled : 0.5;
    }
}
