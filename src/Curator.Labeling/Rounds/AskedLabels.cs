using System.Text.Json;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Metrics;

namespace Curator.Labeling.Rounds;

/// <summary>
/// What rounds asked and what was answered, as probabilities that a head gave before it had seen the answer. Images answered with unsure, or queued before there was a head, are
/// left out. The queue keeps the positive class's probability; those of more classes are kept beside it, in the catalog.
/// </summary>
internal static class AskedLabels
{
    /// <summary>Older heads were worse, and their numbers speak of a past.</summary>
    private const int LastRounds = 10;

    /// <summary>Keeps the probabilities of a round that is about to begin; doing it again changes nothing.</summary>
    /// <param name="probabilities">[queue] of [classes].</param>
    public static Task KeepAsync(Workspace workspace, LabelingTask task, int round, IReadOnlyList<float[]> probabilities, CancellationToken cancellationToken) =>
        workspace.Catalog.SetValueAsync(Key(task, round), JsonSerializer.Serialize(probabilities), cancellationToken);

    /// <summary>Of the last ten rounds up to <paramref name="lastRound"/>, by class: each asked image's probability of the class, and whether it was the answer.</summary>
    public static async Task<IReadOnlyList<AskedLabel>[]> ReadAsync(
        Workspace workspace, LabelingTask task, IReadOnlyList<LabelState> states, int lastRound, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<ImageId, int>();
        foreach (var state in states)
            if (state.Value is not null)
                answers[state.Image] = HeadTrainer.ClassOf(task, state.Value);
        var classes = task.Classes.Count == 2 ? 1 : task.Classes.Count;
        var asked = Enumerable.Range(0, classes).Select(_ => new List<AskedLabel>()).ToArray();
        for (var round = Math.Max(0, lastRound - LastRounds + 1); round <= lastRound; round++)
        {
            var queue = await workspace.Labels.GetQueueAsync(task.Name, round, cancellationToken);
            var kept = classes == 1 ? null
                : await workspace.Catalog.GetValueAsync(Key(task, round), cancellationToken) is { } json ? JsonSerializer.Deserialize<float[][]>(json) : [];
            foreach (var item in queue)
            {
                if (!answers.TryGetValue(item.Image, out var answer)) continue;
                if (kept is null)
                {
                    if (!float.IsNaN(item.Probability)) asked[0].Add(new AskedLabel(round, item.Probability, answer == 0));
                    continue;
                }
                if (item.Rank >= kept.Length || kept[item.Rank].Length != classes) continue;
                for (var c = 0; c < classes; c++) asked[c].Add(new AskedLabel(round, kept[item.Rank][c], answer == c));
            }
        }
        return asked;
    }

    private static string Key(LabelingTask task, int round) => $"learn.{task.Name}.asked.{round}";
}
