using Curator.Labeling.Heads;

namespace Curator.Labeling.Metrics;

/// <summary>An image that a round asked about.</summary>
/// <param name="Round">When.</param>
/// <param name="Probability">Of the positive class, when it was queued.</param>
/// <param name="Positive">The answer.</param>
public readonly record struct AskedLabel(int Round, float Probability, bool Positive);

/// <summary>What precision, recall and F1 of the finished set are, as far as the labels can tell.</summary>
/// <param name="Positives">Positives in the whole pool, labeled ones included.</param>
public sealed record ArchiveEstimate(Interval Precision, Interval Recall, Interval F1, Interval Positives);

/// <summary>
/// Estimates the quality of the finished set (human labels where given, the threshold elsewhere) without the truth. Labels count as right, so only unlabeled images can be
/// wrong; how many are, the asked images tell: each was given a probability when it was queued, by a head that had not seen it, and then an answer
/// (prequential evaluation, Dawid 1984). What was asked follows from the probability, hence the answers at a given probability are a fair sample.
/// <list type="number">
/// <item>Rounds are drawn with replacement (bootstrap of whole rounds, Efron 1979): heads differ from round to round, and so do their scales.</item>
/// <item>Probabilities are calibrated anew on the pairs drawn (Platt); p' is the result.</item>
/// <item>Images are split into bands of p'. In a band the asked ones should hold E = Σ p' positives and hold O. The ratio ρ of real to expected positives is
/// Gamma(1 + O, 1 + E): the calibration itself counts as one positive seen where one was expected. Above one half, negatives take the place of positives.</item>
/// <item>The unlabeled images of the band hold ρ · Σ p' positives.</item>
/// </list>
/// The value is what all rounds give with ρ at its mean; the interval is that of the draws.
/// Assumes that the calibration of the last rounds' heads holds for the present one. Spot checks keep asking in every band.
/// Measured coverage: docs/design/active-learning.md.
/// </summary>
public static class ArchiveEstimator
{
    private const int Draws = 400;
    private const double PriorCount = 1;
    private const int FewestOfAClass = 5;
    private const int Bins = 256;
    private const double LargestLogit = 16;

    private static readonly double[] Edges = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 2];

    /// <param name="asked">Every asked and answered image.</param>
    /// <param name="unlabeled">[n]: present probabilities of the unlabeled images.</param>
    /// <param name="labeledPositives">Positives by a person, of all labels.</param>
    /// <param name="threshold">From which an unlabeled image is called positive.</param>
    public static ArchiveEstimate Estimate(IReadOnlyList<AskedLabel> asked, ReadOnlySpan<float> unlabeled, long labeledPositives, float threshold, int seed)
    {
        var histogram = new Histogram(unlabeled, threshold);
        var rounds = asked.GroupBy(a => a.Round).OrderBy(g => g.Key).Select(g => g.ToArray()).ToArray();
        var random = new Random(seed);
        double[] precision = new double[Draws], recall = new double[Draws], f1 = new double[Draws], positives = new double[Draws];
        for (var d = 0; d < Draws; d++)
        {
            var drawn = rounds.SelectMany(_ => rounds[random.Next(rounds.Length)]).ToArray();
            var total = Total(drawn, histogram, labeledPositives, b => Gamma(random, PriorCount + b.Observed) / (PriorCount + b.Expected));
            (precision[d], recall[d], f1[d]) = (total.Precision, total.Recall, total.F1);
            positives[d] = total.TruePositives + total.FalseNegatives;
        }
        var value = Total([.. asked], histogram, labeledPositives, b => (PriorCount + b.Observed) / (PriorCount + b.Expected));
        return new ArchiveEstimate(
            Interval.Of(value.Precision, precision), Interval.Of(value.Recall, recall), Interval.Of(value.F1, f1),
            Interval.Of(value.TruePositives + value.FalseNegatives, positives));
    }

    private static Confusion Total(AskedLabel[] asked, Histogram histogram, double labeledPositives, Func<Band, double> ratio)
    {
        var calibration = Recalibrate(asked);
        var bands = Edges.Select(e => new Band(e > 0.5)).ToArray();
        foreach (var a in asked)
        {
            double p = calibration.Probability(Logit(a.Probability));
            var band = bands[BandOf(p)];
            band.Expected += band.High ? 1 - p : p;
            band.Observed += band.High == a.Positive ? 0 : 1;
        }
        foreach (var band in bands) band.Ratio = ratio(band);
        double tp = labeledPositives, fp = 0, fn = 0, tn = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            double p = calibration.Probability(Histogram.LogitOf(bin));
            var band = bands[BandOf(p)];
            var share = band.High ? Math.Max(0, 1 - (1 - p) * band.Ratio) : Math.Min(1, p * band.Ratio);
            tp += histogram.Above[bin] * share;
            fp += histogram.Above[bin] * (1 - share);
            fn += histogram.Below[bin] * share;
            tn += histogram.Below[bin] * (1 - share);
        }
        return new Confusion(tp, fp, fn, tn);
    }

    private static Calibration Recalibrate(AskedLabel[] asked)
    {
        var positives = asked.Count(a => a.Positive);
        return Math.Min(positives, asked.Length - positives) < FewestOfAClass
            ? Calibration.None
            : Calibration.FitPlatt([.. asked.Select(a => Logit(a.Probability))], [.. asked.Select(a => a.Positive ? 0 : 1)]);
    }

    private static float Logit(float probability)
    {
        var p = Math.Clamp((double)probability, 1e-7, 1 - 1e-7);
        return (float)Math.Log(p / (1 - p));
    }

    /// <summary>Bands are [edge before, edge).</summary>
    private static int BandOf(double probability)
    {
        for (var b = 0; b < Edges.Length; b++)
            if (probability < Edges[b])
                return b;
        return Edges.Length - 1;
    }

    /// <summary>A draw from the Gamma distribution of a shape of 1 or more (Marsaglia and Tsang, A Simple Method for Generating Gamma Variables, 2000).</summary>
    private static double Gamma(Random random, double shape)
    {
        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var v = 1 + c * normal;
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(1 - random.NextDouble()) < normal * normal / 2 + d - d * v + d * Math.Log(v)) return d * v;
        }
    }

    /// <summary>Unlabeled images by logit, apart on either side of the threshold, so that a draw costs the same for any archive.</summary>
    private sealed class Histogram
    {
        public Histogram(ReadOnlySpan<float> probabilities, float threshold)
        {
            foreach (var p in probabilities)
            {
                var bin = (int)Math.Clamp((Logit(p) + LargestLogit) / (2 * LargestLogit) * Bins, 0, Bins - 1);
                (p >= threshold ? Above : Below)[bin]++;
            }
        }

        public long[] Above { get; } = new long[Bins];

        public long[] Below { get; } = new long[Bins];

        public static float LogitOf(int bin) => (float)((bin + 0.5) / Bins * 2 * LargestLogit - LargestLogit);
    }

    /// <param name="high">Above one half: counts negatives instead of positives.</param>
    private sealed class Band(bool high)
    {
        public bool High => high;

        public double Expected { get; set; }

        public double Observed { get; set; }

        public double Ratio { get; set; }
    }
}
