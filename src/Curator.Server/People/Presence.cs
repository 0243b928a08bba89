using System.Collections.Concurrent;

namespace Curator.Server.People;

/// <summary>Who was heard of lately, by task. In memory only: after a restart people appear with their next request. Thread-safe.</summary>
internal sealed class Presence(TimeProvider clock)
{
    private const int SweepEvery = 4096;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Task, string Person), long> _seen = new();
    private int _calls;

    public void Touch(string task, string person)
    {
        _seen[(task, person)] = clock.GetTimestamp();
        if (Interlocked.Increment(ref _calls) % SweepEvery != 0) return;
        foreach (var (key, at) in _seen)
            if (clock.GetElapsedTime(at) > Window)
                _seen.TryRemove(KeyValuePair.Create(key, at));
    }

    /// <summary>Gone: their page was closed.</summary>
    public void Leave(string task, string person) => _seen.TryRemove((task, person), out _);

    /// <summary>People heard of within <see cref="Window"/>.</summary>
    public IReadOnlySet<string> Here(string task) =>
        _seen.Where(seen => seen.Key.Task == task && clock.GetElapsedTime(seen.Value) <= Window).Select(seen => seen.Key.Person).ToHashSet(StringComparer.Ordinal);
}
