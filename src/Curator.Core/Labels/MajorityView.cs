namespace Curator.Core.Labels;

/// <summary>
/// What counts where several people are asked: a decision, else the class that most people gave, imports counting as one person. Without a majority it is unsure: a tie is no class, and waits
/// for a reviewer. Opinions without a class decide nothing unless there are no others.
/// </summary>
internal static class MajorityView
{
    /// <param name="latest">The present answers, by image.</param>
    /// <param name="decided">Seqs of the decisions among them.</param>
    /// <param name="opinions">By image, then seq.</param>
    public static IReadOnlyList<LabelState> Of(IReadOnlyList<LabelState> latest, IReadOnlySet<long> decided, IReadOnlyList<Opinion> opinions)
    {
        var byImage = opinions.ToLookup(opinion => opinion.Image);
        return [.. latest.Select(state => decided.Contains(state.Seq) ? state : Decide(state, byImage[state.Image]))];
    }

    private static LabelState Decide(LabelState latest, IEnumerable<Opinion> opinions)
    {
        var votes = opinions.Where(opinion => opinion.Value is not null).GroupBy(opinion => opinion.Value, StringComparer.Ordinal)
            .Select(vote => (Value: vote.Key, Count: vote.Count(), Last: vote.MaxBy(opinion => opinion.Seq)!)).OrderByDescending(vote => vote.Count).Take(2).ToArray();
        return votes switch
        {
            [] => latest,
            [var only] => latest with { Value = only.Value, Person = only.Last.Person, Seq = only.Last.Seq },
            [var first, var second] when first.Count > second.Count => latest with { Value = first.Value, Person = first.Last.Person, Seq = first.Last.Seq },
            _ => latest with { Value = null },
        };
    }
}
