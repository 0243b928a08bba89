using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Agreement;

/// <summary>What most people say of an image, beside what they probably mean.</summary>
/// <param name="Majority">The class with most votes, or null at a tie.</param>
/// <param name="Votes">Ratings of the image.</param>
/// <param name="DawidSkene">The most probable class when people are weighed by their reliability.</param>
/// <param name="Probability">Of <paramref name="DawidSkene"/>, 0 to 1.</param>
public sealed record ConsensusItem(ImageId Image, string? Majority, int Votes, string DawidSkene, double Probability);

/// <summary>Agreement and consensus of a stored task.</summary>
public static class TaskAgreement
{
    /// <summary>Ratings of people; imports are left out, as nobody looked.</summary>
    public static async Task<RatingTable> LoadAsync(Workspace workspace, LabelingTask task, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        var opinions = await workspace.Labels.GetOpinionsAsync(task.Name, cancellationToken);
        // A class that was added while this runs would be unknown to the task we hold.
        return RatingTable.Of(task.Classes, opinions.Where(opinion => !opinion.Imported && (opinion.Value is null || task.Classes.Contains(opinion.Value))));
    }

    /// <summary>For each rated image, ascending.</summary>
    public static IReadOnlyList<ConsensusItem> Consensus(RatingTable table, DawidSkeneResult estimate)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(estimate);
        var items = new ConsensusItem[table.Images.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var (best, probability) = estimate.Best(i);
            items[i] = new ConsensusItem(table.Images[i], Majority(table, i), table.Ratings[i].Count, table.Classes[best], probability);
        }
        return items;
    }

    private static string? Majority(RatingTable table, int image)
    {
        Span<int> votes = stackalloc int[table.Classes.Count];
        foreach (var rating in table.Ratings[image]) votes[rating.Class]++;
        int best = 0, ties = 0;
        for (var c = 1; c < votes.Length; c++)
            if (votes[c] > votes[best])
                best = c;
        foreach (var count in votes) ties += count == votes[best] ? 1 : 0;
        return ties == 1 ? table.Classes[best] : null;
    }
}
