using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Labels;

namespace Curator.Server.People;

/// <summary>
/// Counts what each person has done, by following the events: what was counted is not read again, whichever process stored it. Holds a few hundred bytes a person. Thread-safe.
/// </summary>
internal sealed class PeopleReader(Workspace workspace, Presence presence)
{
    private const int RecentTimes = 200;
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, Followed> _tasks = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<PersonReport>> ReadAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        var checks = await workspace.Labels.GetChecksAsync(task.Name, cancellationToken);
        var held = await workspace.Labels.CountHeldAsync(task.Name, cancellationToken);
        var here = presence.Here(task.Name);
        return await WithAsync(task.Name, followed => followed.People
            .OrderByDescending(person => person.Value.Answers).ThenBy(person => person.Key, StringComparer.Ordinal)
            .Select(person => person.Value.Report(person.Key, held.GetValueOrDefault(person.Key), here.Contains(person.Key), checks.GetValueOrDefault(person.Key), workspace.Clock.GetUtcNow()))
            .ToArray(), cancellationToken);
    }

    /// <summary>Person → answers in the last minute; those without any are left out.</summary>
    public Task<Dictionary<string, int>> PerMinuteAsync(string task, CancellationToken cancellationToken) =>
        WithAsync(
            task,
            followed => followed.People.Select(person => (person.Key, Count: person.Value.PerMinute(workspace.Clock.GetUtcNow()))).Where(person => person.Count > 0)
                .ToDictionary(person => person.Key, person => person.Count),
            cancellationToken);

    private async Task<T> WithAsync<T>(string task, Func<Followed, T> read, CancellationToken cancellationToken)
    {
        var followed = _tasks.GetOrAdd(task, _ => new Followed());
        await followed.Turn.WaitAsync(cancellationToken);
        try
        {
            await foreach (var entry in workspace.Labels.GetEventsAsync(task, followed.Seq, cancellationToken))
            {
                if (!followed.People.TryGetValue(entry.Person, out var person)) followed.People[entry.Person] = person = new Person();
                person.Add(entry);
                followed.Seq = entry.Seq;
            }
            return read(followed);
        }
        finally
        {
            followed.Turn.Release();
        }
    }

    private sealed class Followed
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public long Seq { get; set; }

        public Dictionary<string, Person> People { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Person
    {
        private readonly Queue<double> _times = new();
        private readonly Queue<DateTimeOffset> _recent = new();
        private int _unsure;
        private int _undone;
        private int _decisions;
        private DateTimeOffset _first;
        private DateTimeOffset _last;

        public int Answers { get; private set; }

        public void Add(LabelEvent entry)
        {
            if (_first == default) _first = entry.ServerAt;
            _last = entry.ServerAt;
            switch (entry.Kind)
            {
                case LabelEventKind.Undo:
                    _undone++;
                    return;
                case LabelEventKind.Adjudicate:
                    _decisions++;
                    return;
                case LabelEventKind.Unsure:
                    _unsure++;
                    break;
            }
            Answers++;
            _recent.Enqueue(entry.ServerAt);
            while (_recent.Count > 0 && _recent.Peek() < entry.ServerAt - Presence.Window) _recent.Dequeue();
            if (Seconds(entry) is not { } seconds || seconds > LongestLook.TotalSeconds) return;
            _times.Enqueue(seconds);
            if (_times.Count > RecentTimes) _times.Dequeue();
        }

        public int PerMinute(DateTimeOffset now)
        {
            while (_recent.Count > 0 && _recent.Peek() < now - Presence.Window) _recent.Dequeue();
            return _recent.Count;
        }

        public PersonReport Report(string name, int held, bool here, PersonChecks? checks, DateTimeOffset now) => new(
            name, Answers, _unsure, _undone, _decisions, _first, _last, _times.Count == 0 ? null : _times.Order().ElementAt(_times.Count / 2), PerMinute(now), held, here,
            checks?.Gold ?? 0, checks?.GoldRight ?? 0, checks?.Repeats ?? 0, checks?.RepeatsSame ?? 0);
    }

    /// <summary>From shown to stored; null when the page did not say, or its clock is ahead.</summary>
    public static double? Seconds(LabelEvent entry) =>
        entry.ShownAt is { } shown && entry.ServerAt > shown ? Math.Round((entry.ServerAt - shown).TotalSeconds, 3) : null;
}
