using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Agreement;
using Curator.Server.Tasks;

namespace Curator.Server.People;

/// <summary>What an owner watches, read at most once a second a task however many watch; agreement, which reads all opinions, at most every five seconds. Thread-safe.</summary>
internal sealed class LiveReader(Workspace workspace, ProgressReader progress, PeopleReader people, Presence presence)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan AgreementFresh = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Cached<LiveState>> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Cached<AgreementReport>> _agreement = new(StringComparer.Ordinal);

    public Task<LiveState> ReadAsync(LabelingTask task, CancellationToken cancellationToken) =>
        _states.GetOrAdd(task.Name, _ => new Cached<LiveState>(workspace.Clock, Fresh)).GetAsync(() => MakeAsync(task)).WaitAsync(cancellationToken);

    /// <summary>Not cancelled by one of those who wait for it: others do too.</summary>
    private async Task<LiveState> MakeAsync(LabelingTask task)
    {
        var cancellationToken = CancellationToken.None;
        var perMinute = await people.PerMinuteAsync(task.Name, cancellationToken);
        var held = await workspace.Labels.CountHeldAsync(task.Name, cancellationToken);
        var here = presence.Here(task.Name).Select(person => new HerePerson(person, perMinute.GetValueOrDefault(person), held.GetValueOrDefault(person)))
            .OrderByDescending(person => person.PerMinute).ThenBy(person => person.Person, StringComparer.Ordinal).ToArray();
        var agreement = await _agreement.GetOrAdd(task.Name, _ => new Cached<AgreementReport>(workspace.Clock, AgreementFresh)).GetAsync(
            async () => AgreementStudy.Run(await TaskAgreement.LoadAsync(workspace, task, cancellationToken), resamples: 0, seed: 0, cancellationToken));
        return new LiveState(
            await progress.ReadAsync(task, cancellationToken), task.State, here, perMinute.Values.Sum(), await workspace.Labels.CountConflictsAsync(task.Name, cancellationToken), agreement.Images,
            PeopleRoutes.Number(agreement.Percent.Value), PeopleRoutes.Number(agreement.KrippendorffAlpha.Value));
    }

    /// <summary>One value that is made anew when it is older than allowed; those who ask meanwhile wait for the same one.</summary>
    private sealed class Cached<T>(TimeProvider clock, TimeSpan fresh)
    {
        private readonly Lock _gate = new();
        private Task<T>? _value;
        private long _at;

        public Task<T> GetAsync(Func<Task<T>> make)
        {
            lock (_gate)
            {
                if (_value is { IsFaulted: false, IsCanceled: false } && (!_value.IsCompleted || clock.GetElapsedTime(_at) < fresh)) return _value;
                _at = clock.GetTimestamp();
                return _value = make();
            }
        }
    }
}
