using System.Collections.Concurrent;
using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// Who is looking at what. An item has as many slots as its task asks for opinions; an opinion or a live lease takes one. Leases are a courtesy: they decide what is
/// shown, never what is stored, so they are committed without waiting for the disk.
/// </summary>
internal sealed class LeaseTable(Database database)
{
    private const string SameImage = "o.task = l.task AND o.partition = l.partition AND o.image_row = l.image_row";

    /// <summary>A lease <c>l</c> that its person has not answered since it was given.</summary>
    private const string Pending =
        $"l.expires_at > @now AND NOT EXISTS (SELECT 1 FROM opinion o WHERE {SameImage} AND o.person = l.person AND o.seq > l.since_seq)";

    private const string LeaseOfItem = "l.task = q.task AND l.partition = q.partition AND l.image_row = q.image_row";

    private const string Answered = "EXISTS (SELECT 1 FROM opinion o WHERE o.task = q.task AND o.partition = q.partition AND o.image_row = q.image_row AND o.person = @person)";

    private const string SlotsTaken =
        $"(SELECT COUNT(*) FROM lease l WHERE {LeaseOfItem} AND {Pending}) + "
        + "(SELECT COUNT(*) FROM opinion o WHERE o.task = q.task AND o.partition = q.partition AND o.image_row = q.image_row)";

    private const string Open = "q.task = @task AND q.round = @round AND q.closed = 0";

    /// <summary>
    /// Behind the last item given out, by task, round and, where several opinions are asked for, person: everything before is held or answered, so that looking for the next does not walk over it
    /// again. What became free before is found when nothing is left behind.
    /// </summary>
    private readonly ConcurrentDictionary<(string Task, long Round, string Person), int> _cursors = new();

    /// <summary>
    /// Until when nothing free is looked for, by the same key: all that is open was held or answered a moment ago. At the end of a round everybody asks and nothing is free, and each would walk
    /// over all that is left. What becomes free in this process is found at once (<see cref="Forget"/>).
    /// </summary>
    private readonly ConcurrentDictionary<(string Task, long Round, string Person), long> _dry = new();

    /// <summary>So long an item that another process opened may stay unnoticed, in microseconds.</summary>
    private const long DryMicroseconds = 2_000_000;

    public Task<IReadOnlyList<QueueItem>> TakeNextAsync(string task, string person, int count, TimeSpan leaseTime, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(person);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(leaseTime, TimeSpan.Zero);
        return database.WriteAsync<IReadOnlyList<QueueItem>>(async connection =>
        {
            var settings = await connection.ListAsync(
                "SELECT state, opinions, gold_every, repeat_every, (SELECT MAX(r.number) FROM round r WHERE r.task = task.name AND r.state = 'Labeling') FROM task WHERE name = @task",
                row => (State: row.GetString(0), Opinions: row.GetInt32(1), Gold: row.GetInt32(2), Repeat: row.GetInt32(3), Round: row.IsDBNull(4) ? (int?)null : row.GetInt32(4)),
                cancellationToken, ("task", task));
            if (settings is not [{ State: nameof(TaskState.Open), Round: { } round } settled]) return [];
            var now = await database.LeaseTimeAsync(connection, cancellationToken);
            var sitting = new Sitting(connection, task, person, round, settled.Opinions, now.ToMicroseconds(), cancellationToken);
            // The person's own that they have answered go first, so that what ends below was left lying, and only that is looked for again from the beginning.
            await connection.ExecuteAsync(
                "DELETE FROM lease WHERE task = @task AND person = @person AND EXISTS (SELECT 1 FROM opinion o WHERE o.task = lease.task AND o.partition = lease.partition "
                    + "AND o.image_row = lease.image_row AND o.person = lease.person AND o.seq > lease.since_seq)",
                cancellationToken, ("task", task), ("person", person));
            var ended = await connection.ExecuteAsync("DELETE FROM lease WHERE task = @task AND expires_at <= @now", cancellationToken, ("task", task), ("now", sitting.Now));
            if (ended > 0) Forget(task);

            var items = await HeldAsync(sitting, count);
            if (items.Count < count) items.AddRange(await FreeAsync(sitting, count - items.Count));
            // All that is left lies with others. A person who asks is not sent away: they get the same pictures from the far end of the queue.
            if (items.Count == 0)
                items = await sitting.ListAsync($"SELECT {RoundTable.Items} WHERE {Open} AND NOT {Answered} ORDER BY q.position DESC LIMIT @count", count);
            var checks = await new CheckItems(sitting).InsertAsync(items, settled.Gold, settled.Repeat, count);
            await LeaseAsync(sitting, checks, now + leaseTime);
            return [.. checks.Select(check => check.Item)];
        }, cancellationToken, durable: false);
    }

