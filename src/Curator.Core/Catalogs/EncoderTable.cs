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
            const string Find = $"SELECT {Columns} FROM encoder WHERE fingerprint = @fingerprint";
            var found = await connection.ListAsync(Find, Read, cancellationToken, byFingerprint);
            if (found.Count > 0) return found[0];
            await connection.ExecuteAsync(
                $"INSERT INTO encoder ({Columns}, position) SELECT @name, COALESCE(MAX(CASE WHEN name = @name THEN version END), 0) + 1, @fingerprint, @dimension, @now, "
                    + "COALESCE(MAX(position), 0) + 1 FROM encoder",
                cancellationToken, byFingerprint, ("name", name), ("dimension", dimension), ("now", clock.GetUtcNow().ToMicroseconds()));
            return (await connection.ListAsync(Find, Read, cancellationToken, byFingerprint))[0];
        }, cancellationToken);
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

    private static EncoderRow Read(DbDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetString(2), row.GetInt32(3), row.Moment(4));
}
