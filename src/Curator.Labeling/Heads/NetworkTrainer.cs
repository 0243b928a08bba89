namespace Curator.Labeling.Heads;

/// <summary>
/// Trains a small network (one hidden layer of tanh) on all labels at once by L-BFGS from seeded first weights, and once more for each fold of a stratified cross-validation, whose
/// left-out logits calibrate it. For classes that bend more than kernel features of one width follow. Same labels, options and seed give the same bits.
/// O(steps · n · d · h) a fit, <see cref="HeadOptions.Folds"/> + 1 fits.
/// </summary>
internal static class NetworkTrainer
{
    private const int MaximumSteps = 80;
    private const double Tolerance = 1e-4;

    /// <param name="rows">[n, d], scaled.</param>
    public static (HiddenLayer Layer, LogisticHead Top, CrossValidationResult Left) Train(
        float[] rows, int dimension, int[] labels, int classes, HeadOptions options, CancellationToken cancellationToken)
    {
        var outputs = classes == 2 ? 1 : classes;
        var folds = CrossValidation.Folds(labels, classes, options.Folds, options.Seed);
        var logits = folds.Length == 0 ? [] : new float[labels.Length * outputs];
        var held = new bool[folds.Length == 0 ? 0 : labels.Length];
        var losses = new List<double>();
        foreach (var fold in folds)
        {
            var part = CrossValidation.Part.Of(rows, dimension, labels, fold);
            var (hidden, head) = Fit(part.TrainRows, dimension, part.TrainLabels, classes, options, cancellationToken);
            var mapped = new float[fold.Length * hidden.OutputDimension];
            hidden.Map(part.HeldRows, mapped);
            var scores = new float[fold.Length * outputs];
            head.Logits(mapped, scores);
            for (var i = 0; i < fold.Length; i++)
            {
                scores.AsSpan(i * outputs, outputs).CopyTo(logits.AsSpan(fold[i] * outputs));
                held[fold[i]] = true;
                losses.Add(LogLoss.Of(scores.AsSpan(i * outputs, outputs), labels[fold[i]]));
            }
        }
        var (layer, top) = Fit(rows, dimension, labels, classes, options, cancellationToken);
        return (layer, top, new CrossValidationResult(options.NetworkRegularisation, losses.Count == 0 ? double.NaN : losses.Average(), logits, [], held));
    }

    private static (HiddenLayer Layer, LogisticHead Top) Fit(float[] rows, int dimension, int[] labels, int classes, HeadOptions options, CancellationToken cancellationToken)
    {
        var (hidden, outputs) = (options.HiddenUnits, classes == 2 ? 1 : classes);
        var x = First(dimension, hidden, outputs, options.Seed);
        var loss = new NetworkLoss(rows, dimension, labels, hidden, outputs, LogisticHead.SampleWeights(labels, classes, options.ClassBalance), options.NetworkRegularisation);
        Lbfgs.Minimise(loss.Evaluate, x, Tolerance, MaximumSteps, cancellationToken);
        int w1 = hidden * dimension, w2 = w1 + hidden, b2 = w2 + outputs * hidden;
        return (
            new HiddenLayer(dimension, Single(x.AsSpan(0, w1)), Single(x.AsSpan(w1, hidden))),
            LogisticHead.FromParts(classes, hidden, Single(x.AsSpan(w2, outputs * hidden)), Single(x.AsSpan(b2, outputs)), options.NetworkRegularisation));
    }

    /// <summary>Weights of deviation 1/√inputs (LeCun et al., Efficient BackProp, 1998, §4.6); rows have mean squared length 1, so the first layer's are of deviation 1.</summary>
    private static double[] First(int dimension, int hidden, int outputs, int seed)
    {
        var random = new Random(seed);
        var x = new double[NetworkLoss.ParameterCount(dimension, hidden, outputs)];
        int w1 = hidden * dimension, w2 = w1 + hidden, b2 = w2 + outputs * hidden;
        for (var i = 0; i < w1; i++) x[i] = Normal(random);
        for (var i = w2; i < b2; i++) x[i] = Normal(random) / Math.Sqrt(hidden);
        return x;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static float[] Single(ReadOnlySpan<double> values)
    {
        var single = new float[values.Length];
        for (var i = 0; i < single.Length; i++) single[i] = (float)values[i];
        return single;
    }
}
