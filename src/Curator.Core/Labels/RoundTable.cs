using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>Rounds, their queues, and the leases that say who is looking at what. Times are the server's.</summary>
internal sealed class RoundTable(SqliteDatabase database, TimeProvider clock)
{
    private const string Items = "q.task, q.round, q.position, q.partition, q.image_row, q.probability, q.reason FROM queue_item q";

    // Any answer counts, also one of an earlier round; an Undo that uncovers nothing opens the item again.
    private const string Open =
        "q.task = @task AND q.round = @round AND NOT EXISTS "
        + "(SELECT 1 FROM item_state s WHERE s.task = q.task AND s.partition = q.partition AND s.image_row = q.image_row)";

    private const string LeaseOfItem = "SELECT 1 FROM lease l WHERE l.task = q.task AND l.partition = q.partition AND l.image_row = q.image_row AND l.expires_at > @now";

    public Task<Round> StartAsync(string task, int number, IReadOnlyList<QueueItem> queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        return database.WriteAsync(async connection =>
        {
            if (await FindAsync(connection, task, number, cancellationToken) is { } stored) return stored;
            await connection.ExecuteAsync(
                "INSERT INTO round (task, number, state, asked, metrics) VALUES (@task, @number, @state, @asked, '')", cancellationToken,
                ("task", task), ("number", number), ("state", nameof(RoundState.Labeling)), ("asked", queue.Count));
            await using var insert = connection.Create(
                "INSERT INTO queue_item (task, round, position, partition, image_row, probability, reason) VALUES (@task, @round, @position, @partition, @row, @probability, @reason)",
                ("task", task), ("round", number));
            foreach (var item in queue)
            {
                insert.Set("position", item.Rank);
                insert.Set("partition", item.Image.Partition);
                insert.Set("row", item.Image.Row);
                insert.Set("probability", float.IsNaN(item.Probability) ? null : (double)item.Probability);
                insert.Set("reason", item.Reason);
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }

            return new Round(task, number, RoundState.Labeling, queue.Count, "");
        }, cancellationToken);
    }

    public Task FinishAsync(string task, int number, string metrics, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            var changed = await connection.ExecuteAsync(
                "UPDATE round SET state = @state, metrics = @metrics WHERE task = @task AND number = @number", cancellationToken,
                ("state", nameof(RoundState.Done)), ("metrics", metrics), ("task", task), ("number", number));
            return changed == 1 ? true : throw new WorkspaceException($"Task '{task}' has no round {number}.", $"List its rounds with `curator status`, or begin one with `curator learn {task}`.");
        }, cancellationToken);

    public async Task<IReadOnlyList<Round>> GetAllAsync(string task, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.ListAsync(
                "SELECT task, number, state, asked, metrics FROM round WHERE task = @task ORDER BY number", ReadRound, cancellationToken, ("task", task)),
            cancellationToken);

    public async Task<IReadOnlyList<QueueItem>> GetQueueAsync(string task, int round, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.ListAsync(
                $"SELECT {Items} WHERE q.task = @task AND q.round = @round ORDER BY q.position", ReadItem, cancellationToken, ("task", task), ("round", round)),
            cancellationToken);

    public Task<int> CountOpenAsync(string task, int round, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => (int)await connection.ScalarAsync<long>(
                $"SELECT COUNT(*) FROM queue_item q WHERE {Open}", cancellationToken, ("task", task), ("round", round)),
            cancellationToken);

    public Task<IReadOnlyList<QueueItem>> TakeNextAsync(string task, string person, int count, TimeSpan leaseTime, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(person);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(leaseTime, TimeSpan.Zero);
        return database.WriteAsync<IReadOnlyList<QueueItem>>(async connection =>
        {
            var round = await connection.ScalarAsync<long?>(
                "SELECT MAX(number) FROM round WHERE task = @task AND state = @state", cancellationToken, ("task", task), ("state", nameof(RoundState.Labeling)));
            if (round is null) return [];
            var now = clock.GetUtcNow();
            await connection.ExecuteAsync("DELETE FROM lease WHERE task = @task AND expires_at <= @now", cancellationToken, ("task", task), ("now", now.ToMicroseconds()));
            (string, object?)[] values = [("task", task), ("round", round), ("person", person), ("now", now.ToMicroseconds()), ("count", count)];

            var items = await connection.ListAsync(
                $"SELECT {Items} WHERE {Open} AND EXISTS ({LeaseOfItem} AND l.person = @person) ORDER BY q.position LIMIT @count", ReadItem, cancellationToken, values);
            if (items.Count < count)
            {
                values[^1] = ("count", count - items.Count);
                items.AddRange(await connection.ListAsync(
                    $"SELECT {Items} WHERE {Open} AND NOT EXISTS ({LeaseOfItem}) ORDER BY q.position LIMIT @count", ReadItem, cancellationToken, values));
            }

            // All that is left lies with others. A person who asks is not sent away: they get the same pictures from the far end of the queue.
            if (items.Count == 0)
                items = await connection.ListAsync($"SELECT {Items} WHERE {Open} ORDER BY q.position DESC LIMIT @count", ReadItem, cancellationToken, values);
            await LeaseAsync(connection, items, person, now + leaseTime, cancellationToken);
            return items;
        }, cancellationToken);
    }

    private static async Task LeaseAsync(DbConnection connection, List<QueueItem> items, string person, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var lease = connection.Create(
            "INSERT INTO lease (task, partition, image_row, person, expires_at) VALUES (@task, @partition, @row, @person, @until) "
                + "ON CONFLICT (task, partition, image_row, person) DO UPDATE SET expires_at = excluded.expires_at",
            ("person", person), ("until", until.ToMicroseconds()));
        foreach (var item in items)
        {
            lease.Set("task", item.Task);
            lease.Set("partition", item.Image.Partition);
            lease.Set("row", item.Image.Row);
            await lease.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<Round?> FindAsync(DbConnection connection, string task, int number, CancellationToken cancellationToken)
    {
        var found = await connection.ListAsync(
            "SELECT task, number, state, asked, metrics FROM round WHERE task = @task AND number = @number", ReadRound, cancellationToken, ("task", task), ("number", number));
        return found.Count == 0 ? null : found[0];
    }

    private static Round ReadRound(DbDataReader row) =>
        new(row.GetString(0), row.GetInt32(1), Enum.Parse<RoundState>(row.GetString(2)), row.GetInt32(3), row.GetString(4));

    private static QueueItem ReadItem(DbDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetInt32(2), new ImageId(row.GetInt32(3), row.GetInt64(4)), row.IsDBNull(5) ? float.NaN : (float)row.GetDouble(5), row.GetString(6));
}
