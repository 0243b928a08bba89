namespace Curator.Core.Databases;

/// <summary>
/// The wall clock as it was when the process began, plus the time that has passed since by the monotonic clock. Setting the machine's clock back an hour, or
/// forward, neither prolongs nor ends a lease. Thread-safe.
/// </summary>
internal sealed class LeaseClock(TimeProvider clock)
{
    private readonly DateTimeOffset _start = clock.GetUtcNow();
    private readonly long _startTicks = clock.GetTimestamp();

    public DateTimeOffset Now => _start + clock.GetElapsedTime(_startTicks);
}
