using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>Checks of the stored events against themselves and against their projection, as streams.</summary>
internal sealed class LabelAudit(Database database)
{
    public Task<long?> FindBrokenLinkAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<long?>(async connection =>
        {
            var seq = 0L;
            var hash = LabelChain.Genesis;
            var events = connection.StreamAsync(
                $"SELECT {LabelEventTable.Columns}, prev_hash FROM label_event ORDER BY seq", row => (LabelEventTable.Read(row), row.GetString(13)), cancellationToken);
            await foreach (var (entry, previous) in events)
            {
                if (entry.Seq != ++seq) return seq;
                if (previous != hash || LabelChain.Next(hash, entry) != entry.Hash) return seq;
                hash = entry.Hash;
            }

            return null;
        }, cancellationToken);

    public Task<IReadOnlyList<ImageId>> CompareProjectionAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ImageId>>(async connection =>
        {
            var live = await LiveAsync(connection, cancellationToken);
            var differing = new List<ImageId>();
            var group = new List<LabelEvent>();
            await foreach (var entry in connection.StreamAsync(
                $"SELECT {LabelEventTable.Columns} FROM label_event ORDER BY task, partition, image_row, seq", LabelEventTable.Read, cancellationToken))
            {
                if (group.Count > 0 && (group[0].Task != entry.Task || group[0].Image != entry.Image)) Compare(group, live, differing);
                group.Add(entry);
            }

            if (group.Count > 0) Compare(group, live, differing);
            differing.AddRange(live.Keys.Select(key => key.Image));
            return differing;
        }, cancellationToken);

    /// <summary>Counts and queue marks that differ from what they count, as text.</summary>
    public Task<IReadOnlyList<string>> CompareCountsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => LabelProjection.WrongCountsAsync(connection, cancellationToken), cancellationToken);

    /// <summary>Makes the projection anew from the events.</summary>
    public Task RebuildProjectionAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await LabelProjection.RebuildAsync(connection, cancellationToken);
            return true;
        }, cancellationToken);

    private static async Task<Dictionary<(string Task, ImageId Image), Live>> LiveAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var present = await connection.ListAsync(
            "SELECT task, partition, image_row, seq, kind, value, person, round FROM item_state",
            row => (ImageOf(row), new State(row.GetInt64(3), row.GetString(4), row.TextOrNull(5), row.GetString(6), row.GetInt32(7))),
            cancellationToken);
        var opinions = await connection.ListAsync(
            "SELECT task, partition, image_row, seq, kind, value, person FROM opinion ORDER BY seq",
            row => (ImageOf(row), new State(row.GetInt64(3), row.GetString(4), row.TextOrNull(5), row.GetString(6), 0)),
            cancellationToken);
        var live = present.ToDictionary(row => row.Item1, row => new Live(row.Item2, []));
        foreach (var (key, opinion) in opinions)
        {
            if (!live.TryGetValue(key, out var image)) live[key] = image = new Live(null, []);
            image.Opinions.Add(opinion);
        }

        return live;

        static (string, ImageId) ImageOf(DbDataReader row) => (row.GetString(0), new ImageId(row.GetInt32(1), row.GetInt64(2)));
    }

    private static void Compare(List<LabelEvent> group, Dictionary<(string Task, ImageId Image), Live> live, List<ImageId> differing)
    {
        var deciding = LabelFold.Decide(group);
        var expected = deciding is null ? null : new State(deciding.Seq, deciding.Kind.ToString(), deciding.Value, deciding.Person, deciding.Round);
        live.Remove((group[0].Task, group[0].Image), out var actual);
        var opinions = LabelFold.Opinions(group).Select(entry => new State(entry.Seq, entry.Kind.ToString(), entry.Value, entry.Person, 0));
        if (expected != actual?.Present || !opinions.SequenceEqual(actual?.Opinions ?? [])) differing.Add(group[0].Image);
        group.Clear();
    }

    private sealed record State(long Seq, string Kind, string? Value, string Person, int Round);

    private sealed record Live(State? Present, List<State> Opinions);
}
