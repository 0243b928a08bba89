using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Search.Indexes;

namespace Curator.Search.Partitions;

/// <summary>
/// What searches need of the catalog, read once for as long as the database does not change: a search of a small archive would otherwise spend its time on asking. Whether it
/// changed, by whatever process, is told by length and time of its files; a database server is asked each time. Thread-safe.
/// </summary>
internal sealed class CatalogView(Workspace workspace, EncoderRow encoder)
{
    /// <summary>A file written so shortly before it was looked at may change once more without its time showing it; what was read then is not kept.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromMilliseconds(100);

    private CatalogSnapshot? _current;

    /// <summary>The catalog as it is now.</summary>
    public async Task<CatalogSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        var stamp = Stamp();
        if (Volatile.Read(ref _current) is { } known && known.Stamp == stamp) return known;
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var tuning = await SearchTuning.LoadAsync(workspace, encoder, cancellationToken);
        var snapshot = new CatalogSnapshot(workspace, stamp, [.. partitions.OrderBy(partition => partition.Number)], tuning);
        var newest = new DateTime(Math.Max(stamp.FileTicks, stamp.LogTicks), DateTimeKind.Utc);
        if (stamp.FileTicks != 0 && workspace.Clock.GetUtcNow().UtcDateTime - newest > s_settled) Volatile.Write(ref _current, snapshot);
        return snapshot;
    }

    private DatabaseStamp Stamp()
    {
        if (workspace.DatabasePath is not { } path) return default;
        var file = new FileInfo(path);
        var log = new FileInfo(path + "-wal");
        return new DatabaseStamp(
            file.Exists ? file.Length : 0, file.Exists ? file.LastWriteTimeUtc.Ticks : 0, log.Exists ? log.Length : 0, log.Exists ? log.LastWriteTimeUtc.Ticks : 0);
    }
}

/// <summary>Length and time of last write of a database and its write-ahead log; zero where there is no such file, and then nothing is kept.</summary>
internal readonly record struct DatabaseStamp(long FileBytes, long FileTicks, long LogBytes, long LogTicks);

/// <summary>The catalog at one time. Thread-safe; states of a partition are read on first use.</summary>
internal sealed class CatalogSnapshot(Workspace workspace, DatabaseStamp stamp, IReadOnlyList<Partition> partitions, SearchTuning tuning)
{
    private readonly ConcurrentDictionary<(int Partition, int Without), IReadOnlySet<long>> _hidden = new();
    private readonly ConcurrentDictionary<(string Task, string? Value), ILookup<int, long>> _answers = new();

    public DatabaseStamp Stamp => stamp;

    /// <summary>By number.</summary>
    public IReadOnlyList<Partition> Partitions => partitions;

    /// <summary>What was chosen for the encoder, or the defaults.</summary>
    public SearchTuning Tuning => tuning;

    /// <summary>Rows of a partition that are in one of the states.</summary>
    public async ValueTask<IReadOnlySet<long>> HiddenAsync(int partition, IReadOnlyCollection<ImageState> without, CancellationToken cancellationToken)
    {
        if (without.Count == 0) return RowAdmission.NoRows;
        var mask = without.Aggregate(0, (bits, state) => bits | (1 << (int)state));
        if (_hidden.TryGetValue((partition, mask), out var known)) return known;
        var states = await workspace.Catalog.GetImageStatesAsync(partition, cancellationToken);
        var hidden = states.Where(state => (mask >> (int)state.Value & 1) != 0).Select(state => state.Key).ToHashSet();
        return _hidden.GetOrAdd((partition, mask), hidden);
    }

    /// <summary>Of each condition, the rows by partition that have such an answer; kept as long as the snapshot.</summary>
    /// <exception cref="WorkspaceException">No such task, or none of its classes.</exception>
    public async ValueTask<IReadOnlyList<(bool Holds, ILookup<int, long> Rows)>> LabeledAsync(IReadOnlyList<LabelCondition> conditions, CancellationToken cancellationToken)
    {
        var found = new List<(bool Holds, ILookup<int, long> Rows)>(conditions.Count);
        foreach (var condition in conditions)
        {
            if (!_answers.TryGetValue((condition.Task, condition.Value), out var rows))
                rows = _answers.GetOrAdd((condition.Task, condition.Value), await ReadAnswersAsync(condition, cancellationToken));
            found.Add((condition.Holds, rows));
        }

        return found;
    }

    private async Task<ILookup<int, long>> ReadAnswersAsync(LabelCondition condition, CancellationToken cancellationToken)
    {
        var task = await workspace.Labels.GetTaskAsync(condition.Task, cancellationToken);
        if (condition.Value is { } value && value != LabelCondition.Unsure && !task.Classes.Contains(value))
            throw new WorkspaceException($"Task '{task.Name}' has no class '{value}'.", $"Its classes are {string.Join(", ", task.Classes)}, and {LabelCondition.Unsure} where nobody could tell.");
        var states = await workspace.Labels.GetStatesAsync(condition.Task, cancellationToken);
        return states.Where(state => condition.Value is null || (state.Value ?? LabelCondition.Unsure) == condition.Value).ToLookup(state => state.Image.Partition, state => state.Image.Row);
    }
}
