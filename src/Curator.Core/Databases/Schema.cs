using System.Data.Common;

namespace Curator.Core.Databases;

/// <summary>
/// The tables of <c>curator.db</c> (docs/design/files.md), as numbered steps that are applied once each. A released step is never edited: a change
/// is a new step. Portable SQL: BIGINT for counts and times, TEXT for names and JSON, no type of one database.
/// </summary>
internal static class Schema
{
    private static readonly IReadOnlyList<string>[] Steps = [FirstStep()];

    public static int Newest => Steps.Length;

    /// <summary>Brings the database to <see cref="Newest"/>; safe when several processes do it at once.</summary>
    /// <exception cref="WorkspaceException">Made by a newer program.</exception>
    public static Task MigrateAsync(SqliteDatabase database, TimeProvider clock, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)", cancellationToken);
            var present = await VersionAsync(connection, cancellationToken);
            if (present > Newest)
                throw new WorkspaceException(
                    $"The project's database has schema {present}; this program knows schemas up to {Newest}.", "Update Curator; `curator --version` tells which one this is.");
            for (var step = present; step < Newest; step++)
            {
                foreach (var statement in Steps[step]) await connection.ExecuteAsync(statement, cancellationToken);
                await connection.ExecuteAsync(
                    "INSERT INTO schema_version (version, applied_at) VALUES (@version, @now)", cancellationToken,
                    ("version", (long)step + 1), ("now", clock.GetUtcNow().ToMicroseconds()));
            }

            return present;
        }, cancellationToken);

    private static async Task<int> VersionAsync(DbConnection connection, CancellationToken cancellationToken) =>
        (int)await connection.ScalarAsync<long>("SELECT COALESCE(MAX(version), 0) FROM schema_version", cancellationToken);

    private static IReadOnlyList<string> FirstStep() =>
    [
        "CREATE TABLE partition (number INTEGER NOT NULL PRIMARY KEY, product TEXT NOT NULL, resolution TEXT NOT NULL, period TEXT NOT NULL, "
            + "rows BIGINT NOT NULL, fingerprint TEXT NOT NULL, UNIQUE (product, resolution, period))",
        "CREATE TABLE manifest_revision (partition INTEGER NOT NULL REFERENCES partition (number), rows BIGINT NOT NULL, fingerprint TEXT NOT NULL, "
            + "recorded_at BIGINT NOT NULL, PRIMARY KEY (partition, rows))",
        "CREATE TABLE rejected_file (partition INTEGER NOT NULL REFERENCES partition (number), uri TEXT NOT NULL, problem TEXT NOT NULL, detail TEXT NOT NULL, "
            + "size_bytes BIGINT NOT NULL, modified_ns BIGINT NOT NULL, PRIMARY KEY (partition, uri))",
        "CREATE TABLE image_state (partition INTEGER NOT NULL REFERENCES partition (number), image_row BIGINT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (partition, image_row))",
        "CREATE TABLE encoder (name TEXT NOT NULL, version INTEGER NOT NULL, position BIGINT NOT NULL UNIQUE, fingerprint TEXT NOT NULL UNIQUE, dimension INTEGER NOT NULL, "
            + "created_at BIGINT NOT NULL, PRIMARY KEY (name, version))",
        "CREATE TABLE shard (stage TEXT NOT NULL, id TEXT NOT NULL, specification TEXT NOT NULL, units BIGINT NOT NULL, state TEXT NOT NULL, fence BIGINT NOT NULL, "
            + "done BIGINT, skipped BIGINT, summary TEXT, PRIMARY KEY (stage, id))",
        "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",
        "INSERT INTO counter (name, value) VALUES ('fence', 0)",
        "CREATE TABLE named_value (name TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL)",

        "CREATE TABLE task (name TEXT NOT NULL PRIMARY KEY, question TEXT NOT NULL, classes TEXT NOT NULL, example TEXT, encoder TEXT, guidelines TEXT NOT NULL, created_at BIGINT NOT NULL)",
        "CREATE TABLE label_event (seq BIGINT NOT NULL PRIMARY KEY, op_id TEXT NOT NULL UNIQUE, task TEXT NOT NULL REFERENCES task (name), partition INTEGER NOT NULL, image_row BIGINT NOT NULL, "
            + "person TEXT NOT NULL, session TEXT NOT NULL, kind TEXT NOT NULL, value TEXT, shown_at BIGINT, server_at BIGINT NOT NULL, round INTEGER NOT NULL, "
            + "prev_hash TEXT NOT NULL, hash TEXT NOT NULL)",
        "CREATE INDEX label_event_by_image ON label_event (task, partition, image_row, seq)",
        .. SqliteDatabase.AppendOnly("label_event"),
        "CREATE TABLE item_state (task TEXT NOT NULL REFERENCES task (name), partition INTEGER NOT NULL, image_row BIGINT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, value TEXT, "
            + "person TEXT NOT NULL, round INTEGER NOT NULL, PRIMARY KEY (task, partition, image_row))",
        "CREATE TABLE round (task TEXT NOT NULL REFERENCES task (name), number INTEGER NOT NULL, state TEXT NOT NULL, asked INTEGER NOT NULL, metrics TEXT NOT NULL, PRIMARY KEY (task, number))",
        "CREATE TABLE queue_item (task TEXT NOT NULL, round INTEGER NOT NULL, position INTEGER NOT NULL, partition INTEGER NOT NULL, image_row BIGINT NOT NULL, probability DOUBLE PRECISION, "
            + "reason TEXT NOT NULL, PRIMARY KEY (task, round, position), FOREIGN KEY (task, round) REFERENCES round (task, number))",
        "CREATE TABLE lease (task TEXT NOT NULL REFERENCES task (name), partition INTEGER NOT NULL, image_row BIGINT NOT NULL, person TEXT NOT NULL, expires_at BIGINT NOT NULL, "
            + "PRIMARY KEY (task, partition, image_row, person))",
    ];
}
