using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>The statements of one appending transaction, each prepared once and used for every event.</summary>
internal sealed class AppendStatements(DbConnection connection) : IAsyncDisposable
{
    private readonly DbCommand _find = connection.Create($"SELECT {LabelEventTable.Columns} FROM label_event WHERE op_id = @op");

    private readonly DbCommand _insert = connection.Create(
        $"INSERT INTO label_event ({LabelEventTable.Columns}, prev_hash) VALUES "
            + "(@seq, @op, @task, @partition, @row, @person, @session, @kind, @value, @shown, @server, @round, @hash, @previous)");

    // An answer covers an earlier one, except that only an Adjudicate covers an Adjudicate.
    private readonly DbCommand _cover = connection.Create(
        "INSERT INTO item_state (task, partition, image_row, seq, kind, value, person, round) VALUES (@task, @partition, @row, @seq, @kind, @value, @person, @round) "
            + "ON CONFLICT (task, partition, image_row) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, value = excluded.value, person = excluded.person, round = excluded.round "
            + "WHERE item_state.kind <> 'Adjudicate' OR excluded.kind = 'Adjudicate'");

    private readonly DbCommand _remove = connection.Create("DELETE FROM item_state WHERE task = @task AND partition = @partition AND image_row = @row");

    public async Task<LabelEvent?> FindAsync(string operationId)
    {
        _find.Set("op", operationId);
        await using var reader = await _find.ExecuteReaderAsync();
        return await reader.ReadAsync() ? LabelEventTable.Read(reader) : null;
    }

    public async Task InsertAsync(LabelEvent entry, string previousHash)
    {
        SetImage(_insert, entry.Task, entry.Image);
        _insert.Set("seq", entry.Seq);
        _insert.Set("op", entry.OperationId);
        _insert.Set("person", entry.Person);
        _insert.Set("session", entry.Session);
        _insert.Set("kind", entry.Kind.ToString());
        _insert.Set("value", entry.Value);
        _insert.Set("shown", entry.ShownAt?.ToMicroseconds());
        _insert.Set("server", entry.ServerAt.ToMicroseconds());
        _insert.Set("round", entry.Round);
        _insert.Set("hash", entry.Hash);
        _insert.Set("previous", previousHash);
        await _insert.ExecuteNonQueryAsync();
    }

    /// <summary>Brings the present answer up to date. An Undo is rare, and what it uncovers is found by folding the image's events.</summary>
    public async Task ProjectAsync(LabelEvent entry)
    {
        if (entry.Kind != LabelEventKind.Undo)
        {
            await CoverAsync(entry);
            return;
        }

        SetImage(_remove, entry.Task, entry.Image);
        await _remove.ExecuteNonQueryAsync();
        var events = await LabelEventTable.ForImageAsync(connection, entry.Task, entry.Image);
        if (LabelFold.Decide(events) is { } deciding) await CoverAsync(deciding);
    }

    public async ValueTask DisposeAsync()
    {
        await _find.DisposeAsync();
        await _insert.DisposeAsync();
        await _cover.DisposeAsync();
        await _remove.DisposeAsync();
    }

    private async Task CoverAsync(LabelEvent entry)
    {
        SetImage(_cover, entry.Task, entry.Image);
        _cover.Set("seq", entry.Seq);
        _cover.Set("kind", entry.Kind.ToString());
        _cover.Set("value", entry.Value);
        _cover.Set("person", entry.Person);
        _cover.Set("round", entry.Round);
        await _cover.ExecuteNonQueryAsync();
    }

    private static void SetImage(DbCommand command, string task, ImageId image)
    {
        command.Set("task", task);
        command.Set("partition", image.Partition);
        command.Set("row", image.Row);
    }
}
