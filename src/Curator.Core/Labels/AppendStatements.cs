using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>The statements of one appending transaction, each prepared once and used for every event.</summary>
internal sealed class AppendStatements(DbConnection connection) : IAsyncDisposable
{
    private const string OfImage = "task = @task AND partition = @partition AND image_row = @row";

    private readonly DbCommand _find = connection.Create($"SELECT {LabelEventTable.Columns} FROM label_event WHERE op_id = @op");

    private readonly DbCommand _newest = connection.Create($"SELECT MAX(seq) FROM label_event WHERE {OfImage}");

    private readonly DbCommand _insert = connection.Create(
        $"INSERT INTO label_event ({LabelEventTable.Columns}, prev_hash) VALUES "
            + "(@seq, @op, @task, @partition, @row, @person, @session, @kind, @value, @shown, @server, @round, @hash, @previous)");

    private readonly DbCommand _present = connection.Create($"SELECT kind, value FROM item_state WHERE {OfImage}");

    private readonly DbCommand _cover = connection.Create(
        "INSERT INTO item_state (task, partition, image_row, seq, kind, value, person, round) VALUES (@task, @partition, @row, @seq, @kind, @value, @person, @round) "
            + "ON CONFLICT (task, partition, image_row) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, value = excluded.value, person = excluded.person, round = excluded.round");

    private readonly DbCommand _remove = connection.Create($"DELETE FROM item_state WHERE {OfImage}");

    private readonly DbCommand _opine = connection.Create(
        "INSERT INTO opinion (task, partition, image_row, person, seq, kind, value) VALUES (@task, @partition, @row, @person, @seq, @kind, @value) "
            + "ON CONFLICT (task, partition, image_row, person) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, value = excluded.value");

    private readonly DbCommand _forget = connection.Create($"DELETE FROM opinion WHERE {OfImage} AND person = @person");

    private readonly DbCommand _count = connection.Create($"SELECT COUNT(*) FROM opinion WHERE {OfImage}");

    private readonly DbCommand _close = connection.Create($"UPDATE queue_item SET closed = @closed WHERE {OfImage} AND closed <> @closed RETURNING round");

