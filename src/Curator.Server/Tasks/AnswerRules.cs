using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Server.Tasks;

/// <summary>
/// What answers are checked against: classes of their task, rows of the partitions. Both only ever grow, so what was read once is used until an answer does not fit it; then it is read anew. That
/// saves two reads an answer. Thread-safe.
/// </summary>
internal sealed class AnswerRules(Workspace workspace)
{
    private readonly ConcurrentDictionary<string, LabelingTask> _tasks = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<int, long> _rows = new Dictionary<int, long>();

    /// <summary>The task with at least the classes that it had when an answer with one of them was given; null when there is none of that name.</summary>
    public async Task<LabelingTask?> FindTaskAsync(string name, Answer[] answers, CancellationToken cancellationToken)
    {
        if (_tasks.TryGetValue(name, out var known) && answers.All(answer => answer?.Value is not { } value || known.Classes.Contains(value, StringComparer.Ordinal))) return known;
        if (await workspace.Labels.FindTaskAsync(name, cancellationToken) is not { } found) return null;
        return _tasks[name] = found;
    }

    /// <summary>Partition → rows.</summary>
    public async Task<IReadOnlyDictionary<int, long>> RowsAsync(Answer[] answers, CancellationToken cancellationToken)
    {
        var rows = _rows;
        if (answers.All(answer => answer is null || !ImageId.TryParse(answer.ImageId, null, out var image) || image.Row < rows.GetValueOrDefault(image.Partition))) return rows;
        return _rows = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number, partition => partition.Rows);
    }
}
