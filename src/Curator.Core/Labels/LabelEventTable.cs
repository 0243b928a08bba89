using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>Rows of <c>label_event</c> and of its projection <c>item_state</c>, written inside a transaction that the caller holds.</summary>
internal static class LabelEventTable
{
    public const string Columns = "seq, op_id, task, partition, image_row, person, session, kind, value, shown_at, server_at, round, hash";

    public static LabelEvent Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), new ImageId(row.GetInt32(3), row.GetInt64(4)), row.GetString(5), row.GetString(6),
        Enum.Parse<LabelEventKind>(row.GetString(7)), row.TextOrNull(8), row.MomentOrNull(9), row.Moment(10), row.GetInt32(11), row.GetString(12));

    /// <summary>Seq and hash of the newest event; (0, <see cref="LabelChain.Genesis"/>) when there is none.</summary>
    public static async Task<(long Seq, string Hash)> HeadAsync(DbConnection connection)
    {
        var found = await connection.ListAsync(
            "SELECT seq, hash FROM label_event ORDER BY seq DESC LIMIT 1", row => (row.GetInt64(0), row.GetString(1)), CancellationToken.None);
        return found.Count == 0 ? (0, LabelChain.Genesis) : found[0];
    }

    /// <summary>A person's newest events of a task before a seq, the newest first.</summary>
    public static Task<List<LabelEvent>> OfPersonAsync(DbConnection connection, string task, string person, long before, int count, CancellationToken cancellationToken) =>
        connection.ListAsync(
            $"SELECT {Columns} FROM label_event WHERE task = @task AND person = @person AND seq < @before ORDER BY seq DESC LIMIT @count", Read, cancellationToken,
            ("task", task), ("person", person), ("before", before), ("count", count));

    public static Task<List<LabelEvent>> ForImageAsync(DbConnection connection, string task, ImageId image) =>
        connection.ListAsync(
            $"SELECT {Columns} FROM label_event WHERE task = @task AND partition = @partition AND image_row = @row ORDER BY seq", Read, CancellationToken.None,
            ("task", task), ("partition", image.Partition), ("row", image.Row));
}
