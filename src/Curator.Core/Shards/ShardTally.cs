using System.Runtime.ExceptionServices;

namespace Curator.Core.Shards;

/// <summary>What the workers of one run have done so far. Thread-safe.</summary>
internal sealed class ShardTally
{
    private readonly Lock _lock = new();
    private int _ran;
    private int _alreadyDone;
    private long _unitsDone;
    private long _unitsSkipped;
    private volatile ExceptionDispatchInfo? _failure;

    /// <summary>The first failure, with the stack it was thrown from.</summary>
    public ExceptionDispatchInfo? Failure => _failure;

    public void AddRan(ShardResult result)
    {
        lock (_lock)
        {
            _ran++;
            Add(result);
        }
    }

    public void AddEarlier(ShardResult result)
    {
        lock (_lock)
        {
            _alreadyDone++;
            Add(result);
        }
    }

    public void Fail(Exception error)
    {
        lock (_lock) _failure ??= ExceptionDispatchInfo.Capture(error);
    }

    /// <summary>Units are those of all shards of the plan, also of those that an earlier run had finished.</summary>
    public ShardRunReport ToReport()
    {
        lock (_lock) return new ShardRunReport(_ran, _alreadyDone, _unitsDone, _unitsSkipped);
    }

    private void Add(ShardResult result)
    {
        _unitsDone += result.Done;
        _unitsSkipped += result.Skipped;
    }
}
