using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Metrics;

namespace Curator.Labeling.Rounds;

/// <summary>Reads what rounds asked and what was answered. Images answered with unsure, or queued before there was a head, are left out.</summary>
internal static class AskedLabels
{
    /// <summary>Older heads were worse, and their numbers speak of a past.</summary>
    private const int LastRounds = 10;

    /// <summary>Of the last ten rounds up to <paramref name="lastRound"/>.</summary>
    public static async Task<IReadOnlyList<AskedLabel>> ReadAsync(
        LabelStore store, LabelingTask task, IReadOnlyList<LabelState> states, int lastRound, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<ImageId, bool>();
        foreach (var state in states)
            if (state.Value is not null)
                answers[state.Image] = state.Value == task.Classes[0];
        var asked = new List<AskedLabel>();
        for (var round = Math.Max(0, lastRound - LastRounds + 1); round <= lastRound; round++)
            foreach (var item in await store.GetQueueAsync(task.Name, round, cancellationToken))
                if (!float.IsNaN(item.Probability) && answers.TryGetValue(item.Image, out var yes))
                    asked.Add(new AskedLabel(round, item.Probability, yes));
        return asked;
    }
}
