using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Classification;

/// <summary>An image that the sweep decided with little to spare.</summary>
/// <param name="Class">What the finished set calls it now.</param>
/// <param name="Probability">Of <paramref name="Class"/>, 0 to 1.</param>
/// <param name="Doubt">0 for a clear case, 1 at the boundary: by it the queue is ordered.</param>
public sealed record ReviewItem(ImageId Image, string Class, float Probability, double Doubt);

/// <summary>
/// What is worth a look after the sweep: images that nobody answered, nearest to the threshold first; with more than two classes, the smallest lead of the likeliest over the next.
/// Made from the score files when asked for, so that it is never older than the answers. Reads 4 bytes an image and class.
/// </summary>
public static class ReviewList
{
    /// <param name="count">At most.</param>
    /// <exception cref="WorkspaceException">There was no sweep yet.</exception>
    public static async Task<IReadOnlyList<ReviewItem>> ReadAsync(Workspace workspace, LabelingTask task, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        var sweep = await Classifier.GetReportAsync(workspace, task.Name, cancellationToken)
            ?? throw new WorkspaceException($"The task {task.Name} has not been classified.", $"Run 'curator classify {task.Name}' first.");
        var answered = (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Select(s => s.Image).ToHashSet();
        // The most doubtful on top: the least doubtful of those kept is the first to go.
        var kept = new PriorityQueue<ReviewItem, (double Doubt, ImageId Image)>(Comparer<(double Doubt, ImageId Image)>.Create((a, b) =>
            a.Doubt != b.Doubt ? a.Doubt.CompareTo(b.Doubt) : b.Image.CompareTo(a.Image)));
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            var path = workspace.ScorePath(partition, task.Name);
            if (!File.Exists(path)) continue;
            var marked = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            using var file = EmbeddingFile.Open(path, $"curator classify {task.Name}");
            var columns = file.Dimension;
            var scores = new float[file.Rows * columns];
            file.Read(0, scores);
            for (long row = 0; row < file.Rows; row++)
            {
                var numbers = scores.AsSpan((int)(row * columns), columns);
                var image = new ImageId(partition.Number, row);
                if (numbers[0] == 0 || marked.ContainsKey(row) || answered.Contains(image)) continue;
                var (decided, confidence) = FinalSet.Decide(numbers, sweep.Threshold);
                var doubt = Doubt(numbers, sweep.Threshold);
                if (kept.Count == count && kept.TryPeek(out _, out var least) && (least.Doubt > doubt || (least.Doubt == doubt && least.Image < image))) continue;
                kept.Enqueue(new ReviewItem(image, task.Classes[decided], confidence, doubt), (doubt, image));
                if (kept.Count > count) kept.Dequeue();
            }
        }
        var items = new List<ReviewItem>(kept.Count);
        while (kept.TryDequeue(out var item, out _)) items.Add(item);
        items.Reverse();
        return items;
    }

    /// <summary>Two classes: 1 / (1 + |logit p − logit t|), for a step near 0 or 1 is a long way; more: 1 − (p₁ − p₂).</summary>
    private static double Doubt(ReadOnlySpan<float> numbers, float threshold)
    {
        if (numbers.Length == 1) return 1 / (1 + Math.Abs(Logit(numbers[0]) - Logit(threshold)));
        float first = 0, second = 0;
        foreach (var p in numbers)
        {
            if (p > first) (first, second) = (p, first);
            else if (p > second) second = p;
        }
        return 1 - (first - second);
    }

    private static double Logit(double p) => Math.Log(Math.Clamp(p, 1e-9, 1 - 1e-9) / (1 - Math.Clamp(p, 1e-9, 1 - 1e-9)));
}
