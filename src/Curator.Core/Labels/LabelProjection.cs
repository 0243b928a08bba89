using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// All that is made from the events and can be made anew: present answers (<c>item_state</c>), opinions, counts, and which items of the queues are closed.
/// </summary>
internal static class LabelProjection
{
    /// <summary>Under this value the tally counts images that nobody could tell; no class can be named so.</summary>
    public const string Unsure = "";

    private const string SameImage = "s.task = queue_item.task AND s.partition = queue_item.partition AND s.image_row = queue_item.image_row";

    /// <summary>Of a <c>queue_item</c>: 1 when it needs no further answer.</summary>
    private const string Closed =
        $"CASE WHEN EXISTS (SELECT 1 FROM item_state s WHERE {SameImage} AND (s.kind = 'Adjudicate' OR "
        + $"(SELECT COUNT(*) FROM opinion s WHERE {SameImage}) >= (SELECT t.opinions FROM task t WHERE t.name = queue_item.task))) THEN 1 ELSE 0 END";

    /// <summary>Finds anew which items of a task's queues are closed; after a round begins, or when the number of opinions changes.</summary>
    public static async Task CloseItemsAsync(DbConnection connection, string task, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"UPDATE queue_item SET closed = {Closed} WHERE task = @task AND closed <> {Closed}", cancellationToken, ("task", task));
        await connection.ExecuteAsync(
            "UPDATE round SET remaining = (SELECT COUNT(*) FROM queue_item q WHERE q.task = round.task AND q.round = round.number AND q.closed = 0) WHERE task = @task",
            cancellationToken, ("task", task));
    }

    /// <summary>Makes everything anew from the events. O(events); holds one image's events at a time.</summary>
    public static async Task RebuildAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        foreach (var table in (string[])["item_state", "opinion", "label_tally"]) await connection.ExecuteAsync($"DELETE FROM {table}", cancellationToken);
        await using var cover = connection.Create(
            "INSERT INTO item_state (task, partition, image_row, seq, kind, value, person, round) VALUES (@task, @partition, @row, @seq, @kind, @value, @person, @round)");
        await using var opine = connection.Create(
            "INSERT INTO opinion (task, partition, image_row, seq, kind, value, person) VALUES (@task, @partition, @row, @seq, @kind, @value, @person)");
        // Listed image by image: a connection to PostgreSQL cannot write while it still reads.
        var images = await connection.ListAsync(
            "SELECT DISTINCT task, partition, image_row FROM label_event", row => (row.GetString(0), new ImageId(row.GetInt32(1), row.GetInt64(2))), cancellationToken);
        foreach (var (task, image) in images)
        {
            var events = await LabelEventTable.ForImageAsync(connection, task, image);
            if (LabelFold.Decide(events) is { } deciding) await WriteAsync(cover, deciding, cancellationToken);
            foreach (var opinion in LabelFold.Opinions(events)) await WriteAsync(opine, opinion, cancellationToken);
        }

        await connection.ExecuteAsync(
            $"INSERT INTO label_tally (task, value, images) SELECT task, COALESCE(value, '{Unsure}'), COUNT(*) FROM item_state GROUP BY task, COALESCE(value, '{Unsure}')", cancellationToken);
        foreach (var task in await connection.ListAsync("SELECT name FROM task", row => row.GetString(0), cancellationToken))
            await CloseItemsAsync(connection, task, cancellationToken);
    }

    /// <summary>Counts that differ from what they count, as text; none, unless there is a bug.</summary>
    public static async Task<IReadOnlyList<string>> WrongCountsAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var wrong = await connection.ListAsync(
            $"SELECT task, partition, image_row FROM queue_item WHERE closed <> {Closed}",
            row => $"queue item {row.GetString(0)} {new ImageId(row.GetInt32(1), row.GetInt64(2))}", cancellationToken);
        wrong.AddRange(await connection.ListAsync(
            "SELECT task, number FROM round WHERE remaining <> (SELECT COUNT(*) FROM queue_item q WHERE q.task = round.task AND q.round = round.number AND q.closed = 0)",
            row => $"open items of round {row.GetString(0)} {row.GetInt32(1)}", cancellationToken));
        wrong.AddRange(await connection.ListAsync(
            "SELECT y.task, y.value FROM label_tally y WHERE y.images <> (SELECT COUNT(*) FROM item_state s WHERE s.task = y.task AND COALESCE(s.value, '') = y.value)",
            row => $"tally {row.GetString(0)} {row.GetString(1)}", cancellationToken));
        return wrong;
    }

    private static async Task WriteAsync(DbCommand command, LabelEvent entry, CancellationToken cancellationToken)
    {
        command.Set("task", entry.Task);
        command.Set("partition", entry.Image.Partition);
        command.Set("row", entry.Image.Row);
        command.Set("seq", entry.Seq);
        command.Set("kind", entry.Kind.ToString());
        command.Set("value", entry.Value);
        command.Set("person", entry.Person);
        if (command.CommandText.Contains("@round", StringComparison.Ordinal)) command.Set("round", entry.Round);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
