using System.Runtime.CompilerServices;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Classification;

/// <summary>One image of the finished set. An image is of just one class.</summary>
/// <param name="Class">Of the task.</param>
/// <param name="Confidence">1 for a person's answer, else the calibrated probability of <paramref name="Class"/>, 0 to 1.</param>
/// <param name="Person">Who answered; null for the model.</param>
/// <param name="LabeledAt">When the answer was stored; null for the model.</param>
public sealed record FinalLabel(ImageId Image, ImageRecord Record, string Class, float Confidence, string? Person, DateTimeOffset? LabeledAt)
{
    public bool IsHuman => Person is not null;
}

/// <summary>
/// The finished set of a task: people's answers where there are any, the threshold of the last sweep elsewhere. Hidden, duplicate and vanished images, and images that have
/// neither answer nor score, are left out. Ascending by image id. Answers, marks and partitions are those of the moment of opening, so that reading twice gives the same.
/// </summary>
public sealed class FinalSet
{
    private readonly Workspace _workspace;
    private readonly LabelingTask _task;
    private readonly Dictionary<ImageId, LabelState> _answers;
    private readonly Dictionary<long, DateTimeOffset> _times;
    private readonly List<(Partition Partition, IReadOnlyDictionary<long, ImageState> Marked)> _partitions;

    private FinalSet(
        Workspace workspace, LabelingTask task, ClassifyReport? sweep, Dictionary<ImageId, LabelState> answers, Dictionary<long, DateTimeOffset> times,
        List<(Partition Partition, IReadOnlyDictionary<long, ImageState> Marked)> partitions)
    {
        (_workspace, _task, Sweep, _answers, _times, _partitions) = (workspace, task, sweep, answers, times, partitions);
    }

    /// <summary>The sweep whose decisions the set holds; null when it holds people's answers only.</summary>
    public ClassifyReport? Sweep { get; }

    /// <param name="humanOnly">Leaves the model's decisions out; then no sweep is needed.</param>
    /// <exception cref="WorkspaceException">There was no sweep yet.</exception>
    public static async Task<FinalSet> OpenAsync(Workspace workspace, LabelingTask task, bool humanOnly, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        var sweep = humanOnly ? null : await Classifier.GetReportAsync(workspace, task.Name, cancellationToken)
            ?? throw new WorkspaceException($"The task {task.Name} has not been classified.", $"Run 'curator classify {task.Name}' first.");
        var answers = (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Where(s => s.Value is not null).ToDictionary(s => s.Image);
        var decided = answers.Values.Select(s => s.Seq).ToHashSet();
        var times = new Dictionary<long, DateTimeOffset>();
        await foreach (var answer in workspace.Labels.GetEventsAsync(task.Name, 0, cancellationToken))
            if (decided.Contains(answer.Seq)) times[answer.Seq] = answer.ServerAt;
        var partitions = new List<(Partition, IReadOnlyDictionary<long, ImageState>)>();
        foreach (var partition in (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(p => p.Rows > 0).OrderBy(p => p.Number))
            partitions.Add((partition, await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken)));
        return new FinalSet(workspace, task, sweep, answers, times, partitions);
    }

    /// <summary>Streams the set; may be called again.</summary>
    public IEnumerable<FinalLabel> Read(CancellationToken cancellationToken)
    {
        var numbers = new float[ClassifyStage.ScoreColumns(_task.Classes.Count)];
        foreach (var (partition, marked) in _partitions)
        {
            var scorePath = _workspace.ScorePath(partition, _task.Name);
            using var scores = Sweep is not null && File.Exists(scorePath) ? EmbeddingFile.Open(scorePath, $"curator classify {_task.Name}") : null;
            using var manifest = _workspace.OpenManifest(partition);
            long row = -1;
            foreach (var record in manifest.Read(0, partition.Rows))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var id = new ImageId(partition.Number, ++row);
                if (marked.ContainsKey(row)) continue;
                if (_answers.TryGetValue(id, out var answer))
                {
                    yield return new FinalLabel(id, record, answer.Value!, 1, answer.Person, _times[answer.Seq]);
                    continue;
                }
                if (scores is null || row >= scores.Rows) continue;
                scores.Read(row, numbers);
                if (numbers[0] == 0) continue;
                var (decided, confidence) = Decide(numbers, Sweep!.Threshold);
                yield return new FinalLabel(id, record, _task.Classes[decided], confidence, null, null);
            }
        }
    }

    /// <summary>Opens the set and streams it once.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static async IAsyncEnumerable<FinalLabel> ReadAsync(
        Workspace workspace, LabelingTask task, bool humanOnly, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var set = await OpenAsync(workspace, task, humanOnly, cancellationToken);
        foreach (var label in set.Read(cancellationToken)) yield return label;
    }

    /// <summary>Number of the class of an image that nobody answered.</summary>
    /// <param name="numbers">A row of a score file: one number for two classes, else one a class.</param>
    public static int ClassOf(ReadOnlySpan<float> numbers, float threshold) => Decide(numbers, threshold).Class;

    /// <summary>The one class of an image that nobody answered, and its probability.</summary>
    /// <param name="numbers">A row of a score file: one number for two classes, else one a class.</param>
    internal static (int Class, float Confidence) Decide(ReadOnlySpan<float> numbers, float threshold)
    {
        if (numbers.Length == 1) return numbers[0] >= threshold ? (0, numbers[0]) : (1, 1 - numbers[0]);
        var likeliest = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(numbers);
        return (likeliest, numbers[likeliest]);
    }

    /// <summary>The same for scores kept column by column.</summary>
    internal static int Decide(float[][] columns, int row, float threshold)
    {
        if (columns.Length == 1) return columns[0][row] >= threshold ? 0 : 1;
        var likeliest = 0;
        for (var c = 1; c < columns.Length; c++)
            if (columns[c][row] > columns[likeliest][row])
                likeliest = c;
        return likeliest;
    }
}
