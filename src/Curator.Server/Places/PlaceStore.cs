using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Labels;
using Curator.Labeling.Classification;

namespace Curator.Server.Places;

/// <summary>One partition as a view looks through it.</summary>
/// <param name="Marked">Rows that are hidden, vanished or duplicates.</param>
/// <param name="Labels">Null without a task.</param>
internal sealed record PlacesOfPartition(PlaceColumns Columns, IReadOnlyDictionary<long, ImageState> Marked, PlaceLabels? Labels);

/// <summary>
/// Keeps footprints and labels in memory: footprints until a partition changes, labels until an answer comes or a sweep ends, marks for a few seconds. Thread-safe. First use reads the
/// manifests: about four seconds a million images.
/// </summary>
internal sealed class PlaceStore(Workspace workspace) : IDisposable
{
    private static readonly TimeSpan MarksStay = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<int, PlaceColumns> _columns = [];
    private readonly Dictionary<string, (string Version, IReadOnlyDictionary<int, PlaceLabels> Labels)> _labels = [];
    private Dictionary<int, IReadOnlyDictionary<long, ImageState>> _marks = [];
    private long _marksReadAt;

    /// <param name="task">Whose labels are wanted; null for none.</param>
    public async Task<IReadOnlyList<PlacesOfPartition>> ReadAsync(LabelingTask? task, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).OrderBy(p => p.Number).ToList();
            foreach (var partition in partitions)
                if (!_columns.TryGetValue(partition.Number, out var known) || known.Partition.Fingerprint != partition.Fingerprint)
                    _columns[partition.Number] = await Task.Run(() => PlaceColumns.Read(workspace, partition, cancellationToken), cancellationToken);
            if (_marks.Count < partitions.Count || workspace.Clock.GetElapsedTime(_marksReadAt) > MarksStay)
            {
                var marks = new Dictionary<int, IReadOnlyDictionary<long, ImageState>>();
                foreach (var partition in partitions) marks[partition.Number] = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
                (_marks, _marksReadAt) = (marks, workspace.Clock.GetTimestamp());
            }
            var labels = task is null ? null : await LabelsAsync(task, cancellationToken);
            return [.. partitions.Where(p => _columns[p.Number].Count > 0).Select(p => new PlacesOfPartition(_columns[p.Number], _marks[p.Number], labels?[p.Number]))];
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<IReadOnlyDictionary<int, PlaceLabels>> LabelsAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        var sweep = await Classifier.GetReportAsync(workspace, task.Name, cancellationToken);
        var seq = await workspace.Labels.GetNewestSeqAsync(cancellationToken);
        var version = $"{seq} {task.Revision} {sweep?.Head} {sweep?.Threshold} {string.Join(' ', _columns.Values.Select(c => c.Partition.Fingerprint))}";
        if (_labels.TryGetValue(task.Name, out var known) && known.Version == version) return known.Labels;
        var answers = (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Where(s => s.Value is not null).ToLookup(s => s.Image.Partition);
        var numbers = task.Classes.Select((name, i) => (name, (sbyte)(i + 1))).Take(sbyte.MaxValue).ToDictionary();
        var labels = _columns.Values.ToDictionary(columns => columns.Partition.Number, columns => Label(columns, answers[columns.Partition.Number], numbers, task, sweep));
        _labels[task.Name] = (version, labels);
        return labels;
    }

    private PlaceLabels Label(PlaceColumns columns, IEnumerable<LabelState> answers, Dictionary<string, sbyte> numbers, LabelingTask task, ClassifyReport? sweep)
    {
        var classes = new sbyte[columns.Count];
        var path = workspace.ScorePath(columns.Partition, task.Name);
        if (sweep is not null && File.Exists(path))
        {
            using var scores = EmbeddingFile.Open(path, $"curator classify {task.Name}");
            var row = new float[scores.Dimension];
            for (var i = 0; i < classes.Length && columns.Rows[i] < scores.Rows; i++)
            {
                scores.Read(columns.Rows[i], row);
                if (row[0] != 0) classes[i] = (sbyte)-(FinalSet.ClassOf(row, sweep.Threshold) + 1);
            }
        }
        foreach (var answer in answers)
            if (columns.Rows.BinarySearch((int)answer.Image.Row) is >= 0 and var at)
                classes[at] = numbers.GetValueOrDefault(answer.Value!);
        return new PlaceLabels(classes);
    }
}
