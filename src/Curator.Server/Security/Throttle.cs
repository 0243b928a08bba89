using System.Collections.Concurrent;

namespace Curator.Server.Security;

/// <summary>
/// At most <paramref name="limit"/> units per <paramref name="window"/> and key, refilled evenly (token bucket). Keys that were idle for a window
/// are forgotten, so memory is bounded by the keys of one window. Thread-safe.
/// </summary>
internal sealed class Throttle(int limit, TimeSpan window, TimeProvider clock)
{
    private const int SweepEvery = 1024;
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private int _calls;

    private readonly record struct Bucket(double Level, long At);

    /// <summary>Takes <paramref name="units"/> when there is room for them; else says after how long there will be.</summary>
    public bool TryTake(string key, int units, out TimeSpan retryAfter)
    {
        if (Interlocked.Increment(ref _calls) % SweepEvery == 0) Sweep();
        var now = clock.GetTimestamp();
        var taken = false;
        var wait = TimeSpan.Zero;
        _buckets.AddOrUpdate(
            key,
            _ => Spend(new Bucket(limit, now)),
            (_, bucket) => Spend(bucket with { Level = Math.Min(limit, bucket.Level + limit * (clock.GetElapsedTime(bucket.At, now) / window)), At = now }));
        retryAfter = wait;
        return taken;

        Bucket Spend(Bucket bucket)
        {
            taken = bucket.Level >= units;
            wait = taken ? TimeSpan.Zero : window * ((Math.Min(units, limit) - bucket.Level) / limit);
            return taken ? bucket with { Level = bucket.Level - units } : bucket;
        }
    }

    /// <summary>Gives units back that were taken for something that turned out right.</summary>
    public void GiveBack(string key, int units)
    {
        while (_buckets.TryGetValue(key, out var bucket)
               && !_buckets.TryUpdate(key, bucket with { Level = Math.Min(limit, bucket.Level + units) }, bucket))
        {
        }
    }

    private void Sweep()
    {
        var now = clock.GetTimestamp();
        foreach (var (key, bucket) in _buckets)
            if (clock.GetElapsedTime(bucket.At, now) > window)
                _buckets.TryRemove(KeyValuePair.Create(key, bucket));
    }
}
