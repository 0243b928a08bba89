namespace Curator.Labeling.Predictions;

/// <summary>
/// One number a picture from a detector's boxes, by the definitions of the detection scorer of lightly 1.2 (<c>ScorerObjectDetection</c>): the classification scores of each
/// box's class probabilities brought together over the boxes (there by their maximum; mean and sum are offered too), the confidence that is lacking on average, and the
/// balance of classes. A picture without boxes scores 0, and least in balance.
/// </summary>
public static class DetectionScorer
{
    /// <summary>What each further object of a class adds to a picture's balance; the first adds 1.</summary>
    public const float FrequencyPenalty = 0.25f;

    /// <summary>Balance of the poorest picture; the richest has 1.</summary>
    public const float LeastBalance = 0.9f;

    private static readonly string[] Over = ["max", "mean", "sum"];

    /// <summary><c>least-confidence-max</c> … <c>entropy-sum</c>, <c>objectness</c>, <c>class-balance</c>: the columns of <see cref="Score"/>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. ClassificationScorer.Names.SelectMany(name => Over.Select(over => $"{name}-{over}")), "objectness", "class-balance"];

    /// <summary>Class probabilities where the model told only a class and its confidence: the rest is spread evenly over the other classes.</summary>
    /// <param name="classes">One class counts as two: it, and everything else.</param>
    public static float[] Spread(int label, float confidence, int classes)
    {
        var probabilities = new float[Math.Max(2, classes)];
        Array.Fill(probabilities, (1 - confidence) / (probabilities.Length - 1));
        probabilities[label] = confidence;
        return probabilities;
    }

    /// <summary>Scores of every picture: [images, <see cref="Names"/>]. Balance is relative to all pictures given.</summary>
    public static float[] Score(IReadOnlyList<IReadOnlyList<Detection>> images, int classes)
    {
        var width = Names.Count;
        var scores = new float[images.Count * width];
        var balances = new float[images.Count];
        for (var i = 0; i < images.Count; i++)
        {
            OverBoxes(images[i], classes, scores.AsSpan(i * width, width - 2));
            scores[i * width + width - 2] = Objectness(images[i]);
            balances[i] = Balance(images[i]);
        }
        if (images.Count == 0) return scores;
        float least = balances.Min(), most = balances.Max();
        for (var i = 0; i < images.Count; i++)
            scores[i * width + width - 1] = most > least ? LeastBalance + (1 - LeastBalance) * (balances[i] - least) / (most - least) : 1;
        return scores;
    }

    /// <summary>1 − mean confidence; 0 without boxes.</summary>
    public static float Objectness(IReadOnlyList<Detection> boxes) => boxes.Count == 0 ? 0 : 1 - boxes.Average(b => b.Confidence);

    /// <summary>Objects, the first of each class counting 1 and the others <see cref="FrequencyPenalty"/>, so that many classes beat many objects of one.</summary>
    public static float Balance(IReadOnlyList<Detection> boxes) => boxes.GroupBy(b => b.Class).Sum(group => 1 + FrequencyPenalty * (group.Count() - 1));

    /// <summary>Probability that a picture holds a thing of each class: the greatest confidence of its boxes of that class. [classes].</summary>
    public static float[] Presence(IReadOnlyList<Detection> boxes, int classes)
    {
        var presence = new float[classes];
        foreach (var box in boxes) presence[box.Class] = Math.Max(presence[box.Class], box.Confidence);
        return presence;
    }

    private static void OverBoxes(IReadOnlyList<Detection> boxes, int classes, Span<float> scores)
    {
        Span<float> one = stackalloc float[ClassificationScorer.Names.Count];
        foreach (var box in boxes)
        {
            ClassificationScorer.Score(box.Probabilities ?? Spread(box.Class, box.Confidence, classes), one);
            for (var s = 0; s < one.Length; s++)
            {
                scores[3 * s] = Math.Max(scores[3 * s], one[s]);
                scores[3 * s + 1] += one[s] / boxes.Count;
                scores[3 * s + 2] += one[s];
            }
        }
    }
}
