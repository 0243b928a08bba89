using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// The statements of one appending transaction. What the events need to know is looked up for all of them together, and what they write is sent together (<see cref="Pipeline"/>); between the two it is
/// kept here, so that two events of one image in one transaction see each other.
/// </summary>
internal sealed class AppendStatements(DbConnection connection) : IAsyncDisposable
{
    private const string OfImage = "task = @task AND partition = @partition AND image_row = @row";

    private const string FindSql = $"SELECT {LabelEventTable.Columns} FROM label_event WHERE op_id = @op";

    private const string PresentSql = $"SELECT kind, value FROM item_state WHERE {OfImage}";

    private const string InsertSql =
        $"INSERT INTO label_event ({LabelEventTable.Columns}, prev_hash) VALUES "
        + "(@seq, @op, @task, @partition, @row, @person, @session, @kind, @value, @shown, @server, @round, @hash, @previous)";

    private const string CoverSql =
        "INSERT INTO item_state (task, partition, image_row, seq, kind, value, person, round) VALUES (@task, @partition, @row, @seq, @kind, @value, @person, @round) "
        + "ON CONFLICT (task, partition, image_row) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, value = excluded.value, person = excluded.person, round = excluded.round";

    private const string RemoveSql = $"DELETE FROM item_state WHERE {OfImage}";

    private const string OpineSql =
        "INSERT INTO opinion (task, partition, image_row, person, seq, kind, value) VALUES (@task, @partition, @row, @person, @seq, @kind, @value) "
        + "ON CONFLICT (task, partition, image_row, person) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, value = excluded.value";

    private const string ForgetSql = $"DELETE FROM opinion WHERE {OfImage} AND person = @person";

    private const string CloseSql = $"UPDATE queue_item SET closed = @closed WHERE {OfImage} AND closed <> @closed RETURNING round, closed";

    private const string EnoughOpinions = $"(CASE WHEN (SELECT COUNT(*) FROM opinion WHERE {OfImage}) >= @wanted THEN 1 ELSE 0 END)";

    private const string CloseByCountSql = $"UPDATE queue_item SET closed = {EnoughOpinions} WHERE {OfImage} AND closed <> {EnoughOpinions} RETURNING round, closed";

