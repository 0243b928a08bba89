using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Labels;

namespace Curator.Server.Tasks;

/// <summary>
/// Counts where a task stands. The present answers are counted anew only when events have come since the last time. Thread-safe.
/// </summary>
internal sealed class ProgressReader(Workspace workspace)
{
    private readonly ConcurrentDictionary<string, Counted> _counted = new(StringComparer.Ordinal);

    private sealed record Counted(long Seq, int Answered, int Positives, int Unsure);

    public async Task<TaskProgress> ReadAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        var labels = workspace.Labels;
        var rounds = await labels.GetRoundsAsync(task.Name, cancellationToken);
        var counted = await CountAsync(task, cancellationToken);
        if (rounds.Count == 0)
            return new TaskProgress(task.Name, TaskPhase.NotStarted, -1, 0, 0, counted.Answered, counted.Positives, counted.Unsure);
        var newest = rounds.MaxBy(round => round.Number)!;
        var open = newest.State is RoundState.Done ? 0 : await labels.CountOpenAsync(task.Name, newest.Number, cancellationToken);
        var phase = open > 0 ? TaskPhase.Labeling
            : await TaskEnd.IsMarkedAsync(workspace, task.Name, cancellationToken) ? TaskPhase.Done
            : TaskPhase.Learning;
        return new TaskProgress(task.Name, phase, newest.Number, newest.Asked, open, counted.Answered, counted.Positives, counted.Unsure);
    }

    private async Task<Counted> CountAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        var known = _counted.GetValueOrDefault(task.Name) ?? new Counted(0, 0, 0, 0);
        var seq = known.Seq;
        await foreach (var answer in workspace.Labels.GetEventsAsync(task.Name, known.Seq, cancellationToken))
            seq = answer.Seq;
        if (seq == known.Seq) return known;
        var states = await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
        // Events that came between the two reads are counted already and make one more count next time, which does no harm.
        var now = new Counted(seq, states.Count, states.Count(state => state.Value == task.Classes[0]), states.Count(state => state.Value is null));
        return _counted.AddOrUpdate(task.Name, now, (_, other) => other.Seq > now.Seq ? other : now);
    }
}
