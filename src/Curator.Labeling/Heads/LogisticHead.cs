using System.Numerics.Tensors;

namespace Curator.Labeling.Heads;

/// <summary>
/// L2-regularised logistic regression on embeddings, two classes or more. Minimises
/// Σᵢ uᵢ·(−ln p(yᵢ|xᵢ)) / Σᵢ uᵢ + λ/2·‖W‖² (the bias is free) with p = σ(w·x + b) for two classes and softmax(W·x + b) for more
/// (Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, §4.4). uᵢ = 1, or the inverse frequency of the class raised to a power.
/// Immutable and thread-safe once fitted; the same inputs give the same bits on the same processor kind.
/// Cost: fitting O(steps · n · d · outputs), scoring one dot product a row and output.
/// </summary>
public sealed class LogisticHead
{
    private LogisticHead(int classes, int dimension, float[] weights, float[] biases, double regularisation)
    {
        (Classes, Dimension, Weights, Biases, Regularisation) = (classes, dimension, weights, biases, regularisation);
    }

    public int Classes { get; }

    public int Dimension { get; }

    /// <summary>1 for two classes (the logit of class 0, the positive one), else one a class.</summary>
    public int Outputs => Biases.Length;

    /// <summary>[Outputs, Dimension], row-major.</summary>
    public float[] Weights { get; }

    /// <summary>[Outputs].</summary>
    public float[] Biases { get; }

    /// <summary>λ.</summary>
    public double Regularisation { get; }

    /// <summary>Puts a head together from stored numbers.</summary>
    public static LogisticHead FromParts(int classes, int dimension, float[] weights, float[] biases, double regularisation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        var outputs = classes == 2 ? 1 : classes;
        ArgumentOutOfRangeException.ThrowIfNotEqual(biases.Length, outputs);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, outputs * dimension);
        return new LogisticHead(classes, dimension, weights, biases, regularisation);
    }

    /// <param name="rows">[n, d], row-major; scaled so that λ means the same for all features (<see cref="RowScaler"/>).</param>
    /// <param name="labels">[n], class numbers from 0; class 0 is the positive one. Every class need not occur.</param>
    /// <param name="start">A head to begin from (faster along a path of λ), or null for zeros. Changes only how soon the minimum is reached.</param>
    public static LogisticHead Fit(
        ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<int> labels, int classes, LogisticOptions options, LogisticHead? start, CancellationToken cancellationToken) =>
        Fit(rows, dimension, labels, classes, options, SampleWeights(labels.Span, classes, options.ClassBalance), start, cancellationToken);

    /// <summary>The same with weights at hand.</summary>
    /// <param name="weights">[n], 0 or more: uᵢ.</param>
    internal static LogisticHead Fit(
        ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<int> labels, int classes, LogisticOptions options, double[] weights, LogisticHead? start,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, labels.Length * dimension);
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length);
        var outputs = classes == 2 ? 1 : classes;
        var loss = new LogisticLoss(rows, dimension, labels, outputs, weights, options.Regularisation);
        var x = new double[outputs * (dimension + 1)];
        if (start is not null && start.Dimension == dimension && start.Classes == classes)
        {
            for (var i = 0; i < start.Weights.Length; i++) x[i] = start.Weights[i];
            for (var k = 0; k < outputs; k++) x[outputs * dimension + k] = start.Biases[k];
        }
        Lbfgs.Minimise(loss.Evaluate, x, options.Tolerance, options.MaximumSteps, cancellationToken);
        var w = new float[outputs * dimension];
        var b = new float[outputs];
        for (var i = 0; i < w.Length; i++) w[i] = (float)x[i];
        for (var k = 0; k < outputs; k++) b[k] = (float)x[outputs * dimension + k];
        return new LogisticHead(classes, dimension, w, b, options.Regularisation);
    }

    /// <summary>Logits: [n, Outputs].</summary>
    public void Logits(ReadOnlySpan<float> rows, Span<float> logits)
    {
        var n = rows.Length / Dimension;
        for (var r = 0; r < n; r++)
            for (var k = 0; k < Outputs; k++)
                logits[r * Outputs + k] = TensorPrimitives.Dot(rows.Slice(r * Dimension, Dimension), Weights.AsSpan(k * Dimension, Dimension)) + Biases[k];
    }

    /// <summary>uᵢ = (n / (classes present · n of the class))^power: power 0 leaves all at 1, power 1 gives every class the same total weight.</summary>
    internal static double[] SampleWeights(ReadOnlySpan<int> labels, int classes, double power)
    {
        var counts = new int[classes];
        foreach (var label in labels) counts[label]++;
        var present = counts.Count(c => c > 0);
        var weights = new double[labels.Length];
        for (var i = 0; i < labels.Length; i++)
            weights[i] = Math.Pow((double)labels.Length / present / counts[labels[i]], power);
        return weights;
    }
}
