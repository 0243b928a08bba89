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
        var weight = task.Classes.Count == 2 && settings.Kind != HeadKind.Mlp ? BackgroundWeight(labels) : 0;
        var background = weight > 0 ? Background(source, images) : [];
        return new TaskHead(TrainedHead.Train(rows, labels.ToArray(), background, weight, task.Classes.Count, scaler, settings.ToOptions(), cancellationToken));
    }

    /// <summary>
    /// While there are few labels, and few of them positive, rows that nobody looked at stand for the rest of the archive as negatives of small weight: of a rare class nearly all of them
    /// are (learning from positive and unlabeled examples; Elkan and Noto 2008). Without them a head that has seen only look-alikes of the example knows nothing of all else, and ranks
    /// worse than one of random labels. The weight falls with the labels and with the share of positives among them.
    /// </summary>
    internal static double BackgroundWeight(IReadOnlyCollection<int> labels)
    {
        if (labels.Count >= MostLabelsWithBackground) return 0;
        var share = (double)labels.Count(l => l == 0) / labels.Count;
        return BackgroundShare * Math.Max(0, 1 - 2 * share) * Math.Exp(-labels.Count / BackgroundFade);
    }

    /// <summary>Rows at even steps over the archive that are not answered: [m, d].</summary>
    private static float[] Background(EmbeddingSource source, List<ImageId> answered)
    {
        var known = answered.ToHashSet();
        var total = source.Parts.Sum(p => p.File.Rows);
        var step = Math.Max(1, total / BackgroundRows);
        var images = new List<ImageId>();
        foreach (var part in source.Parts)
            for (var row = step / 2; row < part.File.Rows; row += step)
                if (part.IsEligible(row) && new ImageId(part.Partition.Number, row) is var image && !known.Contains(image))
                    images.Add(image);
        return source.Read(images);
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
