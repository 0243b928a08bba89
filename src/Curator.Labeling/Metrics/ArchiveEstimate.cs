using Curator.Labeling.Heads;

namespace Curator.Labeling.Metrics;

/// <summary>An image that a round asked about.</summary>
/// <param name="Round">When.</param>
/// <param name="Probability">Of the positive class, when it was queued.</param>
/// <param name="Positive">The answer.</param>
public readonly record struct AskedLabel(int Round, float Probability, bool Positive);

/// <summary>What precision, recall and F1 of the finished set are, as far as the labels can tell.</summary>
/// <param name="Positives">Positives in the whole pool, labeled ones included.</param>
public sealed record ArchiveEstimate(Interval Precision, Interval Recall, Interval F1, Interval Positives)
{
    /// <summary>Probability that the head ranks a positive of the archive above a negative, 0 to 1; null in numbers of older versions, and while a class seems empty.</summary>
    public Interval? AreaUnderCurve { get; init; }

    /// <summary>
    /// Expected calibration error of the probabilities that images were queued with, 0 to 1: mean |p − share of positives| over ten bands of p, each band weighing what it holds of the
    /// unlabeled archive. Null in numbers of older versions.
    /// </summary>
    public Interval? CalibrationError { get; init; }
}

/// <summary>What an estimate speaks of.</summary>
/// <param name="Probabilities">[n]: present probabilities of the unlabeled images.</param>
/// <param name="Decided">[n]: whether the finished set calls each positive.</param>
/// <param name="Weights">[n]: images of the archive that each stands for; empty for one each.</param>
/// <param name="LabeledPositives">Positives by a person, of all labels.</param>
/// <param name="LabeledPositiveScores">Present probabilities of labeled positives, for the area under the curve only.</param>
/// <param name="LabeledNegativeScores">Present probabilities of labeled negatives, for the area under the curve only.</param>
public sealed record EstimateInput(
    ReadOnlyMemory<float> Probabilities, ReadOnlyMemory<bool> Decided, ReadOnlyMemory<float> Weights, long LabeledPositives,
    ReadOnlyMemory<float> LabeledPositiveScores = default, ReadOnlyMemory<float> LabeledNegativeScores = default);

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
        var probabilities = unlabeled.ToArray();
        return Estimate(asked, new EstimateInput(probabilities, probabilities.Select(p => p >= threshold).ToArray(), default, labeledPositives), seed);
    }

    /// <param name="asked">Every asked and answered image; at least one.</param>
    public static ArchiveEstimate Estimate(IReadOnlyList<AskedLabel> asked, EstimateInput input, int seed) => Draw(asked, input, seed).Summary();

    /// <summary>
    /// The means over several classes (macro average), each with the interval of its own draws: the same rounds are drawn for all classes, so that a bad round is bad for all.
    /// </summary>
    /// <param name="draws">Of the same rounds and seed.</param>
    internal static ArchiveEstimate Mean(IReadOnlyList<EstimateDraws> draws)
    {
        ArgumentOutOfRangeException.ThrowIfZero(draws.Count);
        return new EstimateDraws(
            Over(d => d.Precision), Over(d => d.Recall), Over(d => d.F1), Over(d => d.Positives), Over(d => d.AreaUnderCurve), Over(d => d.CalibrationError)).Summary();

        double[] Over(Func<EstimateDraws, double[]> part) =>
            [.. Enumerable.Range(0, Draws + 1).Select(i => draws.Select(d => part(d)[i]).Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Average())];
    }

    /// <summary>The draws themselves; the first of each array is the value that all rounds give.</summary>
    internal static EstimateDraws Draw(IReadOnlyList<AskedLabel> asked, EstimateInput input, int seed)
    {
        var histogram = new Histogram(input);
        var rounds = asked.GroupBy(a => a.Round).OrderBy(g => g.Key).Select(g => g.ToArray()).ToArray();
        // Rounds and ratios have chances of their own, so that all classes of a task draw the same rounds.
        Random which = new(seed), how = new(unchecked(seed * 31 + 7));
        var draws = new EstimateDraws(new double[Draws + 1], new double[Draws + 1], new double[Draws + 1], new double[Draws + 1], new double[Draws + 1], new double[Draws + 1]);
        draws.Set(0, Total([.. asked], histogram, input.LabeledPositives, b => (PriorCount + b.Observed) / (PriorCount + b.Expected)));
        for (var d = 1; d <= Draws; d++)
        {
            var drawn = rounds.SelectMany(_ => rounds[which.Next(rounds.Length)]).ToArray();
            draws.Set(d, Total(drawn, histogram, input.LabeledPositives, b => Gamma(how, PriorCount + b.Observed) / (PriorCount + b.Expected)));
        }
        return draws;
    }

    private static EstimateTotal Total(AskedLabel[] asked, Histogram histogram, double labeledPositives, Func<Band, double> ratio)
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
        double tp = labeledPositives, fp = 0, fn = 0, tn = 0, negativesBelow = 0, wins = 0, positives = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            double p = calibration.Probability(Histogram.LogitOf(bin));
            var band = bands[BandOf(p)];
            var share = band.High ? Math.Max(0, 1 - (1 - p) * band.Ratio) : Math.Min(1, p * band.Ratio);
            tp += histogram.Above[bin] * share;
            fp += histogram.Above[bin] * (1 - share);
            fn += histogram.Below[bin] * share;
            tn += histogram.Below[bin] * (1 - share);
            var open = histogram.Above[bin] + histogram.Below[bin];
            double up = open * share + histogram.LabeledPositives[bin], down = open * (1 - share) + histogram.LabeledNegatives[bin];
            wins += up * (negativesBelow + down / 2);
            negativesBelow += down;
            positives += up;
        }
        return new EstimateTotal(
            new Confusion(tp, fp, fn, tn), positives > 0 && negativesBelow > 0 ? wins / (positives * negativesBelow) : double.NaN, CalibrationErrorOf(asked, histogram));
    }

    private static double CalibrationErrorOf(AskedLabel[] asked, Histogram histogram)
    {
        double[] expected = new double[10], observed = new double[10], count = new double[10];
        foreach (var a in asked)
        {
            var band = Math.Min(9, (int)(a.Probability * 10));
            expected[band] += a.Probability;
            observed[band] += a.Positive ? 1 : 0;
            count[band]++;
        }
        double error = 0, mass = 0;
        for (var band = 0; band < 10; band++)
        {
            if (count[band] == 0) continue;
            error += histogram.Tenths[band] * Math.Abs(expected[band] - observed[band]) / count[band];
            mass += histogram.Tenths[band];
        }
        return mass > 0 ? error / mass : double.NaN;
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

    /// <summary>Unlabeled images by logit, apart by what the finished set calls them, so that a draw costs the same for any archive.</summary>
    private sealed class Histogram
    {
        public Histogram(EstimateInput input)
        {
            var probabilities = input.Probabilities.Span;
            var decided = input.Decided.Span;
            var weights = input.Weights.Span;
            for (var i = 0; i < probabilities.Length; i++)
            {
                var weight = weights.IsEmpty ? 1 : weights[i];
                (decided[i] ? Above : Below)[BinOf(probabilities[i])] += weight;
                Tenths[Math.Min(9, (int)(probabilities[i] * 10))] += weight;
            }
            foreach (var p in input.LabeledPositiveScores.Span) LabeledPositives[BinOf(p)]++;
            foreach (var p in input.LabeledNegativeScores.Span) LabeledNegatives[BinOf(p)]++;
        }

        public double[] Above { get; } = new double[Bins];

        public double[] Below { get; } = new double[Bins];

        public double[] LabeledPositives { get; } = new double[Bins];

        public double[] LabeledNegatives { get; } = new double[Bins];

        /// <summary>All unlabeled by tenths of the probability.</summary>
        public double[] Tenths { get; } = new double[10];

        private static int BinOf(float p) => (int)Math.Clamp((Logit(p) + LargestLogit) / (2 * LargestLogit) * Bins, 0, Bins - 1);

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