    private readonly Dictionary<string, int> _opinions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Task, string Value), long> _tally = [];
    private readonly Dictionary<(string Task, int Round), int> _remaining = [];

    public async Task<LabelEvent?> FindAsync(string operationId)
    {
        _find.Set("op", operationId);
        await using var reader = await _find.ExecuteReaderAsync();
        return await reader.ReadAsync() ? LabelEventTable.Read(reader) : null;
    }

    /// <summary>Seq of the newest event of an image; 0 without any.</summary>
    public async Task<long> NewestAsync(string task, ImageId image)
    {
        SetImage(_newest, task, image);
        return await _newest.ExecuteScalarAsync() is long seq ? seq : 0;
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

    /// <summary>
    /// Brings present answer, opinions, queues and counts up to date with a new event. An Undo is rare, and what it uncovers is found by folding the image's events.
    /// <see cref="CountAsync"/> must follow in the same transaction.
    /// </summary>
    public async Task ProjectAsync(LabelEvent entry)
    {
        var before = await PresentAsync(entry);
        var deciding = entry;
        if (entry.Kind == LabelEventKind.Undo)
        {
            var events = await LabelEventTable.ForImageAsync(connection, entry.Task, entry.Image);
            deciding = LabelFold.Decide(events);
            await OpineAsync(entry, LabelFold.Opinions(events).FirstOrDefault(opinion => opinion.Person == entry.Person));
        }
        else
        {
            if (before is { } present && LabelFold.Rank(entry.Kind) < LabelFold.Rank(present.Kind)) deciding = null;
            if (entry.Kind != LabelEventKind.Adjudicate) await OpineAsync(entry, entry);
        }

        (LabelEventKind Kind, string? Value)? after = before;
        if (deciding is not null)
        {
            await CoverAsync(deciding);
            after = (deciding.Kind, deciding.Value);
        }
        else if (entry.Kind == LabelEventKind.Undo)
        {
            SetImage(_remove, entry.Task, entry.Image);
            await _remove.ExecuteNonQueryAsync();
            after = null;
        }

        if (before is { } old) Add(entry.Task, old.Value, -1);
        if (after is { } now) Add(entry.Task, now.Value, 1);
        await CloseAsync(entry, before is not null, after);
    }

    /// <summary>Writes the counts that the events so far have changed.</summary>
    public async Task CountAsync()
    {
        foreach (var ((task, value), images) in _tally)
            if (images != 0)
                await connection.ExecuteAsync(
                    "INSERT INTO label_tally (task, value, images) VALUES (@task, @value, @images) ON CONFLICT (task, value) DO UPDATE SET images = label_tally.images + excluded.images",
                    CancellationToken.None, ("task", task), ("value", value), ("images", images));
        foreach (var ((task, round), items) in _remaining)
            if (items != 0)
                await connection.ExecuteAsync(
                    "UPDATE round SET remaining = remaining + @items WHERE task = @task AND number = @round", CancellationToken.None, ("task", task), ("round", round), ("items", items));
        _tally.Clear();
        _remaining.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in (DbCommand[])[_find, _newest, _insert, _present, _cover, _remove, _opine, _forget, _count, _close]) await command.DisposeAsync();
    }

    private async Task<(LabelEventKind Kind, string? Value)?> PresentAsync(LabelEvent entry)
    {
        SetImage(_present, entry.Task, entry.Image);
        await using var reader = await _present.ExecuteReaderAsync();
        return await reader.ReadAsync() ? (Enum.Parse<LabelEventKind>(reader.GetString(0)), reader.TextOrNull(1)) : null;
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

    /// <param name="entry">Whose opinion.</param>
    /// <param name="opinion">The event that is their opinion now, or null for none.</param>
    private async Task OpineAsync(LabelEvent entry, LabelEvent? opinion)
    {
        var command = opinion is null ? _forget : _opine;
        SetImage(command, entry.Task, entry.Image);
        command.Set("person", entry.Person);
        if (opinion is not null)
        {
            command.Set("seq", opinion.Seq);
            command.Set("kind", opinion.Kind.ToString());
            command.Set("value", opinion.Value);
        }

        await command.ExecuteNonQueryAsync();
    }

    /// <summary>An item is closed by a decision, or by as many opinions as its task asks for.</summary>
    private async Task CloseAsync(LabelEvent entry, bool wasAnswered, (LabelEventKind Kind, string? Value)? present)
    {
        var wanted = await OpinionsAsync(entry.Task);
        if (wanted == 1 && wasAnswered && present is not null) return; // closed before, closed now
        var closed = present is { } answer && (answer.Kind == LabelEventKind.Adjudicate || wanted == 1 || await CountOpinionsAsync(entry) >= wanted);
        SetImage(_close, entry.Task, entry.Image);
        _close.Set("closed", closed ? 1 : 0);
        await using var reader = await _close.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var key = (entry.Task, reader.GetInt32(0));
            _remaining[key] = _remaining.GetValueOrDefault(key) + (closed ? -1 : 1);
        }
    }

    private async Task<long> CountOpinionsAsync(LabelEvent entry)
    {
        SetImage(_count, entry.Task, entry.Image);
        return (long)(await _count.ExecuteScalarAsync())!;
    }

    private async Task<int> OpinionsAsync(string task)
    {
        if (_opinions.TryGetValue(task, out var opinions)) return opinions;
        return _opinions[task] = (int)await connection.ScalarAsync<long>("SELECT opinions FROM task WHERE name = @task", CancellationToken.None, ("task", task));
    }

    private void Add(string task, string? value, int images)
    {
        var key = (task, value ?? LabelProjection.Unsure);
        _tally[key] = _tally.GetValueOrDefault(key) + images;
    }

    private static void SetImage(DbCommand command, string task, ImageId image)
    {
        command.Set("task", task);
        command.Set("partition", image.Partition);
        command.Set("row", image.Row);
    }
}
