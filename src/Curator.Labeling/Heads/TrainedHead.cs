using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Curator.Labeling.Heads;

/// <summary>
/// A classifier for stored embeddings, complete: scaling, kernel features or a hidden layer, logistic head, calibration. Immutable, thread-safe.
/// Scoring costs O(D·log d) an embedding for D kernel features.
/// </summary>
public sealed class TrainedHead
{
    private const int ScoreBlock = 256;

    /// <summary>Heads without a hidden layer are written as they always were.</summary>
    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private TrainedHead(RowScaler scaler, IFeatureMap features, LogisticHead head, Calibration calibration, double loss, float[] heldOutLogits)
    {
        (Scaler, Features, Head, Calibration, CrossValidationLoss, HeldOutLogits) = (scaler, features, head, calibration, loss, heldOutLogits);
    }

    public RowScaler Scaler { get; }

    /// <summary>Kernel features, or the hidden layer of a small network.</summary>
    public IFeatureMap Features { get; }

    /// <summary>On mapped rows.</summary>
    public LogisticHead Head { get; }

    public Calibration Calibration { get; }

    /// <summary>Mean log loss on left-out labels, nats; NaN when there were too few labels.</summary>
    public double CrossValidationLoss { get; }

    /// <summary>[labels, outputs] in the order of the training labels: logits by heads that had not seen the label. Empty when there were too few labels, or after reading from text.</summary>
    public float[] HeldOutLogits { get; }

    /// <summary>Of the embeddings.</summary>
    public int Dimension => Scaler.Dimension;

    public int Classes => Head.Classes;

    /// <summary>Chooses λ by cross-validation, fits on all labels and calibrates on the left-out scores.</summary>
    /// <param name="rows">[n, d] embeddings as stored, not scaled.</param>
    /// <param name="labels">[n]; class 0 is the positive one.</param>
    public static TrainedHead Train(
        ReadOnlySpan<float> rows, ReadOnlySpan<int> labels, int classes, RowScaler scaler, HeadOptions options, CancellationToken cancellationToken) =>
        Train(rows, labels, default, 0, classes, scaler, options, cancellationToken);

