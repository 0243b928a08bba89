using System.Data.Common;
using System.Runtime.CompilerServices;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// Tasks, append-only label events and their projection, queues and rounds. Appends go through one writer with group commit: when a call
/// returns, the event is on disk (synchronous = FULL). Thread-safe; safe between processes.
/// </summary>
public sealed class LabelStore : IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly TaskTable _tasks;
    private readonly RoundTable _rounds;
    private readonly LabelAudit _audit;
    private readonly LabelAppender _appender;

    internal LabelStore(SqliteDatabase database, TimeProvider clock)
    {
        _database = database;
        _tasks = new TaskTable(database);
        _rounds = new RoundTable(database, clock);
        _audit = new LabelAudit(database);
        _appender = new LabelAppender(database, clock);
    }

    /// <exception cref="WorkspaceException">A task of that name exists with another question or classes.</exception>
    public Task<LabelingTask> GetOrAddTaskAsync(LabelingTask task, CancellationToken cancellationToken) => _tasks.GetOrAddAsync(task, cancellationToken);

    /// <exception cref="WorkspaceException">No such task; names those there are.</exception>
    public Task<LabelingTask> GetTaskAsync(string name, CancellationToken cancellationToken) => _tasks.GetAsync(name, cancellationToken);

    /// <summary>All tasks by name.</summary>
    public Task<IReadOnlyList<LabelingTask>> GetTasksAsync(CancellationToken cancellationToken) => _tasks.GetAllAsync(cancellationToken);

    /// <exception cref="WorkspaceException">No such task.</exception>
    public Task SetTaskEncoderAsync(string task, string encoder, CancellationToken cancellationToken) => _tasks.SetEncoderAsync(task, encoder, cancellationToken);

    /// <summary>Stores an answer durably. Sent again with the same operation id, it answers with the first event. A cancelled call may have been stored.</summary>
    /// <exception cref="WorkspaceException">Unknown task, or a value that is none of its classes.</exception>
    public async Task<LabelEvent> AppendAsync(NewLabelEvent answer, CancellationToken cancellationToken) => (await AppendAsync([answer], cancellationToken))[0];

    /// <summary>Stores many in one transaction, in order. All are checked before any is stored.</summary>
    /// <exception cref="WorkspaceException">Unknown task, or a value that is none of its classes.</exception>
    public async Task<IReadOnlyList<LabelEvent>> AppendAsync(IReadOnlyList<NewLabelEvent> answers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answers);
        foreach (var answer in answers) await _tasks.CheckAsync(answer, cancellationToken);
        return answers.Count == 0 ? [] : await _appender.AppendAsync(answers, cancellationToken);
    }

    /// <summary>Events of a task in order, from after <paramref name="afterSeq"/>. Streams; sees events stored while it runs.</summary>
    public IAsyncEnumerable<LabelEvent> GetEventsAsync(string task, long afterSeq, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        return StreamEventsAsync(task, afterSeq, cancellationToken);
    }

    /// <summary>Events of all tasks in order, from after <paramref name="afterSeq"/>: the whole chain.</summary>
    public IAsyncEnumerable<LabelEvent> GetAllEventsAsync(long afterSeq, CancellationToken cancellationToken) => StreamEventsAsync(null, afterSeq, cancellationToken);

    /// <summary>Present answers of a task by image id order: the latest answer that its person has not taken back; Adjudicate beats all.</summary>
    public async Task<IReadOnlyList<LabelState>> GetStatesAsync(string task, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            connection => connection.ListAsync(
                "SELECT partition, image_row, value, person, seq, round FROM item_state WHERE task = @task ORDER BY partition, image_row", ReadState, cancellationToken, ("task", task)),
            cancellationToken);

    /// <summary>Folds all events anew and compares with the live projection; returns the images that differ (none, unless there is a bug).</summary>
    public Task<IReadOnlyList<ImageId>> VerifyProjectionAsync(CancellationToken cancellationToken) => _audit.CompareProjectionAsync(cancellationToken);

    /// <summary>Makes the projection anew from the events; for <c>curator doctor --repair</c>.</summary>
    public Task RebuildProjectionAsync(CancellationToken cancellationToken) => _audit.RebuildProjectionAsync(cancellationToken);

    /// <summary>Checks the hash chain; returns the first broken seq, or null.</summary>
    public Task<long?> VerifyChainAsync(CancellationToken cancellationToken) => _audit.FindBrokenLinkAsync(cancellationToken);

    /// <summary>Begins a round: writes round and queue in one transaction. Doing it twice with the same number changes nothing and returns the stored round.</summary>
    /// <exception cref="WorkspaceException">No such task.</exception>
    public async Task<Round> StartRoundAsync(string task, int number, IReadOnlyList<QueueItem> queue, CancellationToken cancellationToken)
    {
        await _tasks.GetAsync(task, cancellationToken);
        return await _rounds.StartAsync(task, number, queue, cancellationToken);
    }

    /// <exception cref="WorkspaceException">No such round.</exception>
    public Task FinishRoundAsync(string task, int number, string metrics, CancellationToken cancellationToken) => _rounds.FinishAsync(task, number, metrics, cancellationToken);

    /// <summary>Rounds of a task by number.</summary>
    public Task<IReadOnlyList<Round>> GetRoundsAsync(string task, CancellationToken cancellationToken) => _rounds.GetAllAsync(task, cancellationToken);

    /// <summary>All items of a round by rank, answered ones too.</summary>
    public Task<IReadOnlyList<QueueItem>> GetQueueAsync(string task, int round, CancellationToken cancellationToken) => _rounds.GetQueueAsync(task, round, cancellationToken);

    /// <summary>
    /// The next <paramref name="count"/> unanswered items of the newest open round, leased to the person so that two people are not shown the same picture while
    /// others wait; a lease lasts <paramref name="leaseTime"/> by the database's clock. Asking again returns one's own leased items first. When all that is
    /// unanswered lies with others, these are returned from the far end, so that nobody waits for somebody who has left. Empty when nothing is unanswered.
    /// </summary>
    public Task<IReadOnlyList<QueueItem>> TakeNextAsync(string task, string person, int count, TimeSpan leaseTime, CancellationToken cancellationToken) =>
        _rounds.TakeNextAsync(task, person, count, leaseTime, cancellationToken);

    /// <summary>Items of the round that have no answer (Label, Unsure or Adjudicate) yet.</summary>
    public Task<int> CountOpenAsync(string task, int round, CancellationToken cancellationToken) => _rounds.CountOpenAsync(task, round, cancellationToken);

    /// <summary>Stores what waits, then refuses more. The workspace does this.</summary>
    public ValueTask DisposeAsync() => _appender.DisposeAsync();

    private async IAsyncEnumerable<LabelEvent> StreamEventsAsync(string? task, long afterSeq, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int Page = 1000;
        var sql = $"SELECT {LabelEventTable.Columns} FROM label_event WHERE seq > @after{(task is null ? "" : " AND task = @task")} ORDER BY seq LIMIT @page";
        while (true)
        {
            (string, object?)[] values = task is null ? [("after", afterSeq), ("page", Page)] : [("after", afterSeq), ("page", Page), ("task", task)];
            var page = await _database.ReadAsync(connection => connection.ListAsync(sql, LabelEventTable.Read, cancellationToken, values), cancellationToken);
            foreach (var entry in page) yield return entry;
            if (page.Count < Page) yield break;
            afterSeq = page[^1].Seq;
        }
    }

    private static LabelState ReadState(DbDataReader row) =>
        new(new ImageId(row.GetInt32(0), row.GetInt64(1)), row.TextOrNull(2), row.GetString(3), row.GetInt64(4), row.GetInt32(5));
}
