namespace Curator.Core.Databases;

/// <summary>
/// Where the writers of this process wait for their turn, in the order in which they came. Those whose commit is only a courtesy wait in a lane of their own, of which a few stand among
/// the others: a label waits for a few requests for pictures at most, however many people ask. Thread-safe.
/// </summary>
internal sealed class WriterQueue : IDisposable
{
    private const int Courtesies = 4;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _courtesy = new(Courtesies, Courtesies);

    /// <summary>Runs <paramref name="write"/> when it is its turn.</summary>
    /// <param name="durable">As for <see cref="Database.WriteAsync"/>.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> write, bool durable, CancellationToken cancellationToken)
    {
        if (!durable) await _courtesy.WaitAsync(cancellationToken);
        try
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                return await write();
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            if (!durable) _courtesy.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        _courtesy.Dispose();
    }
}
