using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// Tasks, append-only label events and their projection, queues and rounds. Appends go through one writer with group commit: when a call
/// returns, the event is on disk (synchronous = FULL). Thread-safe; safe between processes.
/// </summary>
public sealed class LabelStore
{
    /// <exception cref="WorkspaceException">A task of that name exists with another question or classes.</exception>
    public Task<LabelingTask> GetOrAddTaskAsync(LabelingTask task, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <exception cref="WorkspaceException">No such task; names those there are.</exception>
    public Task<LabelingTask> GetTaskAsync(string name, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<LabelingTask>> GetTasksAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task SetTaskEncoderAsync(string task, string encoder, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stores an answer durably. Sent again with the same operation id, it answers with the first event.</summary>
    /// <exception cref="WorkspaceException">Unknown task, or a value that is none of its classes.</exception>
    public Task<LabelEvent> AppendAsync(NewLabelEvent answer, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stores many in one transaction, in order.</summary>
    public Task<IReadOnlyList<LabelEvent>> AppendAsync(IReadOnlyList<NewLabelEvent> answers, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Events of a task in order, from after <paramref name="afterSeq"/>.</summary>
    public IAsyncEnumerable<LabelEvent> GetEventsAsync(string task, long afterSeq, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Present answers of a task by image id order: latest answer of the latest person not undone; Adjudicate beats all.</summary>
    public Task<IReadOnlyList<LabelState>> GetStatesAsync(string task, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Folds all events anew and compares with the live projection; returns the images that differ (none, unless there is a bug).</summary>
    public Task<IReadOnlyList<ImageId>> VerifyProjectionAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Checks the hash chain; returns the first broken seq, or null.</summary>
    public Task<long?> VerifyChainAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Begins a round: writes round and queue in one transaction. Doing it twice with the same number changes nothing and returns the stored round.</summary>
    public Task<Round> StartRoundAsync(string task, int number, IReadOnlyList<QueueItem> queue, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task FinishRoundAsync(string task, int number, string metrics, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<Round>> GetRoundsAsync(string task, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<QueueItem>> GetQueueAsync(string task, int round, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// The next <paramref name="count"/> unanswered items of the newest open round, leased to the person so that two people are not shown the same picture while
    /// others wait; a lease lasts <paramref name="leaseTime"/> by the database's clock. Asking again returns one's own leased items first.
    /// </summary>
    public Task<IReadOnlyList<QueueItem>> TakeNextAsync(string task, string person, int count, TimeSpan leaseTime, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Items of the round that have no answer (Label, Unsure or Adjudicate) yet.</summary>
    public Task<int> CountOpenAsync(string task, int round, CancellationToken cancellationToken) => throw new NotImplementedException();
}
