using System.Numerics.Tensors;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Heads;

namespace Curator.Labeling.Rounds;

/// <summary>
/// The head of a task is a function of its answers and the archive's embeddings, so it is trained anew where it is needed and never stored as state:
/// rounds and the final sweep cannot disagree.
/// </summary>
internal static class HeadTrainer
{
    private const int ScalerRows = 20_000;
    private const int BackgroundRows = 200;
    private const int MostLabelsWithBackground = 400;
    private const double BackgroundShare = 0.5;
    private const double BackgroundFade = 100;

    /// <summary>Scaling from at most 20,000 rows at even steps over the archive.</summary>
    public static RowScaler FitScaler(EmbeddingSource source)
    {
        var total = source.Parts.Sum(p => p.File.Rows);
        var step = Math.Max(1, (total + ScalerRows - 1) / ScalerRows);
        var rows = new List<float>();
        var row = new float[source.Dimension];
        foreach (var part in source.Parts)
        {
            for (long r = 0; r < part.File.Rows; r += step)
            {
                part.File.Read(r, row);
                rows.AddRange(row);
            }
        }
        return RowScaler.Fit(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows), source.Dimension);
    }

    /// <summary>
    /// Trains on all answers that have an embedding, and on the example as one more positive; null while a class of two, or all but one of more, has none.
    /// </summary>
    public static TaskHead? Train(
        EmbeddingSource source, RowScaler scaler, LabelingTask task, IReadOnlyList<LabelState> states, HeadSettings settings, CancellationToken cancellationToken)
    {
        var images = new List<ImageId>();
        var labels = new List<int>();
        foreach (var state in states.OrderBy(s => s.Image))
        {
            if (state.Value is null || !source.IsEligible(state.Image)) continue;
            images.Add(state.Image);
            labels.Add(ClassOf(task, state.Value));
        }
        var rows = source.Read(images);
        if (settings.Example.Length == source.Dimension && labels.Count > 0)
        {
            rows = [.. rows, .. settings.Example];
            labels.Add(0);
        }
        if (labels.Distinct().Count() < 2) return null;
        var weight = task.Classes.Count == 2 && settings.Kind != HeadKind.Mlp ? BackgroundWeight(labels.Count) : 0;
        var background = weight > 0 ? Background(source, scaler, images, rows, labels) : [];
        return new TaskHead(TrainedHead.Train(rows, labels.ToArray(), background, weight, task.Classes.Count, scaler, settings.ToOptions(), cancellationToken));
    }

    /// <summary>
    /// While there are few labels, rows that nobody looked at stand for the rest of the archive as negatives of small weight: of a rare class nearly all of them
    /// are (learning from positive and unlabeled examples; Elkan and Noto 2008). Without them a head that has seen only look-alikes of the example knows nothing of all else, and ranks
    /// worse than one of random labels.
    /// </summary>
    internal static double BackgroundWeight(int labels) => labels >= MostLabelsWithBackground ? 0 : BackgroundShare * Math.Exp(-labels / BackgroundFade);

    /// <summary>
    /// Rows at even steps over the archive that are not answered, [m, d], without those whose nearest answer is a yes: they may well be positive. So a class that is not rare takes its part
    /// out of the background by itself. The share of positives among the answers would not tell: answers are chosen for being likely.
    /// </summary>
    private static float[] Background(EmbeddingSource source, RowScaler scaler, List<ImageId> answered, float[] rows, List<int> labels)
    {
        var known = answered.ToHashSet();
        var total = source.Parts.Sum(p => p.File.Rows);
        var step = Math.Max(1, total / BackgroundRows);
        var images = new List<ImageId>();
        foreach (var part in source.Parts)
            for (var row = step / 2; row < part.File.Rows; row += step)
                if (part.IsEligible(row) && new ImageId(part.Partition.Number, row) is var image && !known.Contains(image))
                    images.Add(image);
        var background = source.Read(images);
        float[] scaledRows = new float[rows.Length], scaled = new float[background.Length];
        scaler.Apply(rows, scaledRows);
        scaler.Apply(background, scaled);
        var d = source.Dimension;
        return [.. Enumerable.Range(0, images.Count).Where(i => labels[Nearest(scaledRows, scaled.AsSpan(i * d, d))] != 0).SelectMany(i => background[(i * d)..((i + 1) * d)])];
    }

    /// <summary>The row at the smallest Euclidean distance.</summary>
    internal static int Nearest(ReadOnlySpan<float> rows, ReadOnlySpan<float> to)
    {
        var (nearest, smallest) = (0, float.PositiveInfinity);
        for (var i = 0; i * to.Length < rows.Length; i++)
        {
            var distance = TensorPrimitives.Distance(rows.Slice(i * to.Length, to.Length), to);
            if (distance < smallest) (nearest, smallest) = (i, distance);
        }
        return nearest;
    }

    public static int ClassOf(LabelingTask task, string value)
    {
        for (var c = 0; c < task.Classes.Count; c++)
            if (task.Classes[c] == value)
                return c;
        throw new System.Diagnostics.UnreachableException($"Bug: the answer '{value}' is no class of {task.Name}.");
    }
}

/// <summary>A head of a task.</summary>
internal sealed record TaskHead(TrainedHead Head);
