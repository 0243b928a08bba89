namespace Curator.Labeling.Heads;

/// <summary>What cross-validation found.</summary>
/// <param name="Regularisation">λ with the smallest mean log loss on left-out labels.</param>
/// <param name="Loss">That loss, nats a label; NaN when there were too few labels to leave any out.</param>
/// <param name="Logits">[n, outputs]: every label's logits by a head that had not seen it; empty when there were too few labels.</param>
/// <param name="Background">[m, outputs]: logits of the rows after the labels, each by a head that had not been trained on it; empty when there are none.</param>
/// <param name="Held">[n]: whether the label was left out once. The only label of a class never is: a head that has not seen the class says nothing about it.</param>
internal sealed record CrossValidationResult(double Regularisation, double Loss, float[] Logits, float[] Background, bool[] Held);

/// <summary>
/// Chooses λ by stratified k-fold cross-validation (The Elements of Statistical Learning, §7.10). Folds depend on labels and seed only. Along the falling
/// path of λ every fold starts from its last head; the path ends when the loss rose twice in a row. Of the λ whose loss is within
/// <see cref="HeadOptions.StandardErrors"/> of the smallest, the smallest λ is taken: labels chosen for being hard make heads look better the more they hedge.
/// </summary>
internal static class CrossValidation
{
    public static CrossValidationResult Run(
        ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<int> labels, int classes, HeadOptions options, CancellationToken cancellationToken) =>
        Run(rows, dimension, labels, labels.Length, LogisticHead.SampleWeights(labels.Span, classes, options.ClassBalance), classes, options, cancellationToken);

    /// <summary>
    /// The same for labels with a background after them. Each fold leaves out its share of the background too, because the archive is seen by a head that was not trained on it, but
    /// only labels count in the choice of λ.
    /// </summary>
    /// <param name="count">Labels; what comes after them is background.</param>
    /// <param name="weights">[labels].</param>
    public static CrossValidationResult Run(
        ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<int> labels, int count, double[] weights, int classes, HeadOptions options, CancellationToken cancellationToken)
    {
        var folds = Folds(labels.Span[..count], classes, options.Folds, options.Seed);
        if (folds.Length == 0 || classes == 2 && Rarest(labels.Span[..count]) < options.FewestOfTwo) return new CrossValidationResult(options.FewLabelsRegularisation, double.NaN, [], [], []);
        var outputs = classes == 2 ? 1 : classes;
        var held = new bool[count];
        foreach (var i in folds.SelectMany(f => f)) held[i] = true;
        var extra = labels.Length - count;
        folds = [.. folds.Select((fold, f) => (int[])[.. fold, .. Enumerable.Range(0, extra).Where(i => i % folds.Length == f).Select(i => count + i)])];
        var parts = folds.Select(fold => Part.Of(rows.Span, dimension, labels.Span, fold)).ToArray();
        var partWeights = folds.Select(fold => weights.Where((_, i) => Array.BinarySearch(fold, i) < 0).ToArray()).ToArray();
        var heads = new LogisticHead?[folds.Length];
        var tried = new List<(CrossValidationResult Result, double Error)>();
        var rises = 0;
        var last = double.PositiveInfinity;
        foreach (var regularisation in options.Regularisations.OrderDescending())
        {
            var logits = new float[labels.Length * outputs];
            var fit = new LogisticOptions { Regularisation = regularisation, ClassBalance = options.ClassBalance, Tolerance = 1e-4, MaximumSteps = 100 };
            for (var f = 0; f < folds.Length; f++)
            {
                heads[f] = LogisticHead.Fit(parts[f].TrainRows, dimension, parts[f].TrainLabels, classes, fit, partWeights[f], heads[f], cancellationToken);
                var scores = new float[folds[f].Length * outputs];
                heads[f]!.Logits(parts[f].HeldRows, scores);
                for (var i = 0; i < folds[f].Length; i++)
                    scores.AsSpan(i * outputs, outputs).CopyTo(logits.AsSpan(folds[f][i] * outputs));
            }
            var (loss, error) = Loss(logits, labels.Span[..count], outputs, held);
            tried.Add((new CrossValidationResult(regularisation, loss, logits[..(count * outputs)], logits[(count * outputs)..], held), error));
            rises = loss > last ? rises + 1 : 0;
            last = loss;
            if (rises == 2) break;
        }
        var best = tried.MinBy(t => t.Result.Loss);
        return tried.Last(t => t.Result.Loss <= best.Result.Loss + options.StandardErrors * best.Error).Result;
    }

    private static int Rarest(ReadOnlySpan<int> labels)
    {
        var second = labels.Count(1);
        return Math.Min(second, labels.Length - second);
    }

    /// <summary>Row numbers left out by each fold; none when fewer than two classes have two labels or more. The only label of a class is left out by none.</summary>
    internal static int[][] Folds(ReadOnlySpan<int> labels, int classes, int count, int seed)
    {
        var byClass = Enumerable.Range(0, classes).Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < labels.Length; i++) byClass[labels[i]].Add(i);
        var present = byClass.Where(c => c.Count > 1).ToArray();
        if (present.Length < 2) return [];
        var smallest = present.Min(c => c.Count);
        var folds = Enumerable.Range(0, Math.Min(count, smallest)).Select(_ => new List<int>()).ToArray();
        var random = new Random(seed);
        var next = 0;
        foreach (var members in present)
        {
            var shuffled = members.ToArray();
            random.Shuffle(shuffled);
            foreach (var i in shuffled) folds[next++ % folds.Length].Add(i);
        }
        return [.. folds.Select(f => f.Order().ToArray())];
    }

    /// <summary>Mean log loss of the labels that were left out, and its standard error.</summary>
    private static (double Mean, double Error) Loss(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int outputs, bool[] held)
    {
        var losses = new List<double>(labels.Length);
        for (var i = 0; i < labels.Length; i++)
            if (held[i])
                losses.Add(LogLoss.Of(logits.Slice(i * outputs, outputs), labels[i]));
        var mean = losses.Average();
        return (mean, Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean))) / losses.Count);
    }

    internal sealed record Part(float[] TrainRows, int[] TrainLabels, float[] HeldRows)
    {
        public static Part Of(ReadOnlySpan<float> rows, int dimension, ReadOnlySpan<int> labels, int[] held)
        {
            var train = new float[rows.Length - held.Length * dimension];
            var trainLabels = new int[labels.Length - held.Length];
            var heldRows = new float[held.Length * dimension];
            for (int i = 0, h = 0, t = 0; i < labels.Length; i++)
            {
                var row = rows.Slice(i * dimension, dimension);
                if (h < held.Length && held[h] == i)
                {
                    row.CopyTo(heldRows.AsSpan(h++ * dimension));
                }
                else
                {
                    row.CopyTo(train.AsSpan(t * dimension));
                    trainLabels[t++] = labels[i];
                }
            }
            return new Part(train, trainLabels, heldRows);
        }
    }
}
