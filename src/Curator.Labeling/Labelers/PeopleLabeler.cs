using Curator.Core;
using Curator.Core.Labels;

namespace Curator.Labeling.Labelers;

/// <summary>Waits until people have answered the round elsewhere (the swipe page, the command line). Looks every <paramref name="interval"/> by the workspace's clock.</summary>
/// <param name="interval">One second when zero.</param>
public sealed class PeopleLabeler(TimeSpan interval = default) : ILabeler
{
    private readonly TimeSpan _interval = interval > TimeSpan.Zero ? interval : TimeSpan.FromSeconds(1);

    public Truth? Truth => null;

    public async Task AnswerAsync(Workspace workspace, LabelingTask task, Round round, CancellationToken cancellationToken)
    {
        while (await workspace.Labels.CountOpenAsync(task.Name, round.Number, cancellationToken) > 0)
            await Task.Delay(_interval, workspace.Clock, cancellationToken);
    }
}
