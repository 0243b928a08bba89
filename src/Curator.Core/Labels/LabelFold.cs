namespace Curator.Core.Labels;

/// <summary>
/// The rule that makes one present answer out of the events of one task and image: every answer stands until its person takes it back; Undo
/// takes back that person's latest standing answer; of the standing ones the latest Adjudicate decides, else the latest.
/// </summary>
internal static class LabelFold
{
    /// <param name="events">Of one task and image, by seq.</param>
    /// <returns>The event that decides, or null when none stands.</returns>
    public static LabelEvent? Decide(IEnumerable<LabelEvent> events)
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

        return standing.FindLast(answer => answer.Kind == LabelEventKind.Adjudicate) ?? standing.LastOrDefault();
    }
}
