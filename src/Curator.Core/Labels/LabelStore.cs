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
    private readonly Database _database;
    private readonly TaskTable _tasks;
    private readonly RoundTable _rounds;
    private readonly LeaseTable _leases;
    private readonly OpinionTable _opinions;
    private readonly QueueAdder _queue;
    private readonly LabelAudit _audit;
    private readonly LabelAppender _appender;

    internal LabelStore(Database database, TimeProvider clock)
    {
        _database = database;
        _tasks = new TaskTable(database);
        _rounds = new RoundTable(database);
        _leases = new LeaseTable(database);
        _opinions = new OpinionTable(database);
        _queue = new QueueAdder(database);
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

    /// <summary>Changes question, classes, example, guidelines, number of opinions, checks or state. Answers are never touched.</summary>
    /// <exception cref="WorkspaceException">No such task, or a change that makes no sense.</exception>
    public async Task<LabelingTask> ChangeTaskAsync(string task, TaskChange change, CancellationToken cancellationToken)
    {
        var changed = await _tasks.ChangeAsync(task, change, cancellationToken);
        _leases.Forget(task);
        return changed;
    }

    /// <summary>Sets images whose class is known, to check people by; others that are set stay.</summary>
    /// <exception cref="WorkspaceException">No such task, or a value that is none of its classes.</exception>
    public async Task SetGoldAsync(string task, IReadOnlyList<GoldItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        var classes = (await _tasks.GetAsync(task, cancellationToken)).Classes;
        if (items.FirstOrDefault(item => !classes.Contains(item.Value)) is { } wrong)
            throw new WorkspaceException($"'{wrong.Value}' is no class of task '{task}'.", $"Give gold items one of: {string.Join(", ", classes)}.");
        await _opinions.SetGoldAsync(task, items, cancellationToken);
    }

    /// <summary>By image id.</summary>
    public Task<IReadOnlyList<GoldItem>> GetGoldAsync(string task, CancellationToken cancellationToken) => _opinions.GetGoldAsync(task, cancellationToken);

    /// <summary>Stores a decision on what people disagree about, above all their answers.</summary>
    /// <param name="seenSeq">Newest event of the image that the reviewer had seen (<see cref="Conflict.NewestSeq"/>).</param>
    /// <exception cref="LabelConflictException">The image was answered since.</exception>
    /// <exception cref="WorkspaceException">Unknown task, or a value that is none of its classes.</exception>
    public async Task<LabelEvent> DecideAsync(NewLabelEvent decision, long seenSeq, CancellationToken cancellationToken)
    {
        await _tasks.CheckAsync(decision, cancellationToken);
        return (await _appender.AppendAsync([decision], seenSeq, cancellationToken))[0];
    }

    /// <summary>Stores an answer durably. Sent again with the same operation id, it answers with the first event. A cancelled call may have been stored.</summary>
    /// <exception cref="WorkspaceException">Unknown task, or a value that is none of its classes.</exception>
    public async Task<LabelEvent> AppendAsync(NewLabelEvent answer, CancellationToken cancellationToken) => (await AppendAsync([answer], cancellationToken))[0];

    /// <summary>Stores many in one transaction, in order. All are checked before any is stored.</summary>
    /// <exception cref="WorkspaceException">Unknown task, or a value that is none of its classes.</exception>
    public async Task<IReadOnlyList<LabelEvent>> AppendAsync(IReadOnlyList<NewLabelEvent> answers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answers);
        foreach (var answer in answers) await _tasks.CheckAsync(answer, cancellationToken);
        if (answers.Count == 0) return [];
        var stored = await _appender.AppendAsync(answers, null, cancellationToken);
        // What was taken back is open again.
        foreach (var answer in answers)
            if (answer.Kind == LabelEventKind.Undo)
                _leases.Reopen(answer.Task);
        return stored;
    }

    /// <summary>Events of a task in order, from after <paramref name="afterSeq"/>. Streams; sees events stored while it runs.</summary>
    public IAsyncEnumerable<LabelEvent> GetEventsAsync(string task, long afterSeq, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        return StreamEventsAsync(task, afterSeq, cancellationToken);
    }

    /// <summary>A person's events of a task before <paramref name="beforeSeq"/>, the newest first; O(count).</summary>
    public async Task<IReadOnlyList<LabelEvent>> GetNewestOfAsync(string task, string person, long beforeSeq, int count, CancellationToken cancellationToken) =>
        await _database.ReadAsync(connection => LabelEventTable.OfPersonAsync(connection, task, person, beforeSeq, count, cancellationToken), cancellationToken);

    /// <summary>Events of all tasks in order, from after <paramref name="afterSeq"/>: the whole chain.</summary>
    public IAsyncEnumerable<LabelEvent> GetAllEventsAsync(long afterSeq, CancellationToken cancellationToken) => StreamEventsAsync(null, afterSeq, cancellationToken);

    /// <summary>
    /// What counts, by image id. Where one opinion is asked for: the latest answer that its person has not taken back. Where several are: what most people say, and no class (null) while they
    /// are even. A reviewer's decision beats all, an import nothing.
    /// </summary>
    public async Task<IReadOnlyList<LabelState>> GetStatesAsync(string task, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            async connection =>
            {
                var latest = await connection.ListAsync(
                    "SELECT partition, image_row, value, person, seq, round, kind FROM item_state WHERE task = @task ORDER BY partition, image_row",
                    row => (State: ReadState(row), Decided: row.GetString(6) == nameof(LabelEventKind.Adjudicate)), cancellationToken, ("task", task));
                var states = latest.ConvertAll(row => row.State);
                if (await connection.ScalarAsync<long>("SELECT opinions FROM task WHERE name = @task", cancellationToken, ("task", task)) <= 1) return states;
                var opinions = await OpinionTable.ListAsync(connection, task, cancellationToken);
                return MajorityView.Of(states, latest.Where(row => row.Decided).Select(row => row.State.Seq).ToHashSet(), opinions);
            },
            cancellationToken);

    /// <summary>Each person's present opinion on each image, by image id, then seq.</summary>
    public Task<IReadOnlyList<Opinion>> GetOpinionsAsync(string task, CancellationToken cancellationToken) => _opinions.GetAllAsync(task, cancellationToken);

    /// <summary>How many images have which present answer: class → images; "" for unsure. Kept up to date by every append, so that asking costs nothing.</summary>
    public Task<IReadOnlyDictionary<string, long>> GetTallyAsync(string task, CancellationToken cancellationToken) => _opinions.GetTallyAsync(task, cancellationToken);

    /// <summary>Images on which people disagree or that nobody could tell, by image id.</summary>
    /// <param name="after">Where the last page ended, or null.</param>
    /// <param name="decided">Also those on which a reviewer has decided.</param>
    public Task<IReadOnlyList<Conflict>> GetConflictsAsync(string task, ImageId? after, int count, bool decided, CancellationToken cancellationToken) =>
        _opinions.GetConflictsAsync(task, after, count, decided, cancellationToken);

    /// <summary>Images that wait for a reviewer.</summary>
    public Task<long> CountConflictsAsync(string task, CancellationToken cancellationToken) => _opinions.CountConflictsAsync(task, cancellationToken);

    /// <summary>Person → how they did on gold items and repeats. O(events of the task).</summary>
    public Task<IReadOnlyDictionary<string, PersonChecks>> GetChecksAsync(string task, CancellationToken cancellationToken) => _opinions.GetChecksAsync(task, cancellationToken);

    /// <summary>Seq and hash of the newest event of all tasks.</summary>
    internal Task<(long Seq, string Hash)> GetHeadAsync(CancellationToken cancellationToken) => _database.ReadAsync(LabelEventTable.HeadAsync, cancellationToken);

    /// <summary>Stores events of a journal as they are, behind those of the same history that are there; these are passed over.</summary>
    /// <exception cref="WorkspaceException">Another history is there, or came in meanwhile.</exception>
    internal async Task ReplayAsync(IReadOnlyList<LabelEvent> events, CancellationToken cancellationToken)
    {
        foreach (var entry in events)
            await _tasks.CheckAsync(
                new NewLabelEvent(entry.OperationId, entry.Task, entry.Image, entry.Person, entry.Session, entry.Kind, entry.Value, entry.ShownAt, entry.Round), cancellationToken);
        await _database.WriteAsync(async connection =>
        {
            var (seq, hash) = await LabelEventTable.HeadAsync(connection);
            await using var statements = new AppendStatements(connection);
            await statements.LookUpAsync(events.Select(entry => (entry.OperationId, entry.Task, entry.Image)));
            foreach (var entry in events.Where(entry => entry.Seq > seq))
            {
                if (entry.Seq != seq + 1 || LabelChain.Next(hash, entry) != entry.Hash)
                    throw new WorkspaceException($"The project has a history of its own by event {seq}.", "Import the journal again; it is put behind what is there.");
                await statements.InsertAsync(entry, hash);
                await statements.ProjectAsync(entry);
                (seq, hash) = (entry.Seq, entry.Hash);
            }

            await statements.CountAsync();
            return true;
        }, cancellationToken);
        foreach (var task in events.Select(entry => entry.Task).Distinct(StringComparer.Ordinal)) _leases.Forget(task);
    }

    /// <summary>Seq of the newest event of all tasks; 0 without any.</summary>
    public Task<long> GetNewestSeqAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(connection => connection.ScalarAsync<long>("SELECT COALESCE(MAX(seq), 0) FROM label_event", cancellationToken), cancellationToken);

    /// <summary>All that was said of one image.</summary>
    public Task<Conflict> GetConflictAsync(string task, ImageId image, CancellationToken cancellationToken) => _opinions.GetConflictAsync(task, image, cancellationToken);

    /// <summary>Folds all events anew and compares with the live projection; returns the images that differ (none, unless there is a bug).</summary>
    public Task<IReadOnlyList<ImageId>> VerifyProjectionAsync(CancellationToken cancellationToken) => _audit.CompareProjectionAsync(cancellationToken);

    /// <summary>Counts and marks of queues that differ from what they count, as text; none, unless there is a bug.</summary>
    public Task<IReadOnlyList<string>> VerifyCountsAsync(CancellationToken cancellationToken) => _audit.CompareCountsAsync(cancellationToken);

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

    /// <summary>
    /// Has images asked that a person chose: at the end of the newest round while it has open items, else as a round of their own. Images with an answer and images that wait
    /// already are left out. One transaction.
    /// </summary>
    /// <param name="reason">Why they are asked, as in <see cref="QueueItem.Reason"/>.</param>
    /// <exception cref="WorkspaceException">No such task.</exception>
    public async Task<QueueAddition> AddToQueueAsync(string task, IReadOnlyList<ImageId> images, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        await _tasks.GetAsync(task, cancellationToken);
        var added = await _queue.AddAsync(task, images, reason, cancellationToken);
        _leases.Forget(task);
        return added;
    }

    /// <exception cref="WorkspaceException">No such round.</exception>
    public Task FinishRoundAsync(string task, int number, string metrics, CancellationToken cancellationToken) => _rounds.FinishAsync(task, number, metrics, cancellationToken);

    /// <summary>Rounds of a task by number.</summary>
    public Task<IReadOnlyList<Round>> GetRoundsAsync(string task, CancellationToken cancellationToken) => _rounds.GetAllAsync(task, cancellationToken);

    /// <summary>All items of a round by rank, answered ones too.</summary>
    public Task<IReadOnlyList<QueueItem>> GetQueueAsync(string task, int round, CancellationToken cancellationToken) => _rounds.GetQueueAsync(task, round, cancellationToken);

    /// <summary>
    /// The next <paramref name="count"/> items of the newest open round that the person has not answered, leased to them: an item is given to as many people as the task asks for opinions. A
    /// lease lasts <paramref name="leaseTime"/> by the server's clock, whatever happens to the wall clock. Asking again returns one's own leased items first. When all that is unanswered lies
    /// with others, these are returned from the far end, so that nobody waits for somebody who has left. Gold items and repeats come between the others as the task says. Empty when nothing
    /// is left for the person, or the task is not open.
    /// </summary>
    public Task<IReadOnlyList<QueueItem>> TakeNextAsync(string task, string person, int count, TimeSpan leaseTime, CancellationToken cancellationToken) =>
        _leases.TakeNextAsync(task, person, count, leaseTime, cancellationToken);

    /// <summary>Prolongs leases; to be called while somebody looks at a picture for long.</summary>
    /// <returns>The images that are still the person's own.</returns>
    public Task<IReadOnlyList<ImageId>> RenewLeasesAsync(string task, string person, IReadOnlyList<ImageId> images, TimeSpan leaseTime, CancellationToken cancellationToken) =>
        _leases.RenewAsync(task, person, images, leaseTime, cancellationToken);

    /// <summary>Gives leased pictures back, so that others get them at once.</summary>
    public Task ReleaseLeasesAsync(string task, string person, IReadOnlyList<ImageId> images, CancellationToken cancellationToken) =>
        _leases.ReleaseAsync(task, person, images, cancellationToken);

    /// <summary>Person → pictures that they hold and have not answered.</summary>
    public Task<IReadOnlyDictionary<string, int>> CountHeldAsync(string task, CancellationToken cancellationToken) => _leases.CountHeldAsync(task, cancellationToken);

    /// <summary>Items of the round that need further answers: fewer opinions than the task asks for, and no decision.</summary>
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
