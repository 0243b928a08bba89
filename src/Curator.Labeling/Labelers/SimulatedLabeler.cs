using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Labelers;

/// <summary>
/// Answers from the truth, for benchmarks and demonstrations. The operation id of an answer is <c>sim-task-round-image</c>, so that answering again after a kill
/// stores nothing twice. Images that the truth does not know are answered with unsure.
/// </summary>
public sealed class SimulatedLabeler(Truth truth) : ILabeler
{
    private const int Batch = 256;

    public Truth Truth => truth;

    Truth? ILabeler.Truth => truth;

    public async Task AnswerAsync(Workspace workspace, LabelingTask task, Round round, CancellationToken cancellationToken)
    {
        var queue = await workspace.Labels.GetQueueAsync(task.Name, round.Number, cancellationToken);
        foreach (var items in queue.OrderBy(i => i.Rank).Chunk(Batch))
            await workspace.Labels.AppendAsync([.. items.Select(i => Answer(task, round.Number, i.Image))], cancellationToken);
    }

    private NewLabelEvent Answer(LabelingTask task, int round, ImageId image)
    {
        var known = truth.TryGet(image, out var value);
        return new NewLabelEvent(
            $"sim-{task.Name}-{round}-{image}", task.Name, image, "simulated", $"round-{round}",
            known ? LabelEventKind.Label : LabelEventKind.Unsure, known ? task.Classes[value] : null, null, round);
    }
}
