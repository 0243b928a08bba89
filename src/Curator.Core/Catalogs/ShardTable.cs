using System.Data.Common;
using Curator.Core.Databases;
using Curator.Core.Shards;

namespace Curator.Core.Catalogs;

/// <summary>
/// The shard rows behind <see cref="Catalog"/>. Fencing numbers come from one counter of the project, so that a number is never given twice, not
/// even when shards are removed and planned anew.
/// </summary>
internal sealed class ShardTable(Database database)
{
    private const string Select = "SELECT stage, id, specification, units, state, done, skipped, summary FROM shard";

    public Task PlanAsync(IReadOnlyCollection<ShardSpec> shards, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shards);
        return database.WriteAsync(async connection =>
        {
            await using var command = connection.Create(
                "INSERT INTO shard (stage, id, specification, units, state, fence) VALUES (@stage, @id, @specification, @units, @state, 0) ON CONFLICT (stage, id) DO NOTHING",
                ("state", nameof(ShardState.Planned)));
            foreach (var shard in shards)
            {
                command.Set("stage", Names.Check(shard.Key.Stage, "stage"));
                command.Set("id", Names.Check(shard.Key.Id, "shard"));
                command.Set("specification", shard.Specification);
                command.Set("units", shard.Units);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    public Task<(ShardSpec Spec, ShardState State, ShardResult? Result)?> GetAsync(ShardKey key, CancellationToken cancellationToken) =>
        database.ReadAsync<(ShardSpec, ShardState, ShardResult?)?>(async connection =>
        {
            var found = await connection.ListAsync($"{Select} WHERE stage = @stage AND id = @id", Read, cancellationToken, ("stage", key.Stage), ("id", key.Id));
            return found.Count == 0 ? null : found[0];
        }, cancellationToken);

    public async Task<IReadOnlyList<(ShardSpec Spec, ShardState State, ShardResult? Result)>> GetAllAsync(string stage, string idPrefix, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.ListAsync($"{Select} WHERE stage = @stage AND SUBSTR(id, 1, LENGTH(@prefix)) = @prefix ORDER BY id", Read, cancellationToken, ("stage", stage), ("prefix", idPrefix)),
            cancellationToken);

    public async Task<IReadOnlyList<ShardCount>> CountAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.ListAsync(
                "SELECT stage, state, COUNT(*), CAST(SUM(units) AS BIGINT), CAST(SUM(COALESCE(done, 0)) AS BIGINT), CAST(SUM(COALESCE(skipped, 0)) AS BIGINT) FROM shard GROUP BY stage, state ORDER BY stage, state",
                row => new ShardCount(row.GetString(0), Enum.Parse<ShardState>(row.GetString(1)), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)), cancellationToken),
            cancellationToken);

    public Task<long> ClaimAsync(ShardKey key, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync("UPDATE counter SET value = value + 1 WHERE name = 'fence'", cancellationToken);
            var fence = await connection.ScalarAsync<long>("SELECT value FROM counter WHERE name = 'fence'", cancellationToken);
            var claimed = await connection.ExecuteAsync(
                "UPDATE shard SET state = @state, fence = @fence, done = NULL, skipped = NULL, summary = NULL WHERE stage = @stage AND id = @id", cancellationToken,
                ("state", nameof(ShardState.Running)), ("fence", fence), ("stage", key.Stage), ("id", key.Id));
            return claimed == 1 ? fence : throw NotPlanned(key);
        }, cancellationToken);

    public Task<bool> FinishAsync(ShardKey key, long fence, ShardState state, ShardResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        return database.WriteAsync(
            async connection => await connection.ExecuteAsync(
                "UPDATE shard SET state = @state, done = @done, skipped = @skipped, summary = @summary WHERE stage = @stage AND id = @id AND fence = @fence", cancellationToken,
                ("state", state.ToString()), ("done", result.Done), ("skipped", result.Skipped), ("summary", result.Summary),
                ("stage", key.Stage), ("id", key.Id), ("fence", fence)) == 1,
            cancellationToken);
    }

    public Task RemoveAsync(string stage, string idPrefix, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection => connection.ExecuteAsync(
                "DELETE FROM shard WHERE stage = @stage AND SUBSTR(id, 1, LENGTH(@prefix)) = @prefix", cancellationToken, ("stage", stage), ("prefix", idPrefix)),
            cancellationToken);

    internal static WorkspaceException NotPlanned(ShardKey key) =>
        new($"No shard '{key}' is planned in this project.", $"List what there is with `curator status`, or plan it by running `curator {key.Stage}`.");

    private static (ShardSpec Spec, ShardState State, ShardResult? Result) Read(DbDataReader row) => (
        new ShardSpec(new ShardKey(row.GetString(0), row.GetString(1)), row.GetString(2), row.GetInt64(3)),
        Enum.Parse<ShardState>(row.GetString(4)),
        row.IsDBNull(5) ? null : new ShardResult(row.GetInt64(5), row.GetInt64(6), row.GetString(7)));
}
