using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Classification;

/// <summary>A picture that nobody answered and the sweep was least sure of.</summary>
/// <param name="Probability">Of the task's first class, by the sweep.</param>
public sealed record BorderImage(ImageId Image, float Probability);

/// <summary>Pictures without an answer on either side of the sweep's threshold: where its decisions are most often wrong, so where people's answers change most.</summary>
public static class ThresholdBorder
{
    /// <summary>
    /// As many from above as from below, as far as there are; the other side gives what one lacks. One pass over the score files: 4 bytes an image read, O(n log count).
    /// </summary>
    /// <param name="count">At most, from 1.</param>
    /// <returns>Greatest probability first.</returns>
    /// <exception cref="WorkspaceException">There was no sweep yet.</exception>
    public static async Task<(float Threshold, IReadOnlyList<BorderImage> Images)> ReadAsync(
        Workspace workspace, LabelingTask task, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var sweep = await Classifier.GetReportAsync(workspace, task.Name, cancellationToken)
            ?? throw new WorkspaceException($"The task {task.Name} has not been classified.", $"Run 'curator classify {task.Name}' first.");
        var answered = (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Select(s => s.Image).ToHashSet();
        // The farthest from the threshold leave first.
        var above = new PriorityQueue<BorderImage, (double, ImageId)>(Farthest.First);
        var below = new PriorityQueue<BorderImage, (double, ImageId)>(Farthest.First);
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            var path = workspace.ScorePath(partition, task.Name);
            if (!File.Exists(path)) continue;
            var marked = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            using var file = EmbeddingFile.Open(path, $"curator classify {task.Name}");
            Collect(file, partition.Number, marked, answered, sweep.Threshold, count, above, below, cancellationToken);
        }
        var fromBelow = Math.Min(below.Count, Math.Max(count / 2, count - above.Count));
        var fromAbove = Math.Min(above.Count, count - fromBelow);
        while (above.Count > fromAbove) above.Dequeue();
        while (below.Count > fromBelow) below.Dequeue();
        return (sweep.Threshold, [.. above.UnorderedItems.Concat(below.UnorderedItems).Select(i => i.Element).OrderByDescending(i => i.Probability).ThenBy(i => i.Image)]);
    }

    private static void Collect(
        EmbeddingFile file, int partition, IReadOnlyDictionary<long, ImageState> marked, HashSet<ImageId> answered, float threshold, int count,
        PriorityQueue<BorderImage, (double, ImageId)> above, PriorityQueue<BorderImage, (double, ImageId)> below, CancellationToken cancellationToken)
    {
        const int Block = 1 << 16;
        for (long first = 0; first < file.Rows; first += Block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scores = file.SingleRows(first, (int)Math.Min(Block, file.Rows - first));
            for (var i = 0; i < scores.Length; i++)
            {
                var image = new ImageId(partition, first + i);
                // 0 says that the image has no embedding.
                if (scores[i] == 0 || marked.ContainsKey(image.Row) || answered.Contains(image)) continue;
                var side = scores[i] >= threshold ? above : below;
                var key = (Math.Abs((double)scores[i] - threshold), image);
                if (side.Count < count) side.Enqueue(new BorderImage(image, scores[i]), key);
                else side.EnqueueDequeue(new BorderImage(image, scores[i]), key);
            }
        }
    }

    private sealed class Farthest : IComparer<(double Distance, ImageId Image)>
    {
        public static Farthest First { get; } = new();

        public int Compare((double Distance, ImageId Image) x, (double Distance, ImageId Image) y) =>
            x.Distance != y.Distance ? y.Distance.CompareTo(x.Distance) : y.Image.CompareTo(x.Image);
    }
}
