using System.Data.Common;
using Curator.Core.Files;
using Microsoft.Data.Sqlite;

namespace Curator.Core.Databases;

/// <summary>
/// SQLite in WAL mode with synchronous = FULL: what was committed survives a power cut. Several processes may write; they wait for each other up to 30 s.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    private const int BusyMilliseconds = 30_000;

    // Result codes of SQLite.
    private const int InputOutput = 10, DiskFull = 13, CannotOpen = 14;

    private readonly string _connectionString;
    private readonly string _path;

    // Writers of this process queue here, without blocking threads in the busy handler.
    private readonly WriterQueue _writers = new();

    public SqliteDatabase(string path, TimeProvider clock)
        : base(clock)
    {
        _path = path;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = true,
            DefaultTimeout = BusyMilliseconds / 1000,
        }.ToString();
    }

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await using var snapshot = connection.BeginTransaction(deferred: true);
            return await read(connection);
        }
        catch (SqliteException error)
        {
            throw Problem(error);
        }
    }

    public override Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellationToken, bool durable = true) =>
        _writers.RunAsync(() => WriteInTurnAsync(write, durable, cancellationToken), durable, cancellationToken);

    private async Task<T> WriteInTurnAsync<T>(Func<DbConnection, Task<T>> write, bool durable, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken, durable);
            // Not deferred: a transaction that reads first and writes later could find its snapshot outdated.
            await using var transaction = connection.BeginTransaction(deferred: false);
            var result = await write(connection);
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        catch (SqliteException error)
        {
            throw Problem(error);
        }
    }

    public override async Task BackupAsync(string path, CancellationToken cancellationToken)
    {
        var temporary = AtomicFile.TemporaryName(path);
        try
        {
            await using (var connection = await OpenAsync(cancellationToken))
                await connection.ExecuteAsync("VACUUM INTO @path", cancellationToken, ("path", temporary));
            await using (var copy = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite))
                copy.Flush(flushToDisk: true);
            AtomicFile.Publish(temporary, path);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is not (CannotOpen or DiskFull or InputOutput))
        {
            throw Problem(error);
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"A backup cannot be written to '{path}': {error.Message}", "Choose another place with enough space.", error);
        }
        finally
        {
            AtomicFile.TryDelete(temporary);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await using (var connection = new SqliteConnection(_connectionString))
            SqliteConnection.ClearPool(connection);
        _writers.Dispose();
    }

    public override IEnumerable<string> AppendOnly(string table)
    {
        foreach (var verb in (string[])["UPDATE", "DELETE"])
            yield return $"CREATE TRIGGER {table}_no_{verb.ToLowerInvariant()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END";
    }

    public override IEnumerable<string> Appendable(string table) =>
        ((string[])["update", "delete"]).Select(verb => $"DROP TRIGGER {table}_no_{verb}");

    private async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken, bool durable = true)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {BusyMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {(durable ? "FULL" : "NORMAL")}; PRAGMA foreign_keys = ON;";
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private CuratorException Problem(SqliteException error) => error.SqliteErrorCode switch
    {
        5 or 6 => new StorageException($"Database '{_path}' was busy for over {BusyMilliseconds / 1000} s.", "Look with `curator status` what else runs on this project, and try again.", error),
        8 or 14 or 23 => new StorageException($"Database '{_path}' cannot be opened for writing ({error.Message.TrimEnd('.')}).", "Check the permissions of the project folder, then run `curator doctor`.", error),
        10 or 13 => new StorageException($"Database '{_path}' could not be written: the disk is full or failing ({error.Message.TrimEnd('.')}).", "Free space on the disk and try again; nothing that was acknowledged is lost.", error),
        11 or 26 => new WorkspaceException($"Database '{_path}' is damaged ({error.Message.TrimEnd('.')}).", "Restore curator.db from a backup; pictures, encoders and embeddings are files of their own and are not touched.", error),
        _ => new WorkspaceException($"Database '{_path}' refused a statement ({error.Message.TrimEnd('.')}).", "Run `curator doctor` and report what it prints.", error),
    };
}
