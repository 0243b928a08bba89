using Curator.Core;
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

    /// <summary>Trains on all answers that have an embedding; null while a class has none.</summary>
    public static TaskHead? Train(EmbeddingSource source, RowScaler scaler, LabelingTask task, IReadOnlyList<LabelState> states, CancellationToken cancellationToken)
    {
        var images = new List<ImageId>();
        var labels = new List<int>();
        foreach (var state in states.OrderBy(s => s.Image))
        {
            if (state.Value is null || !source.IsEligible(state.Image)) continue;
            images.Add(state.Image);
            labels.Add(ClassOf(task, state.Value));
        }
        if (labels.Distinct().Count() < task.Classes.Count) return null;
        var head = TrainedHead.Train(source.Read(images), labels.ToArray(), task.Classes.Count, scaler, new HeadOptions(), cancellationToken);
        return new TaskHead(head, images, [.. labels]);
    }

    public static int ClassOf(LabelingTask task, string value)
    {
        for (var c = 0; c < task.Classes.Count; c++)
            if (task.Classes[c] == value)
                return c;
        throw new System.Diagnostics.UnreachableException($"Bug: the answer '{value}' is no class of {task.Name}.");
    }

    /// <exception cref="WorkspaceException">The task has not just two classes.</exception>
    public static void RequireTwoClasses(LabelingTask task)
    {
        if (task.Classes.Count != 2)
            throw new WorkspaceException(
                $"Rounds ask yes or no, and the task {task.Name} has {task.Classes.Count} classes: {string.Join(", ", task.Classes)}.",
                "Make one task for each class, with the classes yes and no: curator learn TASK --example PICTURE.");
    }
}

/// <summary>A head and the labels it was trained on, in the order of its held-out logits.</summary>
internal sealed record TaskHead(TrainedHead Head, IReadOnlyList<ImageId> Images, int[] Labels);
