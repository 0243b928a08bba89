namespace Curator.Learning.Supervised;

/// <summary>How well a classifier does on labels that it has not learned from.</summary>
/// <param name="Loss">Mean weighted cross entropy.</param>
/// <param name="Accuracy">0 to 1.</param>
/// <param name="BalancedAccuracy">Mean of the accuracies of the classes that occur, 0 to 1.</param>
internal readonly record struct ClassScores(double Loss, double Accuracy, double BalancedAccuracy)
{
    /// <summary>When nothing was kept back.</summary>
    public static ClassScores Unknown => new(double.NaN, double.NaN, double.NaN);

    /// <summary>More classes right counts first; among equals the lower loss.</summary>
    public bool IsBetterThan(ClassScores other) =>
        double.IsNaN(other.Loss) || BalancedAccuracy > other.BalancedAccuracy || (BalancedAccuracy == other.BalancedAccuracy && Loss < other.Loss);

    /// <param name="logits">[N, C], row-major.</param>
    /// <param name="classes">[N].</param>
    /// <param name="weights">[C].</param>
    public static ClassScores Of(ReadOnlySpan<float> logits, IReadOnlyList<int> classes, IReadOnlyList<float> weights)
    {
        var count = weights.Count;
        int[] right = new int[count], all = new int[count];
        double loss = 0, weight = 0;
        for (var i = 0; i < classes.Count; i++)
        {
            var row = logits.Slice(i * count, count);
            var (best, sum) = (0, 0.0);
            for (var c = 1; c < count; c++)
                if (row[c] > row[best])
                    best = c;
            foreach (var value in row) sum += Math.Exp(value - row[best]);
            loss += weights[classes[i]] * (Math.Log(sum) + row[best] - row[classes[i]]);
            weight += weights[classes[i]];
            all[classes[i]]++;
            if (best == classes[i]) right[best]++;
        }
        var present = Enumerable.Range(0, count).Where(c => all[c] > 0).ToArray();
        return classes.Count == 0 ? Unknown : new ClassScores(loss / weight, (double)right.Sum() / classes.Count, present.Average(c => (double)right[c] / all[c]));
    }

    /// <summary>n / (classes · n_c), or ones; a class without labels weighs nothing.</summary>
    public static float[] Weights(IReadOnlyList<int> classes, int count, bool balanced)
    {
        var sizes = new int[count];
        foreach (var c in classes) sizes[c]++;
        var present = sizes.Count(size => size > 0);
        return [.. sizes.Select(size => size == 0 ? 0 : balanced ? (float)classes.Count / (present * size) : 1)];
    }
}
