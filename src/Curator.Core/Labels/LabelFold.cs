namespace Curator.Core.Labels;

/// <summary>
/// The rule that makes one present answer out of the events of one task and image: every answer stands until its person takes it back; Undo
/// takes back that person's latest standing answer; of the standing ones the latest Adjudicate decides, else the latest answer, else the latest Import.
/// </summary>
internal static class LabelFold
{
    /// <summary>Which of two standing answers decides: the higher, else the later.</summary>
    public static int Rank(LabelEventKind kind) => kind switch
    {
        LabelEventKind.Adjudicate => 2,
        LabelEventKind.Import => 0,
        _ => 1,
    };

    /// <param name="events">Of one task and image, by seq.</param>
    /// <returns>The event that decides, or null when none stands.</returns>
    public static LabelEvent? Decide(IEnumerable<LabelEvent> events)
    {
        LabelEvent? deciding = null;
        foreach (var entry in Standing(events))
            if (deciding is null || Rank(entry.Kind) >= Rank(deciding.Kind))
                deciding = entry;
        return deciding;
    }

    /// <summary>Each person's latest standing answer that is no decision, by seq.</summary>
    /// <param name="events">Of one task and image, by seq.</param>
    public static IReadOnlyList<LabelEvent> Opinions(IEnumerable<LabelEvent> events)
    {
        var latest = new Dictionary<string, LabelEvent>(StringComparer.Ordinal);
        foreach (var entry in Standing(events))
            if (entry.Kind != LabelEventKind.Adjudicate)
                latest[entry.Person] = entry;
        return [.. latest.Values.OrderBy(entry => entry.Seq)];
    }

    private static List<LabelEvent> Standing(IEnumerable<LabelEvent> events)
    {
        var standing = new List<LabelEvent>();
        foreach (var entry in events)
        {
            if (entry.Kind != LabelEventKind.Undo)
            {
                standing.Add(entry);
                continue;
            }

            var own = standing.FindLastIndex(answer => answer.Person == entry.Person);
            if (own >= 0) standing.RemoveAt(own);
        }

        return standing;
    }
}
