namespace Curator.Imagery.Gibs;

/// <summary>How an answer bears on how many may be under way.</summary>
internal enum GateSignal
{
    /// <summary>All is well.</summary>
    Good,

    /// <summary>Something went wrong that says nothing about load.</summary>
    Neutral,

    /// <summary>The server is busy, or does not answer in time.</summary>
    Overload,
}

/// <summary>
/// Additive increase, multiplicative decrease: every fifty good answers allow one more request at a time, one sign of overload halves them, at most once in a second. A server
/// that names a time to wait is left alone until then. Thread-safe.
/// </summary>
internal sealed class AdaptiveGate(int most, TimeProvider clock)
{
    public const int Start = 8;
    private const int GoodAnswersForOneMore = 50;
    private static readonly TimeSpan BetweenHalvings = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private int _limit = Math.Min(Start, most);
    private int _entered;
    private int _good;
    private long _halvedAt = long.MinValue;
    private DateTimeOffset _heldUntil = DateTimeOffset.MinValue;

    public int Limit
    {
        get
        {
            lock (_gate) return _limit;
        }
    }

    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource? turn = null;
        lock (_gate)
        {
            if (_entered < _limit) _entered++;
            else _waiting.Enqueue(turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        if (turn is not null)
        {
            await using var cancelled = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
            await turn.Task;
        }
        try
        {
            while (Held() is { } wait) await Task.Delay(wait, clock, cancellationToken);
        }
        catch
        {
            Leave(GateSignal.Neutral);
            throw;
        }
    }

    public void Leave(GateSignal signal)
    {
        lock (_gate)
        {
            _entered--;
            if (signal == GateSignal.Good && ++_good >= GoodAnswersForOneMore)
            {
                _good = 0;
                _limit = Math.Min(most, _limit + 1);
            }
            else if (signal == GateSignal.Overload && (_halvedAt == long.MinValue || clock.GetElapsedTime(_halvedAt) >= BetweenHalvings))
            {
                _good = 0;
                _limit = Math.Max(1, _limit / 2);
                _halvedAt = clock.GetTimestamp();
            }
            while (_entered < _limit && _waiting.TryDequeue(out var next))
                if (next.TrySetResult())
                    _entered++;
        }
    }

    /// <summary>Nothing begins for so long; what is under way goes on.</summary>
    public void Hold(TimeSpan time)
    {
        var until = clock.GetUtcNow() + time;
        lock (_gate)
            if (until > _heldUntil) _heldUntil = until;
    }

    private TimeSpan? Held()
    {
        lock (_gate)
        {
            var wait = _heldUntil - clock.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : null;
        }
    }
}
