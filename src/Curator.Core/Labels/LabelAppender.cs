using System.Data.Common;
using System.Threading.Channels;
using Curator.Core.Databases;

namespace Curator.Core.Labels;

/// <summary>
/// The one writer of label events in this process. Whatever waits is stored in one transaction (group commit), and each caller goes on once its
/// events are on disk. Another process may append too: the newest seq and hash are read inside the transaction, which holds the write lock.
/// </summary>
internal sealed class LabelAppender : IAsyncDisposable
{
    /// <summary>Calls that may wait; more callers wait for room.</summary>
    private const int Capacity = 4096;

    /// <summary>Events after which a transaction takes no further waiting call.</summary>
    private const int EventsPerCommit = 1024;

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly Channel<Request> _waiting = Channel.CreateBounded<Request>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Task _loop;

    public LabelAppender(Database database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Stores events in order and in one transaction. A cancelled call may still be stored; sending it again with the same operation ids is safe.</summary>
    /// <param name="baseSeq">Newest event of the image that the caller had seen; a newer one refuses the call. Null to store whatever came since.</param>
    /// <exception cref="LabelConflictException">The image has a newer event than <paramref name="baseSeq"/>.</exception>
    public async Task<IReadOnlyList<LabelEvent>> AppendAsync(IReadOnlyList<NewLabelEvent> answers, long? baseSeq, CancellationToken cancellationToken)
    {
        var request = new Request(answers, baseSeq, new TaskCompletionSource<IReadOnlyList<LabelEvent>>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await _waiting.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(LabelStore));
        }

        return await request.Stored.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stores what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<Request>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            for (var events = 0; events < EventsPerCommit && _waiting.Reader.TryRead(out var request); events += request.Answers.Count) batch.Add(request);
            try
            {
                var stored = await _database.WriteAsync(connection => StoreAsync(connection, batch), CancellationToken.None);
                for (var i = 0; i < batch.Count; i++)
                {
                    if (stored[i] is { } events) batch[i].Stored.SetResult(events);
                    else batch[i].Stored.SetException(Stale(batch[i]));
                }
            }
            catch (Exception error)
            {
                // The transaction was rolled back: nobody of the batch was told that anything is stored.
                foreach (var request in batch) request.Stored.TrySetException(error);
            }
        }
    }

    /// <returns>For each call its events, or null when it was refused because of a newer event.</returns>
    private async Task<List<IReadOnlyList<LabelEvent>?>> StoreAsync(DbConnection connection, List<Request> batch)
    {
        var (seq, hash) = await LabelEventTable.HeadAsync(connection);
        await using var statements = new AppendStatements(connection);
        await statements.LookUpAsync(batch.SelectMany(request => request.Answers).Select(answer => (answer.OperationId, answer.Task, answer.Image)));
        var stored = new List<IReadOnlyList<LabelEvent>?>(batch.Count);
        foreach (var request in batch)
        {
            if (await IsStaleAsync(statements, request))
            {
                stored.Add(null);
                continue;
            }

            var events = new List<LabelEvent>(request.Answers.Count);
            foreach (var answer in request.Answers)
            {
                if (statements.Find(answer.OperationId) is { } known)
                {
                    events.Add(known);
                    continue;
                }

                var entry = new LabelEvent(
                    ++seq, answer.OperationId, answer.Task, answer.Image, answer.Person, answer.Session, answer.Kind, answer.Value,
                    Truncate(answer.ShownAt), Truncate(_clock.GetUtcNow())!.Value, answer.Round, "");
                entry = entry with { Hash = LabelChain.Next(hash, entry) };
                await statements.InsertAsync(entry, hash);
                await statements.ProjectAsync(entry);
                hash = entry.Hash;
                events.Add(entry);
            }

            stored.Add(events);
        }

        await statements.CountAsync();
        return stored;
    }

    private static async Task<bool> IsStaleAsync(AppendStatements statements, Request request)
    {
        if (request.BaseSeq is not { } seen) return false;
        foreach (var answer in request.Answers)
            if (statements.Find(answer.OperationId) is null && await statements.NewestAsync(answer.Task, answer.Image) > seen)
                return true;
        return false;
    }

    private static LabelConflictException Stale(Request request) =>
        new($"Image {request.Answers[0].Image} was answered again since it was looked at.", "Look at the new answers and decide again.");

    /// <summary>What the database keeps of a time, so that the event returned is the event stored.</summary>
    private static DateTimeOffset? Truncate(DateTimeOffset? moment) => moment is { } m ? Moments.FromMicroseconds(m.ToMicroseconds()) : null;

    private sealed record Request(IReadOnlyList<NewLabelEvent> Answers, long? BaseSeq, TaskCompletionSource<IReadOnlyList<LabelEvent>> Stored);
}
