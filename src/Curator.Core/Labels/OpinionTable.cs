using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>Reads of opinions, conflicts, gold items and counts, all of them projections of the events.</summary>
internal sealed class OpinionTable(Database database)
{
    private const string Columns = "o.partition, o.image_row, o.person, o.value, o.kind, o.seq";

    public async Task<IReadOnlyList<Opinion>> GetAllAsync(string task, CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => ListAsync(connection, task, cancellationToken), cancellationToken);

    public static Task<List<Opinion>> ListAsync(DbConnection connection, string task, CancellationToken cancellationToken) =>
        connection.ListAsync($"SELECT {Columns} FROM opinion o WHERE o.task = @task ORDER BY o.partition, o.image_row, o.seq", Read, cancellationToken, ("task", task));

    public async Task<IReadOnlyDictionary<string, long>> GetTallyAsync(string task, CancellationToken cancellationToken) =>
        (await database.ReadAsync(
            connection => connection.ListAsync(
                "SELECT value, images FROM label_tally WHERE task = @task", row => (row.GetString(0), row.GetInt64(1)), cancellationToken, ("task", task)),
            cancellationToken)).ToDictionary();

    /// <summary>Images whose opinions differ (unsure among them), or are all unsure, by image id.</summary>
    /// <param name="decided">Also those that were decided.</param>
    public Task<IReadOnlyList<Conflict>> GetConflictsAsync(string task, ImageId? after, int count, bool decided, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Conflict>>(async connection =>
        {
            var images = await connection.ListAsync(
                "SELECT o.partition, o.image_row FROM opinion o WHERE o.task = @task AND o.kind <> 'Import' AND (o.partition > @partition OR (o.partition = @partition AND o.image_row > @row)) "
                    + (decided ? "" : "AND NOT EXISTS (SELECT 1 FROM item_state s WHERE s.task = o.task AND s.partition = o.partition AND s.image_row = o.image_row AND s.kind = 'Adjudicate') ")
                    + "GROUP BY o.partition, o.image_row HAVING COUNT(DISTINCT COALESCE(o.value, '')) > 1 OR MAX(COALESCE(o.value, '')) = '' ORDER BY o.partition, o.image_row LIMIT @count",
                row => new ImageId(row.GetInt32(0), row.GetInt64(1)), cancellationToken,
                ("task", task), ("partition", after?.Partition ?? 0), ("row", after?.Row ?? -1L), ("count", count));
            var conflicts = new List<Conflict>(images.Count);
            foreach (var image in images) conflicts.Add(await ReadConflictAsync(connection, task, image, cancellationToken));
            return conflicts;
        }, cancellationToken);

    /// <summary>An image with all that was said of it, in conflict or not.</summary>
    public Task<Conflict> GetConflictAsync(string task, ImageId image, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => ReadConflictAsync(connection, task, image, cancellationToken), cancellationToken);

    public Task SetGoldAsync(string task, IReadOnlyList<GoldItem> items, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await using var insert = connection.Create(
                "INSERT INTO gold_item (task, partition, image_row, value) VALUES (@task, @partition, @row, @value) ON CONFLICT (task, partition, image_row) DO UPDATE SET value = excluded.value",
                ("task", task));
            foreach (var item in items)
            {
                insert.Set("partition", item.Image.Partition);
                insert.Set("row", item.Image.Row);
                insert.Set("value", item.Value);
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }

            return true;
        }, cancellationToken);

    public async Task<IReadOnlyList<GoldItem>> GetGoldAsync(string task, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.ListAsync(
                "SELECT partition, image_row, value FROM gold_item WHERE task = @task ORDER BY partition, image_row",
                row => new GoldItem(new ImageId(row.GetInt32(0), row.GetInt64(1)), row.GetString(2)), cancellationToken, ("task", task)),
            cancellationToken);

