using Curator.Core;
using Curator.Core.Labels;

namespace Curator.Server.Tasks;

/// <summary>Says where a task stands, from counts that every append keeps up to date. Thread-safe.</summary>
internal sealed class ProgressReader(Workspace workspace)
{
    public async Task<TaskProgress> ReadAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        var labels = workspace.Labels;
        var tally = await labels.GetTallyAsync(task.Name, cancellationToken);
        int answered = (int)tally.Values.Sum(), positives = (int)tally.GetValueOrDefault(task.Classes[0]), unsure = (int)tally.GetValueOrDefault("");
        var rounds = await labels.GetRoundsAsync(task.Name, cancellationToken);
        if (rounds.Count == 0) return new TaskProgress(task.Name, Held(task) ?? TaskPhase.NotStarted, -1, 0, 0, answered, positives, unsure, task.Revision);
        var newest = rounds.MaxBy(round => round.Number)!;
        var open = newest.State is RoundState.Done ? 0 : await labels.CountOpenAsync(task.Name, newest.Number, cancellationToken);
        var phase = Held(task) is { } held ? held
            : open > 0 ? TaskPhase.Labeling
            : await TaskEnd.IsMarkedAsync(workspace, task.Name, cancellationToken) ? TaskPhase.Done
            : TaskPhase.Learning;
        return new TaskProgress(task.Name, phase, newest.Number, newest.Asked, open, answered, positives, unsure, task.Revision);
    }

    private static TaskPhase? Held(LabelingTask task) => task.State switch
    {
        TaskState.Paused => TaskPhase.Paused,
        TaskState.Stopped => TaskPhase.Stopped,
        _ => null,
    };
}
