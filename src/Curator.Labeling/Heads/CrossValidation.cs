namespace Curator.Labeling.Heads;

/// <summary>What cross-validation found.</summary>
/// <param name="Regularisation">λ with the smallest mean log loss on left-out labels.</param>
/// <param name="Loss">That loss, nats a label; NaN when there were too few labels to leave any out.</param>
/// <param name="Logits">[n, outputs]: every label's logits by a head that had not seen it; empty when there were too few labels.</param>
internal sealed record CrossValidationResult(double Regularisation, double Loss, float[] Logits);

/// <summary>
/// Chooses λ by stratified k-fold cross-validation (The Elements of Statistical Learning, §7.10). Folds depend on labels and seed only. Along the falling
/// path of λ every fold starts from its last head; the path ends when the loss rose twice in a row. Of the λ whose loss is within
/// <see cref="HeadOptions.StandardErrors"/> of the smallest, the smallest λ is taken: labels chosen for being hard make heads look better the more they hedge.
/// </summary>
internal static class CrossValidation
{
    public static CrossValidationResult Run(
        ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<int> labels, int classes, HeadOptions options, CancellationToken cancellationToken)
    {
        var folds = Folds(labels.Span, classes, options.Folds, options.Seed);
        if (folds.Length == 0) return new CrossValidationResult(options.FewLabelsRegularisation, double.NaN, []);
        var outputs = classes == 2 ? 1 : classes;
        var parts = folds.Select(fold => Part.Of(rows.Span, dimension, labels.Span, fold)).ToArray();
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
                heads[f] = LogisticHead.Fit(parts[f].TrainRows, dimension, parts[f].TrainLabels, classes, fit, heads[f], cancellationToken);
                var held = new float[folds[f].Length * outputs];
                heads[f]!.Logits(parts[f].HeldRows, held);
                for (var i = 0; i < folds[f].Length; i++)
                    held.AsSpan(i * outputs, outputs).CopyTo(logits.AsSpan(folds[f][i] * outputs));
            }
            var (loss, error) = Loss(logits, labels.Span, outputs);
            tried.Add((new CrossValidationResult(regularisation, loss, logits), error));
            rises = loss > last ? rises + 1 : 0;
            last = loss;
            if (rises == 2) break;
        }
        var best = tried.MinBy(t => t.Result.Loss);
        return tried.Last(t => t.Result.Loss <= best.Result.Loss + options.StandardErrors * best.Error).Result;
    }

    /// <summary>Row numbers left out by each fold; none when a class has fewer than two labels.</summary>
    internal static int[][] Folds(ReadOnlySpan<int> labels, int classes, int count, int seed)
    {
        var byClass = Enumerable.Range(0, classes).Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < labels.Length; i++) byClass[labels[i]].Add(i);
        var present = byClass.Where(c => c.Count > 0).ToArray();
        var smallest = present.Min(c => c.Count);
        if (present.Length < 2 || smallest < 2) return [];
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

    /// <summary>Mean log loss and its standard error.</summary>
    private static (double Mean, double Error) Loss(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int outputs)
    {
        var losses = new double[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            if (outputs == 1)
            {
                double margin = labels[i] == 0 ? logits[i] : -logits[i];
                losses[i] = margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : -margin + Math.Log(1 + Math.Exp(margin));
                continue;
            }
            var row = logits.Slice(i * outputs, outputs);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (var z in row) largest = Math.Max(largest, z);
            foreach (var z in row) sum += Math.Exp(z - largest);
            losses[i] = largest + Math.Log(sum) - row[labels[i]];
        }
        var mean = losses.Average();
        return (mean, Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean))) / losses.Length);
    }

    private sealed record Part(float[] TrainRows, int[] TrainLabels, float[] HeldRows)
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
