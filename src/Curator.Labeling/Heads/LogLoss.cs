namespace Curator.Labeling.Heads;

/// <summary>The log loss of one label, for two classes by one logit (of class 0) and for more by one a class.</summary>
internal static class LogLoss
{
    /// <summary>Replaces the logits by the slopes of the loss and returns the loss, nats.</summary>
    public static double ToSlopes(Span<double> logits, int label)
    {
        if (logits.Length == 1)
        {
            var z = logits[0];
            logits[0] = 1 / (1 + Math.Exp(-z)) - (label == 0 ? 1 : 0);
            return Softplus(label == 0 ? -z : z);
        }
        double largest = double.NegativeInfinity, sum = 0;
        foreach (var z in logits) largest = Math.Max(largest, z);
        foreach (var z in logits) sum += Math.Exp(z - largest);
        var loss = largest + Math.Log(sum) - logits[label];
        for (var k = 0; k < logits.Length; k++) logits[k] = Math.Exp(logits[k] - largest) / sum - (k == label ? 1 : 0);
        return loss;
    }

    /// <summary>The loss alone.</summary>
    public static double Of(ReadOnlySpan<float> logits, int label)
    {
        if (logits.Length == 1) return Softplus(label == 0 ? -logits[0] : logits[0]);
        double largest = double.NegativeInfinity, sum = 0;
        foreach (var z in logits) largest = Math.Max(largest, z);
        foreach (var z in logits) sum += Math.Exp(z - largest);
        return largest + Math.Log(sum) - logits[label];
    }

    /// <summary>ln(1 + e^z), without overflow.</summary>
    private static double Softplus(double z) => z > 0 ? z + Math.Log(1 + Math.Exp(-z)) : Math.Log(1 + Math.Exp(z));
}
