using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// Puts images that a person chose into a task's queue. They go to the end of the newest round while it has pictures without an answer; else they are a round of
/// their own, asked at once. So they never land in a round that has been answered and is only waiting to be learned from, and a learning loop that comes to
/// the number finds the round there, waits for its answers and learns from them like from its own.
/// </summary>
internal sealed class QueueAdder(Database database)
{
    private const string HasAnswer = "SELECT COUNT(*) FROM item_state WHERE task = @task AND partition = @partition AND image_row = @row";

    private const string IsWaiting =
        "SELECT COUNT(*) FROM queue_item q JOIN round r ON r.task = q.task AND r.number = q.round "
        + "WHERE q.task = @task AND q.partition = @partition AND q.image_row = @row AND q.closed = 0 AND r.state = @labeling AND r.number = @newest";

    public Task<QueueAddition> AddAsync(string task, IReadOnlyList<ImageId> images, string reason, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            var newest = (int)(await connection.ScalarAsync<long?>("SELECT MAX(number) FROM round WHERE task = @task", cancellationToken, ("task", task)) ?? -1);
            var (asked, answered, waiting) = await SortOutAsync(connection, task, newest, images, cancellationToken);
            if (asked.Count == 0) return new QueueAddition(newest, 0, answered, waiting);
            var open = await connection.ScalarAsync<long>(
                "SELECT COALESCE(SUM(remaining), 0) FROM round WHERE task = @task AND number = @newest AND state = @labeling", cancellationToken,
                ("task", task), ("newest", newest), ("labeling", nameof(RoundState.Labeling)));
            var round = open > 0 ? newest : newest + 1;
            var first = await BeginAsync(connection, task, round, asked.Count, isNew: round != newest, cancellationToken);
            await InsertAsync(connection, task, round, first, asked, reason, cancellationToken);
            await LabelProjection.CloseItemsAsync(connection, task, cancellationToken);
            return new QueueAddition(round, asked.Count, answered, waiting);
        }, cancellationToken);

    private static async Task<(List<ImageId> Asked, int Answered, int Waiting)> SortOutAsync(
        DbConnection connection, string task, int newest, IReadOnlyList<ImageId> images, CancellationToken cancellationToken)
    {
        var asked = new List<ImageId>();
        var (answered, waiting) = (0, 0);
        await using var answers = connection.Create(HasAnswer, ("task", task));
        await using var queue = connection.Create(IsWaiting, ("task", task), ("labeling", nameof(RoundState.Labeling)), ("newest", newest));
        foreach (var image in images.Distinct())
        {
            // Where several people are asked about each image, one may have an answer and wait for the next.
            if (await CountAsync(queue, image, cancellationToken) > 0) waiting++;
            else if (await CountAsync(answers, image, cancellationToken) > 0) answered++;
            else asked.Add(image);
        }
        return (asked, answered, waiting);
    }

    private static async Task<long> CountAsync(DbCommand command, ImageId image, CancellationToken cancellationToken)
    {
        command.Set("partition", image.Partition);
        command.Set("row", image.Row);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <returns>The first free position of the round.</returns>
    private static async Task<int> BeginAsync(DbConnection connection, string task, int round, int count, bool isNew, CancellationToken cancellationToken)
    {
        if (isNew)
        {
            await connection.ExecuteAsync(
                "INSERT INTO round (task, number, state, asked, metrics) VALUES (@task, @number, @state, @asked, '')", cancellationToken,
                ("task", task), ("number", round), ("state", nameof(RoundState.Labeling)), ("asked", count));
            return 0;
        }
        await connection.ExecuteAsync("UPDATE round SET asked = asked + @count WHERE task = @task AND number = @number", cancellationToken, ("task", task), ("number", round), ("count", count));
        return (int)await connection.ScalarAsync<long>(
            "SELECT COALESCE(MAX(position), -1) + 1 FROM queue_item WHERE task = @task AND round = @number", cancellationToken, ("task", task), ("number", round));
    }

    private static async Task InsertAsync(
        DbConnection connection, string task, int round, int first, List<ImageId> images, string reason, CancellationToken cancellationToken)
    {
        await using var insert = connection.Create(
            "INSERT INTO queue_item (task, round, position, partition, image_row, probability, reason) VALUES (@task, @round, @position, @partition, @row, NULL, @reason)",
            ("task", task), ("round", round), ("reason", reason));
        for (var i = 0; i < images.Count; i++)
        {
            insert.Set("position", first + i);
            insert.Set("partition", images[i].Partition);
            insert.Set("row", images[i].Row);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
