namespace Curator.Imagery.Gibs;

/// <summary>A token bucket that holds one second's worth: bytes are paid for after they came, and who overdraws waits. Thread-safe.</summary>
internal sealed class BandwidthBudget(double megabitsPerSecond, TimeProvider clock)
{
    private readonly double _bytesPerSecond = megabitsPerSecond * 1e6 / 8;
    private readonly long _begun = clock.GetTimestamp();
    private readonly Lock _gate = new();
    private double _paidUntil = -1;

    public Task SpendAsync(long bytes, CancellationToken cancellationToken)
    {
        double wait;
        lock (_gate)
        {
            var now = clock.GetElapsedTime(_begun).TotalSeconds;
            _paidUntil = Math.Max(now - 1, _paidUntil) + bytes / _bytesPerSecond;
            wait = _paidUntil - now;
        }
        return wait <= 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(wait), clock, cancellationToken);
    }
}
