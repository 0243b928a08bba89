using System.Data.Common;
using Curator.Core.Labels;

namespace Curator.Core.Databases;

/// <summary>
/// The tables of <c>curator.db</c> (docs/design/files.md), as numbered steps that are applied once each. A released step is never edited: a change
/// is a new step. Portable SQL: BIGINT for counts and times, TEXT for names and JSON, no type of one database.
/// </summary>
internal static class Schema
{
    private static readonly Func<Database, IReadOnlyList<string>>[] Steps = [FirstStep, OpinionsStep];

    public static int Newest => Steps.Length;

    /// <summary>All tables in an order in which each refers only to earlier ones; for copying a whole database.</summary>
    public static IReadOnlyList<string> Tables { get; } =
    [
        "partition", "manifest_revision", "rejected_file", "image_state", "encoder", "shard", "counter", "named_value", "task", "label_event", "item_state", "opinion", "label_tally",
        "gold_item", "round", "queue_item", "lease",
    ];

    /// <summary>Brings the database to <see cref="Newest"/>; safe when several processes do it at once.</summary>
    /// <exception cref="WorkspaceException">Made by a newer program.</exception>
    public static Task MigrateAsync(Database database, TimeProvider clock, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)", cancellationToken);
            var present = await VersionAsync(connection, cancellationToken);
            if (present > Newest)
                throw new WorkspaceException(
                    $"The project's database has schema {present}; this program knows schemas up to {Newest}.", "Update Curator; `curator --version` tells which one this is.");
            for (var step = present; step < Newest; step++)
            {
                foreach (var statement in Steps[step](database)) await connection.ExecuteAsync(database.Translate(statement), cancellationToken);
                await connection.ExecuteAsync(
                    "INSERT INTO schema_version (version, applied_at) VALUES (@version, @now)", cancellationToken,
                    ("version", (long)step + 1), ("now", clock.GetUtcNow().ToMicroseconds()));
            }

            // A project of before has events that the new parts of the projection do not know.
            if (present is > 0 and < OpinionsVersion) await LabelProjection.RebuildAsync(connection, cancellationToken);
            return present;
        }, cancellationToken);

    private static async Task<int> VersionAsync(DbConnection connection, CancellationToken cancellationToken) =>
        (int)await connection.ScalarAsync<long>("SELECT COALESCE(MAX(version), 0) FROM schema_version", cancellationToken);

    private static IReadOnlyList<string> FirstStep(Database database) =>
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
        .. database.AppendOnly("label_event"),
        "CREATE TABLE item_state (task TEXT NOT NULL REFERENCES task (name), partition INTEGER NOT NULL, image_row BIGINT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, value TEXT, "
            + "person TEXT NOT NULL, round INTEGER NOT NULL, PRIMARY KEY (task, partition, image_row))",
        "CREATE TABLE round (task TEXT NOT NULL REFERENCES task (name), number INTEGER NOT NULL, state TEXT NOT NULL, asked INTEGER NOT NULL, metrics TEXT NOT NULL, PRIMARY KEY (task, number))",
        "CREATE TABLE queue_item (task TEXT NOT NULL, round INTEGER NOT NULL, position INTEGER NOT NULL, partition INTEGER NOT NULL, image_row BIGINT NOT NULL, probability DOUBLE PRECISION, "
            + "reason TEXT NOT NULL, PRIMARY KEY (task, round, position), FOREIGN KEY (task, round) REFERENCES round (task, number))",
        "CREATE TABLE lease (task TEXT NOT NULL REFERENCES task (name), partition INTEGER NOT NULL, image_row BIGINT NOT NULL, person TEXT NOT NULL, expires_at BIGINT NOT NULL, "
            + "PRIMARY KEY (task, partition, image_row, person))",
    ];

    private const int OpinionsVersion = 2;

    /// <summary>Several opinions an item, settings of tasks, gold items, and counts that need no counting.</summary>
    private static IReadOnlyList<string> OpinionsStep(Database database) =>
    [
        "ALTER TABLE task ADD COLUMN opinions INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE task ADD COLUMN state TEXT NOT NULL DEFAULT 'Open'",
        "ALTER TABLE task ADD COLUMN gold_every INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE task ADD COLUMN repeat_every INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE task ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE opinion (task TEXT NOT NULL REFERENCES task (name), partition INTEGER NOT NULL, image_row BIGINT NOT NULL, person TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, "
            + "value TEXT, PRIMARY KEY (task, partition, image_row, person))",
        "CREATE TABLE label_tally (task TEXT NOT NULL REFERENCES task (name), value TEXT NOT NULL, images BIGINT NOT NULL, PRIMARY KEY (task, value))",
        "CREATE TABLE gold_item (task TEXT NOT NULL REFERENCES task (name), partition INTEGER NOT NULL, image_row BIGINT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (task, partition, image_row))",
        "CREATE INDEX label_event_by_person ON label_event (task, person, seq)",
        "ALTER TABLE round ADD COLUMN remaining INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE queue_item ADD COLUMN closed INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX queue_item_by_image ON queue_item (task, partition, image_row)",
        "CREATE INDEX queue_item_open ON queue_item (task, round, position) WHERE closed = 0",
        "ALTER TABLE lease ADD COLUMN kind TEXT NOT NULL DEFAULT 'Item'",
        "ALTER TABLE lease ADD COLUMN since_seq BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE lease ADD COLUMN place BIGINT NOT NULL DEFAULT 0",
        "CREATE INDEX lease_by_person ON lease (task, person, place)",
        "CREATE INDEX lease_by_end ON lease (task, expires_at)",
    ];
}