    /// <summary>Prolongs the person's live leases on these images.</summary>
    /// <returns>The images that are still theirs.</returns>
    public Task<IReadOnlyList<ImageId>> RenewAsync(string task, string person, IReadOnlyList<ImageId> images, TimeSpan leaseTime, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<ImageId>>(async connection =>
        {
            var now = await database.LeaseTimeAsync(connection, cancellationToken);
            await using var pipeline = new Pipeline(connection);
            var held = new List<ImageId>(images.Count);
            foreach (var image in images)
                await pipeline.AddAsync(
                    "UPDATE lease SET expires_at = @until WHERE task = @task AND partition = @partition AND image_row = @row AND person = @person AND expires_at > @now RETURNING image_row",
                    async reader =>
                    {
                        if (await reader.ReadAsync()) held.Add(image);
                    },
                    ("task", task), ("partition", image.Partition), ("row", image.Row), ("person", person), ("now", now.ToMicroseconds()), ("until", (now + leaseTime).ToMicroseconds()));
            await pipeline.FlushAsync();
            return held;
        }, cancellationToken, durable: false);

    /// <summary>Gives pictures back that the person will not answer, so that others get them at once.</summary>
    public Task ReleaseAsync(string task, string person, IReadOnlyList<ImageId> images, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await using var pipeline = new Pipeline(connection);
            foreach (var image in images)
                await pipeline.AddAsync(
                    "DELETE FROM lease WHERE task = @task AND partition = @partition AND image_row = @row AND person = @person",
                    ("task", task), ("partition", image.Partition), ("row", image.Row), ("person", person));
            await pipeline.FlushAsync();
            Forget(task);
            return true;
        }, cancellationToken, durable: false);

    /// <summary>Pictures that each person holds and has not answered.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CountHeldAsync(string task, CancellationToken cancellationToken) =>
        (await database.ReadAsync(
            async connection => await connection.ListAsync(
                $"SELECT l.person, COUNT(*) FROM lease l WHERE l.task = @task AND {Pending} GROUP BY l.person", row => (row.GetString(0), (int)row.GetInt64(1)), cancellationToken,
                ("task", task), ("now", (await database.LeaseTimeAsync(connection, cancellationToken)).ToMicroseconds())),
            cancellationToken)).ToDictionary();

    /// <summary>What was free before is looked for again, from the beginning; after items were opened or given back.</summary>
    public void Forget(string task)
    {
        foreach (var key in _cursors.Keys)
            if (key.Task == task)
                _cursors.TryRemove(key, out _);
        Reopen(task);
    }

    /// <summary>
    /// Something may be free where nothing was. Enough after an answer was taken back: its item lies with that person, and when it is left there it is found once nothing is left behind.
    /// From the beginning everybody would walk over all that is held.
    /// </summary>
    public void Reopen(string task)
    {
        foreach (var key in _dry.Keys)
            if (key.Task == task)
                _dry.TryRemove(key, out _);
    }

