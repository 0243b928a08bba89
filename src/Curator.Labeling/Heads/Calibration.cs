namespace Curator.Labeling.Heads;

/// <summary>
/// Turns logits into probabilities that mean what they say: p = σ(slope · z + offset) for two classes, softmax(slope · z) for more. Fitted on
/// logits of labels that the head had not seen. Two classes: Platt, Probabilistic Outputs for Support Vector Machines (1999), with his smoothed
/// targets; more: temperature scaling (Guo et al., On Calibration of Modern Neural Networks, 2017, §4.2; temperature = 1/slope).
/// </summary>
/// <param name="Slope">Above 0: the order of the scores never changes.</param>
public sealed record Calibration(double Slope, double Offset)
{
    public static Calibration None { get; } = new(1, 0);

    private const double SmallestSlope = 0.05;

    /// <param name="logits">[n], of class 0, the positive one.</param>
    /// <param name="labels">[n], 0 or 1.</param>
    /// <param name="weights">[n], or empty for equal ones.</param>
    public static Calibration FitPlatt(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, ReadOnlySpan<float> weights = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, labels.Length);
        double positives = 0, negatives = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            if (labels[i] == 0) positives += weight;
            else negatives += weight;
        }
        if (positives == 0 || negatives == 0) return None;
        double high = (positives + 1.0) / (positives + 2.0), low = 1.0 / (negatives + 2.0);
        double slope = 1, offset = 0;
        for (var step = 0; step < 50; step++)
        {
            double g0 = 0, g1 = 0, h00 = 1e-9, h01 = 0, h11 = 1e-9;
            for (var i = 0; i < logits.Length; i++)
            {
                double z = logits[i], weight = weights.IsEmpty ? 1 : weights[i];
                var p = 1 / (1 + Math.Exp(-(slope * z + offset)));
                var error = weight * (p - (labels[i] == 0 ? high : low));
                var curve = weight * p * (1 - p);
                g0 += error * z;
                g1 += error;
                h00 += curve * z * z;
                h01 += curve * z;
                h11 += curve;
            }
            var determinant = h00 * h11 - h01 * h01;
            if (determinant <= 1e-12 * h00 * h11) break;
            double d0 = (h11 * g0 - h01 * g1) / determinant, d1 = (h00 * g1 - h01 * g0) / determinant;
            // Newton far from the minimum overshoots; half a unit of slope a step always comes down.
            var length = Math.Min(1, 0.5 / Math.Max(Math.Abs(d0), Math.Abs(d1) / 4));
            slope = Math.Max(SmallestSlope, slope - length * d0);
            offset -= length * d1;
            if (Math.Abs(d0) + Math.Abs(d1) < 1e-8) break;
        }
        return new Calibration(slope, offset);
    }

    /// <param name="logits">[n, classes].</param>
    public static Calibration FitTemperature(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, labels.Length * classes);
        // The loss is convex in the slope: golden section on its logarithm.
        double low = Math.Log(SmallestSlope), high = Math.Log(20), ratio = (Math.Sqrt(5) - 1) / 2;
        for (var step = 0; step < 60; step++)
        {
            double left = high - ratio * (high - low), right = low + ratio * (high - low);
            if (Loss(logits, labels, classes, Math.Exp(left)) <= Loss(logits, labels, classes, Math.Exp(right))) high = right;
            else low = left;
        }
        return new Calibration(Math.Exp((low + high) / 2), 0);
    }

    /// <summary>Probability of the positive class for a logit of a two-class head.</summary>
    public float Probability(float logit) => (float)(1 / (1 + Math.Exp(-(Slope * logit + Offset))));

    /// <summary>Logit whose probability is <paramref name="probability"/> (between 0 and 1, exclusive).</summary>
    public double LogitOf(double probability) => (Math.Log(probability / (1 - probability)) - Offset) / Slope;

    private static double Loss(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes, double slope)
    {
        double loss = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * classes, classes);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (var z in row) largest = Math.Max(largest, slope * z);
            foreach (var z in row) sum += Math.Exp(slope * z - largest);
            loss += largest + Math.Log(sum) - slope * row[labels[i]];
        }
        return loss;
    }
}
