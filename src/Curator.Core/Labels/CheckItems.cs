using Curator.Core.Databases;

namespace Curator.Core.Labels;

/// <summary>
/// Puts pictures between the others that check the person instead of the archive: gold items, whose class is known, and repeats of what they answered before. A page cannot tell
/// them from others.
/// </summary>
internal sealed class CheckItems(LeaseTable.Sitting sitting)
{
    /// <summary>Answers that lie between an answer and its repeat, at least.</summary>
    private const int LeastGap = 10;

    public const string Item = "Item";
    public const string Gold = "Gold";
    public const string Repeat = "Repeat";

    /// <param name="items">What the person would be given: their own first. A check that they hold already has its kind as <see cref="QueueItem.Reason"/>.</param>
    /// <returns>At most <paramref name="count"/> items with kind and place in the person's order.</returns>
    public async Task<IReadOnlyList<(QueueItem Item, string Kind, long Place)>> InsertAsync(IReadOnlyList<QueueItem> items, int goldEvery, int repeatEvery, int count)
    {
        var result = new List<(QueueItem, string, long)>(items.Count);
        if (goldEvery == 0 && repeatEvery == 0)
        {
            foreach (var item in items) result.Add((item, KindOf(item), result.Count));
            return result;
        }

        var answered = await sitting.Connection.ScalarAsync<long>(
            "SELECT COUNT(*) FROM label_event WHERE task = @task AND person = @person", sitting.CancellationToken, ("task", sitting.Task), ("person", sitting.Person));
        var gold = new Queue<QueueItem>(goldEvery == 0 ? [] : await GoldAsync(count));
        var repeats = new Queue<QueueItem>(repeatEvery == 0 ? [] : await RepeatsAsync(count));
        var held = items.Where(item => KindOf(item) != Item).Select(item => item.Image).ToHashSet();
        foreach (var item in items)
        {
            var place = answered + result.Count;
            var due = goldEvery > 0 && place % goldEvery == goldEvery - 1 ? gold : repeatEvery > 0 && place % repeatEvery == repeatEvery - 1 ? repeats : null;
            if (result.Count < count && held.Count == 0 && due is not null && due.TryDequeue(out var check) && items.All(other => other.Image != check.Image))
                result.Add((check, check.Reason, answered + result.Count));
            if (result.Count < count) result.Add((item, KindOf(item), answered + result.Count));
        }

        return result;
    }

    private static string KindOf(QueueItem item) => item.Reason is Gold or Repeat ? item.Reason : Item;

    private Task<List<QueueItem>> GoldAsync(int count) => sitting.ListAsync(
        $"SELECT g.task, {sitting.Round}, -1, g.partition, g.image_row, NULL, '{Gold}' FROM gold_item g WHERE g.task = @task "
            + "AND NOT EXISTS (SELECT 1 FROM opinion o WHERE o.task = g.task AND o.partition = g.partition AND o.image_row = g.image_row AND o.person = @person) "
            + "ORDER BY g.partition, g.image_row LIMIT @count",
        count);

    /// <summary>Their oldest answers that they gave once only.</summary>
    private Task<List<QueueItem>> RepeatsAsync(int count) => sitting.ListAsync(
        $"SELECT p.task, {sitting.Round}, -1, p.partition, p.image_row, NULL, '{Repeat}' FROM opinion p WHERE p.task = @task AND p.person = @person "
            + "AND (SELECT COUNT(*) FROM label_event e WHERE e.task = p.task AND e.partition = p.partition AND e.image_row = p.image_row AND e.person = p.person) = 1 "
            + $"AND (SELECT COUNT(*) FROM opinion n WHERE n.task = p.task AND n.person = p.person AND n.seq > p.seq) >= {LeastGap} ORDER BY p.seq LIMIT @count",
        count);
}
