using Curator.Learning.Views;

namespace Curator.Learning.Supervised;

/// <summary>Which labels are learned from and which are kept back, class by class.</summary>
/// <param name="Train">Numbers of labels, ascending.</param>
/// <param name="Validation">Numbers of labels, ascending; may be empty.</param>
internal sealed record StratifiedSplit(int[] Train, int[] Validation)
{
    private const int Stream = 11;

    /// <summary>A class of fewer labels than this gives none away: there is nothing to judge by and little to learn from.</summary>
    private const int LeastToShare = 4;

    /// <param name="classes">Class of each label.</param>
    /// <param name="share">Of each class, rounded, that is kept back; at least one label of a class that has four.</param>
    public static StratifiedSplit Of(IReadOnlyList<int> classes, double share, int seed)
    {
        var validation = new List<int>();
        foreach (var members in Enumerable.Range(0, classes.Count).GroupBy(i => classes[i]).OrderBy(group => group.Key))
        {
            var order = members.ToArray();
            if (order.Length < LeastToShare || share <= 0) continue;
            var random = new CounterRandom((ulong)seed, (ulong)members.Key, Stream);
            random.Shuffle(order.AsSpan());
            validation.AddRange(order.Take(Math.Max(1, (int)Math.Round(share * order.Length))));
        }
        var kept = validation.ToHashSet();
        return new StratifiedSplit([.. Enumerable.Range(0, classes.Count).Where(i => !kept.Contains(i))], [.. validation.Order()]);
    }
}
