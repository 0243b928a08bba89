using System.Text.Json;
using System.Text.Json.Nodes;
using Curator.Core.Databases;
using Curator.Core.Files;
using Curator.Core.Labels;

namespace Curator.Core;

/// <summary>Which database a project has (<c>"database"</c> in curator.json, or a file in the project), and putting a backup back in its place.</summary>
public static class WorkspaceDatabase
{
    private const string Key = "database";
    private const string DatabaseName = "curator.db";
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 16 };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Replaces the project's database by a backup. Nothing else may have the project open. The replaced file is kept beside it.</summary>
    /// <param name="database"><c>postgres://…</c>, which must be empty; null for what curator.json says.</param>
    /// <returns>Label events in the backup.</returns>
    /// <exception cref="WorkspaceException">The backup cannot be read, or the PostgreSQL database holds a project already.</exception>
    /// <exception cref="ArtefactException">The backup is damaged: its label events do not chain.</exception>
    public static async Task<long> RestoreAsync(string root, string backup, string? database, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clock);
        if (!File.Exists(backup)) throw new WorkspaceException($"There is no backup '{backup}'.", "Name a file that `curator backup` wrote.");
        root = Path.GetFullPath(root);
        var goal = Path.Combine(root, DatabaseName);
        // Checked on a copy, so that the backup stays as it is: looking into it may bring it to this program's schema.
        var checkedCopy = AtomicFile.TemporaryName(goal);
        try
        {
            File.Copy(backup, checkedCopy, overwrite: true);
            long events;
            await using (var copy = new SqliteDatabase(checkedCopy, clock))
            {
                await Schema.MigrateAsync(copy, clock, cancellationToken);
                if (await new LabelAudit(copy).FindBrokenLinkAsync(cancellationToken) is { } broken)
                    throw new ArtefactException($"The backup '{backup}' is damaged: its label events do not chain at {broken}.", "Take an earlier backup.");
                events = await copy.ReadAsync(connection => connection.ScalarAsync<long>("SELECT COUNT(*) FROM label_event", cancellationToken), cancellationToken);
                if (AddressOf(root, database) is { } address)
                {
                    await using var server = await PostgresDatabase.ConnectAsync(address, clock, cancellationToken);
                    await Schema.MigrateAsync(server, clock, cancellationToken);
                    await copy.ReadAsync(from => server.WriteAsync(to => DatabaseCopy.RunAsync(from, to, cancellationToken), cancellationToken), cancellationToken);
                    return events;
                }
            }

            var stamp = clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", System.Globalization.CultureInfo.InvariantCulture);
            foreach (var ending in (string[])["", "-wal", "-shm"])
                if (File.Exists(goal + ending))
                    File.Move(goal + ending, $"{goal}.replaced-{stamp}{ending}", overwrite: true);
            AtomicFile.Publish(checkedCopy, goal);
            return events;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"The backup cannot be put into '{root}': {error.Message}", "Check space and permissions, and try again.", error);
        }
        finally
        {
            foreach (var ending in (string[])["", "-wal", "-shm"]) AtomicFile.TryDelete(checkedCopy + ending);
        }
    }

    /// <summary>Text of a new curator.json.</summary>
    internal static string Settings(string? database)
    {
        var settings = new JsonObject { ["version"] = 1 };
        if (database is not null) settings[Key] = PostgresAddress.WithoutPassword(database);
        return settings.ToJsonString(Indented) + "\n";
    }

    /// <summary>Address of the project's PostgreSQL database, or null when it has a file of its own.</summary>
    /// <exception cref="WorkspaceException">curator.json is no JSON.</exception>
    internal static string? AddressOf(string root, string? given)
    {
        if (!string.IsNullOrWhiteSpace(given)) return given;
        var path = Path.Combine(root, "curator.json");
        if (!File.Exists(path)) return null;
        try
        {
            using var settings = JsonDocument.Parse(File.ReadAllText(path), Lenient);
            return settings.RootElement.ValueKind == JsonValueKind.Object && settings.RootElement.TryGetProperty(Key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return null; // whoever reads settings says what is wrong with the file
        }
    }
}
