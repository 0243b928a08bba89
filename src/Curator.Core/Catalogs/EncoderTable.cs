using System.Data.Common;
using System.Globalization;
using Curator.Core.Databases;

namespace Curator.Core.Catalogs;

/// <summary>The encoder rows behind <see cref="Catalog"/>. Order of registration is kept by a position, because clocks go back.</summary>
internal sealed class EncoderTable(Database database, TimeProvider clock)
{
    private const string Columns = "name, version, fingerprint, dimension, created_at";

    public Task<EncoderRow> AddAsync(string name, string fingerprint, int dimension, CancellationToken cancellationToken)
    {
        Names.Check(name, "encoder");
        ArgumentException.ThrowIfNullOrEmpty(fingerprint);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        return database.WriteAsync(async connection =>
        {
            (string, object?) byFingerprint = ("fingerprint", fingerprint);
            if (await FindAsync(connection, fingerprint, cancellationToken) is { } found) return found;
            await connection.ExecuteAsync(
                $"INSERT INTO encoder ({Columns}, position) SELECT @name, @version, @fingerprint, @dimension, @now, COALESCE(MAX(position), 0) + 1 FROM encoder",
                cancellationToken, byFingerprint, ("name", name), ("version", await NextVersionAsync(connection, name, cancellationToken)), ("dimension", dimension),
                ("now", clock.GetUtcNow().ToMicroseconds()));
            return (await FindAsync(connection, fingerprint, cancellationToken))!;
        }, cancellationToken);
    }

    public Task<EncoderRow> ForeseeAsync(string name, string fingerprint, int dimension, CancellationToken cancellationToken)
    {
        Names.Check(name, "encoder");
        return database.ReadAsync(
            async connection => await FindAsync(connection, fingerprint, cancellationToken)
                ?? new EncoderRow(name, (int)await NextVersionAsync(connection, name, cancellationToken), fingerprint, dimension, clock.GetUtcNow()),
            cancellationToken);
    }

    public async Task<IReadOnlyList<EncoderRow>> GetAllAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.ListAsync($"SELECT {Columns} FROM encoder ORDER BY position", Read, cancellationToken), cancellationToken);

    public async Task<EncoderRow> GetAsync(string? nameOrId, CancellationToken cancellationToken)
    {
        var all = await GetAllAsync(cancellationToken);
        var found = nameOrId is null ? (all.Count == 0 ? null : all[^1]) : all.LastOrDefault(encoder => encoder.Id == nameOrId) ?? all.LastOrDefault(encoder => encoder.Name == nameOrId);
        if (found is not null) return found;
        throw all.Count == 0
            ? new WorkspaceException("The project has no encoder yet.", "Train one with `curator train`; `curator embed` alone makes the training-free one.")
            : new WorkspaceException(
                string.Create(CultureInfo.InvariantCulture, $"The project has no encoder '{nameOrId}'; it has {string.Join(", ", all.Select(encoder => encoder.Id))}."),
                "Name one of these with `--encoder`, or list them with `curator encoders list`.");
    }

    /// <summary>Forgets an encoder; its version's number stays used.</summary>
    public Task RemoveAsync(EncoderRow encoder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return database.WriteAsync(async connection =>
        {
            (string, object?) counter = ("counter", CounterOf(encoder.Name)), version = ("version", (long)encoder.Version);
            await connection.ExecuteAsync("INSERT INTO counter (name, value) VALUES (@counter, 0) ON CONFLICT (name) DO NOTHING", cancellationToken, counter);
            await connection.ExecuteAsync("UPDATE counter SET value = @version WHERE name = @counter AND value < @version", cancellationToken, counter, version);
            await connection.ExecuteAsync("DELETE FROM encoder WHERE name = @name AND version = @version", cancellationToken, ("name", encoder.Name), version);
            return true;
        }, cancellationToken);
    }

    private static async Task<EncoderRow?> FindAsync(DbConnection connection, string fingerprint, CancellationToken cancellationToken) =>
        (await connection.ListAsync($"SELECT {Columns} FROM encoder WHERE fingerprint = @fingerprint", Read, cancellationToken, ("fingerprint", fingerprint))).FirstOrDefault();

    /// <summary>A removed version's number is not given again: somebody may still have its embeddings.</summary>
    private static async Task<long> NextVersionAsync(DbConnection connection, string name, CancellationToken cancellationToken)
    {
        var newest = await connection.ScalarAsync<long>("SELECT COALESCE(MAX(version), 0) FROM encoder WHERE name = @name", cancellationToken, ("name", name));
        var removed = await connection.ScalarAsync<long>("SELECT COALESCE(MAX(value), 0) FROM counter WHERE name = @counter", cancellationToken, ("counter", CounterOf(name)));
        return Math.Max(newest, removed) + 1;
    }

    private static string CounterOf(string name) => "encoder." + name;

    private static EncoderRow Read(DbDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetString(2), row.GetInt32(3), row.Moment(4));
}
