namespace Curator.Core.Tests;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;
    private long _jumped;

    public ManualClock()
        : this(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks) - Interlocked.Read(ref _jumped);

    /// <summary>Sets the wall clock as an operator or a time server would: no time passes.</summary>
    public void Jump(TimeSpan by)
    {
        Interlocked.Add(ref _jumped, by.Ticks);
        Interlocked.Add(ref _ticks, by.Ticks);
    }

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