    /// <summary>The same with a background: unlabeled rows that count as a little bit of the last class, and twice as much of it in Platt's calibration; two classes only.</summary>
    /// <param name="background">[m, d] embeddings as stored.</param>
    /// <param name="backgroundWeight">Of each, where a label weighs 1.</param>
    public static TrainedHead Train(
        ReadOnlySpan<float> rows, ReadOnlySpan<int> labels, ReadOnlySpan<float> background, double backgroundWeight, int classes, RowScaler scaler, HeadOptions options,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, labels.Length * scaler.Dimension);
        var scaled = new float[rows.Length];
        scaler.Apply(rows, scaled);
        var copy = labels.ToArray();
        if (options.HiddenUnits > 0)
        {
            var (layer, top, left) = NetworkTrainer.Train(scaled, scaler.Dimension, copy, classes, options, cancellationToken);
            return new TrainedHead(scaler, layer, top, Calibrate(left, copy, classes), left.Loss, left.Logits);
        }
        var features = new KernelFeatures(scaler.Dimension, options.KernelCount, options.KernelGamma, options.Seed);
        var weights = LogisticHead.SampleWeights(copy, classes, options.ClassBalance);
        var all = copy;
        if (background.Length > 0)
        {
            var extra = background.Length / scaler.Dimension;
            all = [.. copy, .. Enumerable.Repeat(classes - 1, extra)];
            weights = [.. weights, .. Enumerable.Repeat(backgroundWeight, extra)];
            Array.Resize(ref scaled, all.Length * scaler.Dimension);
            scaler.Apply(background, scaled.AsSpan(rows.Length));
        }
        var mapped = new float[all.Length * features.OutputDimension];
        features.Map(scaled, mapped);
        var basis = 4 * all.Length < 3 * features.OutputDimension ? RowBasis.Of(mapped, features.OutputDimension) : null;
        var (fitRows, width) = basis is null ? (mapped, features.OutputDimension) : (basis.Turned(), basis.Count);
        var chosen = CrossValidation.Run(fitRows, width, all, copy.Length, weights, classes, options, cancellationToken);
        var fit = new LogisticOptions { Regularisation = chosen.Regularisation, ClassBalance = options.ClassBalance };
        var head = LogisticHead.Fit(fitRows, width, all, classes, fit, weights, null, cancellationToken);
        head = basis?.Restore(head) ?? head;
        var calibration = chosen.Background.Length == 0 ? Calibrate(chosen, copy, classes) : CalibrateWithBackground(chosen, copy, Math.Min(1, backgroundWeight * 2));
        return new TrainedHead(scaler, features, head, calibration, chosen.Loss, chosen.Logits);
    }

    /// <summary>
    /// Platt on the labels and on the background as negatives, all left out of the heads that scored them: the archive, too, is scored by a head that has not seen it. Of ten labels alone
    /// no probability below a tenth can be learned, and of 10,000 unlabeled rows a tenth would be called positive.
    /// </summary>
    private static Calibration CalibrateWithBackground(CrossValidationResult left, int[] labels, double weight) => Calibration.FitPlatt(
        [.. left.Logits, .. left.Background], [.. labels, .. Enumerable.Repeat(1, left.Background.Length)],
        [.. Enumerable.Repeat(1f, labels.Length), .. Enumerable.Repeat((float)weight, left.Background.Length)]);

    /// <summary>On labels that the heads had not seen.</summary>
    private static Calibration Calibrate(CrossValidationResult left, int[] labels, int classes)
    {
        if (left.Logits.Length == 0) return Calibration.None;
        if (classes == 2) return Calibration.FitPlatt(left.Logits, labels);
        var held = Enumerable.Range(0, labels.Length).Where(i => left.Held[i]).ToArray();
        return Calibration.FitTemperature([.. held.SelectMany(i => left.Logits.Skip(i * classes).Take(classes))], [.. held.Select(i => labels[i])], classes);
    }

    /// <summary>Logits before calibration. <paramref name="rows"/>: [n, d] as stored; <paramref name="logits"/>: [n, outputs].</summary>
    public void Logits(ReadOnlySpan<float> rows, Span<float> logits)
    {
        var n = rows.Length / Dimension;
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, n * Head.Outputs);
        var scaled = new float[Math.Min(n, ScoreBlock) * Dimension];
        for (var start = 0; start < n; start += ScoreBlock)
        {
            var count = Math.Min(ScoreBlock, n - start);
            var block = scaled.AsSpan(0, count * Dimension);
            Scaler.Apply(rows.Slice(start * Dimension, count * Dimension), block);
            LogitsOfScaled(block, logits.Slice(start * Head.Outputs, count * Head.Outputs));
        }
    }

    /// <summary>The same for rows that <see cref="Scaler"/> has scaled already.</summary>
    internal void LogitsOfScaled(ReadOnlySpan<float> scaled, Span<float> logits)
    {
        var n = scaled.Length / Dimension;
        var mapped = new float[Math.Min(n, ScoreBlock) * Features.OutputDimension];
        for (var start = 0; start < n; start += ScoreBlock)
        {
            var count = Math.Min(ScoreBlock, n - start);
            var block = mapped.AsSpan(0, count * Features.OutputDimension);
            Features.Map(scaled.Slice(start * Dimension, count * Dimension), block);
            Head.Logits(block, logits.Slice(start * Head.Outputs, count * Head.Outputs));
        }
    }

    /// <summary>Probabilities of the positive class of a two-class head: <paramref name="probabilities"/> is [n].</summary>
    public void PositiveProbabilities(ReadOnlySpan<float> rows, Span<float> probabilities)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Classes, 2);
        Logits(rows, probabilities);
        for (var i = 0; i < probabilities.Length; i++) probabilities[i] = Calibration.Probability(probabilities[i]);
    }

    /// <summary>Probabilities of all classes: [n, classes], each row summing to 1.</summary>
    public void Probabilities(ReadOnlySpan<float> rows, Span<float> probabilities)
    {
        var n = rows.Length / Dimension;
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, n * Classes);
        var logits = new float[n * Head.Outputs];
        Logits(rows, logits);
        ToProbabilities(logits, probabilities);
    }

    /// <summary>The same for rows that <see cref="Scaler"/> has scaled already.</summary>
    internal void ProbabilitiesOfScaled(ReadOnlySpan<float> scaled, Span<float> probabilities)
    {
        var n = scaled.Length / Dimension;
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, n * Classes);
        var logits = new float[n * Head.Outputs];
        LogitsOfScaled(scaled, logits);
        ToProbabilities(logits, probabilities);
    }

    /// <summary>The same for rows that <see cref="Features"/> has mapped already.</summary>
    internal void ProbabilitiesOfMapped(ReadOnlySpan<float> mapped, Span<float> probabilities)
    {
        var logits = new float[mapped.Length / Features.OutputDimension * Head.Outputs];
        Head.Logits(mapped, logits);
        ToProbabilities(logits, probabilities);
    }

    private void ToProbabilities(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        if (Classes == 2)
        {
            for (var i = 0; i < logits.Length; i++)
            {
                var positive = Calibration.Probability(logits[i]);
                (probabilities[2 * i], probabilities[2 * i + 1]) = (positive, 1 - positive);
            }
            return;
        }
        for (var i = 0; i < logits.Length; i += Classes)
        {
            var row = probabilities.Slice(i, Classes);
            System.Numerics.Tensors.TensorPrimitives.Multiply(logits.Slice(i, Classes), (float)Calibration.Slope, row);
            System.Numerics.Tensors.TensorPrimitives.SoftMax(row, row);
        }
    }

    /// <summary>One line of JSON with all numbers to their last bit.</summary>
    public string ToJson()
    {
        var (kernel, layer) = (Features as KernelFeatures, Features as HiddenLayer);
        return JsonSerializer.Serialize(
            new Stored(
                1, Classes, Dimension, kernel?.Count ?? 0, kernel?.Gamma ?? 1, kernel?.Seed ?? 1, Head.Weights, Head.Biases, Head.Regularisation, Scaler.Mean.ToArray(), Scaler.Factor,
                Calibration.Slope, Calibration.Offset, layer?.Weights, layer?.Biases),
            Json);
    }

    /// <exception cref="Curator.Core.ArtefactException">The text is no head.</exception>
    public static TrainedHead FromJson(string json)
    {
        try
        {
            var s = JsonSerializer.Deserialize<Stored>(json);
            if (s is not { Version: 1 } || s.Mean.Length != s.Dimension) throw new JsonException("not a head of version 1");
            IFeatureMap features = s.HiddenWeights is { } weights && s.HiddenBiases is { } biases
                ? new HiddenLayer(s.Dimension, weights, biases) : new KernelFeatures(s.Dimension, s.Kernels, s.Gamma, s.Seed);
            var head = LogisticHead.FromParts(s.Classes, features.OutputDimension, s.Weights, s.Biases, s.Regularisation);
            return new TrainedHead(new RowScaler(s.Mean, s.Factor), features, head, new Calibration(s.Slope, s.Offset), double.NaN, []);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NullReferenceException)
        {
            throw new Core.ArtefactException($"The stored head cannot be read: {e.Message}.", "Train it again with: curator learn TASK", e);
        }
    }

    /// <summary>SHA-256 of the numbers: 64 hexadecimal digits.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())));

    private sealed record Stored(
        int Version, int Classes, int Dimension, int Kernels, float Gamma, int Seed, float[] Weights, float[] Biases, double Regularisation, float[] Mean, float Factor, double Slope, double Offset,
        float[]? HiddenWeights = null, float[]? HiddenBiases = null);
}
