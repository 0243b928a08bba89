namespace Curator.Labeling.Predictions;

/// <summary>
/// How unsure a distribution over classes is, each from 0 (one class is certain) to 1 (all are alike): Settles, Active Learning Literature Survey, 2009, §3.1, brought to
/// 0 to 1 as in the classification scorer of lightly 1.2.
/// </summary>
public static class ClassificationScorer
{
    /// <summary>In the order of <see cref="Score"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["least-confidence", "margin", "entropy"];

    /// <summary>(1 − max p) / (1 − 1/C).</summary>
    /// <param name="p">[C], two classes at least, summing to 1.</param>
    public static float LeastConfidence(ReadOnlySpan<float> p) => Unit((1 - p[Largest(p)]) / (1 - 1.0 / p.Length));

    /// <summary>1 − (largest p − second largest p).</summary>
    public static float Margin(ReadOnlySpan<float> p)
    {
        var first = Largest(p);
        var second = 0f;
        for (var c = 0; c < p.Length; c++)
            if (c != first)
                second = Math.Max(second, p[c]);
        return Unit(1 - ((double)p[first] - second));
    }

    /// <summary>−Σ p·ln p / ln C.</summary>
    public static float Entropy(ReadOnlySpan<float> p)
    {
        double sum = 0;
        foreach (double value in p)
            if (value > 0)
                sum -= value * Math.Log(value);
        return Unit(sum / Math.Log(p.Length));
    }

    /// <summary>All three, in the order of <see cref="Names"/>.</summary>
    public static void Score(ReadOnlySpan<float> p, Span<float> scores) => (scores[0], scores[1], scores[2]) = (LeastConfidence(p), Margin(p), Entropy(p));

    private static int Largest(ReadOnlySpan<float> p)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(p.Length, 2);
        return System.Numerics.Tensors.TensorPrimitives.IndexOfMax(p);
    }

    private static float Unit(double value) => (float)Math.Clamp(value, 0, 1);
}
