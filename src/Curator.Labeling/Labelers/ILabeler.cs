using Curator.Core;
using Curator.Core.Labels;

namespace Curator.Labeling.Labelers;

/// <summary>Who answers a round.</summary>
public interface ILabeler
{
    /// <summary>What is known of the images, for exact numbers; null for people.</summary>
    Truth? Truth { get; }

    /// <summary>Returns when every image of the round has an answer. Called again after a kill, it goes on where it was.</summary>
    Task AnswerAsync(Workspace workspace, LabelingTask task, Round round, CancellationToken cancellationToken);
}