    public Task<long> CountConflictsAsync(string task, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => connection.ScalarAsync<long>(
                "SELECT COUNT(*) FROM (SELECT o.partition, o.image_row FROM opinion o WHERE o.task = @task AND o.kind <> 'Import' "
                    + "AND NOT EXISTS (SELECT 1 FROM item_state s WHERE s.task = o.task AND s.partition = o.partition AND s.image_row = o.image_row AND s.kind = 'Adjudicate') "
                    + "GROUP BY o.partition, o.image_row HAVING COUNT(DISTINCT COALESCE(o.value, '')) > 1 OR MAX(COALESCE(o.value, '')) = '') c",
                cancellationToken, ("task", task)),
            cancellationToken);

    /// <summary>Of each person: gold items answered and answered right; pictures answered again without taking the first answer back, and those answered the same.</summary>
    public Task<IReadOnlyDictionary<string, PersonChecks>> GetChecksAsync(string task, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<string, PersonChecks>>(async connection =>
        {
            var gold = await connection.ListAsync(
                "SELECT o.person, COUNT(*), COUNT(CASE WHEN o.value = g.value THEN 1 END) FROM opinion o "
                    + "JOIN gold_item g ON g.task = o.task AND g.partition = o.partition AND g.image_row = o.image_row WHERE o.task = @task AND o.kind <> 'Import' GROUP BY o.person",
                ReadPair, cancellationToken, ("task", task));
            var repeats = await connection.ListAsync(
                "SELECT e.person, COUNT(*), COUNT(CASE WHEN COALESCE(e.value, '') = COALESCE(p.value, '') THEN 1 END) FROM label_event e "
                    + "JOIN label_event p ON p.seq = (SELECT MAX(x.seq) FROM label_event x WHERE x.task = e.task AND x.partition = e.partition AND x.image_row = e.image_row "
                    + "AND x.person = e.person AND x.seq < e.seq) WHERE e.task = @task AND e.kind IN ('Label', 'Unsure') AND p.kind IN ('Label', 'Unsure') GROUP BY e.person",
                ReadPair, cancellationToken, ("task", task));
            var checks = gold.ToDictionary(row => row.Person, row => new PersonChecks(row.All, row.Good, 0, 0));
            foreach (var (person, all, same) in repeats)
                checks[person] = checks.GetValueOrDefault(person, new PersonChecks(0, 0, 0, 0)) with { Repeats = all, RepeatsSame = same };
            return checks;
        }, cancellationToken);

    private static (string Person, int All, int Good) ReadPair(DbDataReader row) => (row.GetString(0), (int)row.GetInt64(1), (int)row.GetInt64(2));

    private static async Task<Conflict> ReadConflictAsync(DbConnection connection, string task, ImageId image, CancellationToken cancellationToken)
    {
        const string OfImage = "task = @task AND partition = @partition AND image_row = @row";
        (string, object?)[] key = [("task", task), ("partition", image.Partition), ("row", image.Row)];
        var opinions = await connection.ListAsync($"SELECT {Columns} FROM opinion o WHERE {OfImage} ORDER BY seq", Read, cancellationToken, key);
        var decision = await connection.ListAsync(
            $"SELECT value, person, seq, round FROM item_state WHERE {OfImage} AND kind = 'Adjudicate'",
            row => new LabelState(image, row.TextOrNull(0), row.GetString(1), row.GetInt64(2), row.GetInt32(3)), cancellationToken, key);
        var newest = await connection.ScalarAsync<long>($"SELECT COALESCE(MAX(seq), 0) FROM label_event WHERE {OfImage}", cancellationToken, key);
        return new Conflict(image, opinions, decision.Count == 0 ? null : decision[0], newest);
    }

    private static Opinion Read(DbDataReader row) =>
        new(new ImageId(row.GetInt32(0), row.GetInt64(1)), row.GetString(2), row.TextOrNull(3), row.GetString(4) == nameof(LabelEventKind.Import), row.GetInt64(5));
}