    private readonly Pipeline _pipeline = new(connection);
    private readonly Dictionary<string, LabelEvent> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Task, ImageId Image), (LabelEventKind Kind, string? Value)?> _present = [];
    private readonly Dictionary<string, int> _opinions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Task, string Value), long> _tally = [];
    private readonly Dictionary<(string Task, int Round), int> _remaining = [];

    /// <summary>Looks up what is stored of these operations and images. Must come before <see cref="Find"/> and <see cref="ProjectAsync"/>.</summary>
    public async Task LookUpAsync(IEnumerable<(string OperationId, string Task, ImageId Image)> answers)
    {
        foreach (var (operationId, task, image) in answers)
        {
            await _pipeline.AddAsync(FindSql, async reader =>
            {
                if (await reader.ReadAsync()) _known[operationId] = LabelEventTable.Read(reader);
            }, ("op", operationId));
            if (!_present.TryAdd((task, image), null)) continue;
            await _pipeline.AddAsync(PresentSql, async reader =>
            {
                if (await reader.ReadAsync()) _present[(task, image)] = (Enum.Parse<LabelEventKind>(reader.GetString(0)), reader.TextOrNull(1));
            }, Key(task, image));
        }

        await _pipeline.FlushAsync();
    }

    /// <summary>The event of that operation, stored before or within this transaction.</summary>
    public LabelEvent? Find(string operationId) => _known.GetValueOrDefault(operationId);

    /// <summary>Seq of the newest event of an image; 0 without any.</summary>
    public async Task<long> NewestAsync(string task, ImageId image)
    {
        await _pipeline.FlushAsync();
        return await connection.ScalarAsync<long>($"SELECT COALESCE(MAX(seq), 0) FROM label_event WHERE {OfImage}", CancellationToken.None, Key(task, image));
    }

    public Task InsertAsync(LabelEvent entry, string previousHash)
    {
        _known[entry.OperationId] = entry;
        return _pipeline.AddAsync(
            InsertSql,
            [
                .. Key(entry.Task, entry.Image), ("seq", entry.Seq), ("op", entry.OperationId), ("person", entry.Person), ("session", entry.Session), ("kind", entry.Kind.ToString()), ("value", entry.Value),
                ("shown", entry.ShownAt?.ToMicroseconds()), ("server", entry.ServerAt.ToMicroseconds()), ("round", entry.Round), ("hash", entry.Hash), ("previous", previousHash),
            ]);
    }

    /// <summary>
    /// Brings present answer, opinions, queues and counts up to date with a new event. An Undo is rare, and what it uncovers is found by folding the image's events.
    /// <see cref="CountAsync"/> must follow in the same transaction.
    /// </summary>
    public async Task ProjectAsync(LabelEvent entry)
    {
        var before = _present[(entry.Task, entry.Image)];
        var deciding = entry;
        if (entry.Kind == LabelEventKind.Undo)
        {
            await _pipeline.FlushAsync();
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
            await _pipeline.AddAsync(RemoveSql, Key(entry.Task, entry.Image));
            after = null;
        }

        _present[(entry.Task, entry.Image)] = after;
        if (before is { } old) Add(entry.Task, old.Value, -1);
        if (after is { } now) Add(entry.Task, now.Value, 1);
        await CloseAsync(entry, before is not null, after);
    }

    /// <summary>Writes what waits, then the counts that the events so far have changed.</summary>
    public async Task CountAsync()
    {
        await _pipeline.FlushAsync();
        foreach (var ((task, value), images) in _tally)
            if (images != 0)
                await _pipeline.AddAsync(
                    "INSERT INTO label_tally (task, value, images) VALUES (@task, @value, @images) ON CONFLICT (task, value) DO UPDATE SET images = label_tally.images + excluded.images",
                    ("task", task), ("value", value), ("images", images));
        foreach (var ((task, round), items) in _remaining)
            if (items != 0)
                await _pipeline.AddAsync("UPDATE round SET remaining = remaining + @items WHERE task = @task AND number = @round", ("task", task), ("round", round), ("items", items));
        await _pipeline.FlushAsync();
        _tally.Clear();
        _remaining.Clear();
    }

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    private Task CoverAsync(LabelEvent entry) => _pipeline.AddAsync(
        CoverSql, [.. Key(entry.Task, entry.Image), ("seq", entry.Seq), ("kind", entry.Kind.ToString()), ("value", entry.Value), ("person", entry.Person), ("round", entry.Round)]);

    /// <param name="entry">Whose opinion.</param>
    /// <param name="opinion">The event that is their opinion now, or null for none.</param>
    private Task OpineAsync(LabelEvent entry, LabelEvent? opinion) => opinion is null
        ? _pipeline.AddAsync(ForgetSql, [.. Key(entry.Task, entry.Image), ("person", entry.Person)])
        : _pipeline.AddAsync(
            OpineSql, [.. Key(entry.Task, entry.Image), ("person", entry.Person), ("seq", opinion.Seq), ("kind", opinion.Kind.ToString()), ("value", opinion.Value)]);

    /// <summary>An item is closed by a decision, or by as many opinions as its task asks for.</summary>
    private async Task CloseAsync(LabelEvent entry, bool wasAnswered, (LabelEventKind Kind, string? Value)? present)
    {
        var wanted = await OpinionsAsync(entry.Task);
        if (wanted == 1 && wasAnswered && present is not null) return; // closed before, closed now
        var byCount = present is { Kind: not LabelEventKind.Adjudicate } && wanted > 1;
        var task = entry.Task;
        await _pipeline.AddAsync(
            byCount ? CloseByCountSql : CloseSql,
            async reader =>
            {
                while (await reader.ReadAsync())
                {
                    var key = (task, reader.GetInt32(0));
                    _remaining[key] = _remaining.GetValueOrDefault(key) + (reader.GetInt32(1) == 1 ? -1 : 1);
                }
            },
            [.. Key(task, entry.Image), byCount ? ("wanted", wanted) : ("closed", present is null ? 0 : 1)]);
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

    private static (string Name, object? Value)[] Key(string task, ImageId image) => [("task", task), ("partition", image.Partition), ("row", image.Row)];
}
