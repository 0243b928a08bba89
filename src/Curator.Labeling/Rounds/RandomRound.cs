using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Rounds;

/// <summary>The pictures of a task that nobody runs rounds for: all of them, or some, in an order drawn once. Hidden and duplicate ones are left out.</summary>
public static class RandomRound
{
    private const int Seed = 1;

    /// <summary>Begins the task's first round, unless it has one.</summary>
    /// <param name="pictures">How many are asked about, at least 1; null for all.</param>
    /// <returns>How many; 0 where rounds have begun.</returns>
    /// <exception cref="WorkspaceException">The project has no pictures.</exception>
    public static async Task<int> StartAsync(Workspace workspace, string task, int? pictures, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        if (pictures < 1) throw new WorkspaceException($"{pictures} pictures were asked for.", "Ask about at least one.");
        if ((await workspace.Labels.GetRoundsAsync(task, cancellationToken)).Count > 0) return 0;
        var images = (await ImagesAsync(workspace, cancellationToken)).ToArray();
        if (images.Length == 0) throw new WorkspaceException("The project has no pictures to ask about.", "Take some in: curator add PICTURES");
        new Random(Seed).Shuffle(images);
        var queue = images.Take(pictures ?? images.Length).Select((image, rank) => new QueueItem(task, 0, rank, image, float.NaN, "random")).ToArray();
        await workspace.Labels.StartRoundAsync(task, 0, queue, cancellationToken);
        return queue.Length;
    }

    /// <summary>Every picture that is neither hidden nor a duplicate, by id.</summary>
    public static async Task<IReadOnlyList<ImageId>> ImagesAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var images = new List<ImageId>();
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            var marked = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            for (long row = 0; row < partition.Rows; row++)
                if (!marked.ContainsKey(row))
                    images.Add(new ImageId(partition.Number, row));
        }
        return images;
    }
}
