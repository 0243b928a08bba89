namespace Curator.Core.Shards;

/// <summary>
/// Adds up what the shards of a stage report, each its own units so far, into one progress of the stage that never goes back and counts nothing
/// twice. Reports come in order, one at a time. Thread-safe.
/// </summary>
internal sealed class ShardProgress(string stage, string unit, long totalUnits, IProgress<StageProgress>? target)
{
    private readonly Lock _lock = new();
    private long _done;

    public void Report()
    {
        lock (_lock) target?.Report(new StageProgress(stage, _done, totalUnits, unit));
    }

    /// <summary>A shard's own progress.</summary>
    public IProgress<long> Begin() => new Part(this);

    private void Add(long units)
    {
        lock (_lock)
        {
            _done += units;
            target?.Report(new StageProgress(stage, _done, totalUnits, unit));
        }
    }

    private sealed class Part(ShardProgress whole) : IProgress<long>
    {
        private readonly Lock _lock = new();
        private long _reported;

        public void Report(long value)
        {
            lock (_lock)
            {
                if (value <= _reported) return;
                var more = value - _reported;
                _reported = value;
                whole.Add(more);
            }
        }
    }
}
