using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>Rounds and their queues.</summary>
internal sealed class RoundTable(Database database)
{
    internal const string Items = "q.task, q.round, q.position, q.partition, q.image_row, q.probability, q.reason FROM queue_item q";

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

            await LabelProjection.CloseItemsAsync(connection, task, cancellationToken);
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
                "SELECT remaining FROM round WHERE task = @task AND number = @round", cancellationToken, ("task", task), ("round", round)),
            cancellationToken);

    private static async Task<Round?> FindAsync(DbConnection connection, string task, int number, CancellationToken cancellationToken)
    {
        var found = await connection.ListAsync(
            "SELECT task, number, state, asked, metrics FROM round WHERE task = @task AND number = @number", ReadRound, cancellationToken, ("task", task), ("number", number));
        return found.Count == 0 ? null : found[0];
    }

    private static Round ReadRound(DbDataReader row) =>
        new(row.GetString(0), row.GetInt32(1), Enum.Parse<RoundState>(row.GetString(2)), row.GetInt32(3), row.GetString(4));

    internal static QueueItem ReadItem(DbDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetInt32(2), new ImageId(row.GetInt32(3), row.GetInt64(4)), row.IsDBNull(5) ? float.NaN : (float)row.GetDouble(5), row.GetString(6));
}