    /// <summary>The person's own leased pictures that wait for them, in the order in which they were given.</summary>
    private static async Task<List<QueueItem>> HeldAsync(Sitting sitting, int count)
    {
        var held = await sitting.ListAsync(
            $"SELECT l.task, {sitting.Round}, COALESCE(q.position, -1), l.partition, l.image_row, q.probability, COALESCE(q.reason, l.kind) FROM lease l "
                + $"LEFT JOIN queue_item q ON {LeaseOfItem} AND q.round = @round AND l.kind = 'Item' WHERE l.task = @task AND l.person = @person AND {Pending} "
                + "AND (l.kind <> 'Item' OR q.closed = 0) ORDER BY l.place LIMIT @count",
            count);
        return held;
    }

    private async Task<List<QueueItem>> FreeAsync(Sitting sitting, int count)
    {
        var key = (sitting.Task, (long)sitting.Round, sitting.Opinions == 1 ? "" : sitting.Person);
        if (_dry.TryGetValue(key, out var until) && sitting.Now < until) return [];
        var cursor = _cursors.GetValueOrDefault(key, -1);
        string Select(string part) =>
            $"SELECT {RoundTable.Items} WHERE {Open} AND {part} AND NOT {Answered} AND NOT EXISTS (SELECT 1 FROM lease l WHERE {LeaseOfItem} AND l.person = @person AND {Pending}) "
            + $"AND {SlotsTaken} < @opinions ORDER BY q.position LIMIT @count";
        var items = await sitting.ListAsync(Select("q.position > @cursor"), count, ("cursor", cursor));
        if (items.Count > 0) _cursors[key] = items[^1].Rank;
        else _cursors.TryRemove(key, out _);
        if (items.Count < count && cursor >= 0)
            items.AddRange(await sitting.ListAsync(Select("q.position <= @cursor"), count - items.Count, ("cursor", cursor)));
        // Fewer than asked for: those are taken with this transaction, and nothing else is free.
        if (items.Count < count) _dry[key] = sitting.Now + DryMicroseconds;
        else _dry.TryRemove(key, out _);
        return items;
    }

    private static async Task LeaseAsync(Sitting sitting, IReadOnlyList<(QueueItem Item, string Kind, long Place)> items, DateTimeOffset until)
    {
        if (items.Count == 0) return;
        var seq = await sitting.Connection.ScalarAsync<long>("SELECT COALESCE(MAX(seq), 0) FROM label_event", sitting.CancellationToken);
        await using var pipeline = new Pipeline(sitting.Connection);
        foreach (var (item, kind, place) in items)
            await pipeline.AddAsync(
                "INSERT INTO lease (task, partition, image_row, person, expires_at, kind, since_seq, place) VALUES (@task, @partition, @row, @person, @until, @kind, @since, @place) "
                    + "ON CONFLICT (task, partition, image_row, person) DO UPDATE SET expires_at = excluded.expires_at, kind = excluded.kind, place = excluded.place, "
                    // A lease that waits keeps its beginning; one that was answered begins again.
                    + "since_seq = CASE WHEN EXISTS (SELECT 1 FROM opinion o WHERE o.task = lease.task AND o.partition = lease.partition AND o.image_row = lease.image_row "
                    + "AND o.person = lease.person AND o.seq > lease.since_seq) THEN excluded.since_seq ELSE lease.since_seq END",
                ("task", sitting.Task), ("person", sitting.Person), ("until", until.ToMicroseconds()), ("since", seq), ("partition", item.Image.Partition), ("row", item.Image.Row), ("kind", kind),
                ("place", place));
        await pipeline.FlushAsync();
    }

    /// <summary>One person asking for pictures, within one transaction.</summary>
    internal sealed record Sitting(DbConnection Connection, string Task, string Person, int Round, int Opinions, long Now, CancellationToken CancellationToken)
    {
        public Task<List<QueueItem>> ListAsync(string sql, int count, params (string Name, object? Value)[] more) =>
            Connection.ListAsync(
                sql, RoundTable.ReadItem, CancellationToken,
                [("task", Task), ("round", Round), ("person", Person), ("now", Now), ("count", count), ("opinions", Opinions), .. more]);
    }
}
