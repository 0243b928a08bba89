using System.Data.Common;
using Curator.Core.Files;
using Microsoft.Data.Sqlite;

namespace Curator.Core.Databases;

/// <summary>
/// The one place that knows which database it is: connections, how a writing transaction begins, and what to append to the portable schema.
/// All else is System.Data.Common and portable SQL. SQLite in WAL mode with synchronous = FULL: what was committed survives a power cut.
/// Several processes may write; they wait for each other up to 30 s. Thread-safe.
/// </summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const int BusyMilliseconds = 30_000;

    private readonly string _connectionString;
    private readonly string _path;

    // Writers of this process queue here, without blocking threads in the busy handler.
    private readonly SemaphoreSlim _writer = new(1, 1);

    public SqliteDatabase(string path)
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

    /// <summary>Runs reading statements on one snapshot: all see what was committed when the first one began. Holds up no writer.</summary>
    /// <exception cref="WorkspaceException">The database cannot be read.</exception>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
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

    /// <summary>Runs <paramref name="write"/> in one transaction that holds the write lock from its beginning, and commits it durably.</summary>
    /// <exception cref="WorkspaceException">The database cannot be written; nothing of the transaction was stored.</exception>
    public async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
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
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Writes a consistent copy of the whole database as one file, while others read and write.</summary>
    /// <exception cref="WorkspaceException">The copy cannot be written.</exception>
    public async Task BackupAsync(string path, CancellationToken cancellationToken)
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
        catch (SqliteException error)
        {
            throw Problem(error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"A backup cannot be written to '{path}': {error.Message}", "Choose another place with enough space.", error);
        }
        finally
        {
            AtomicFile.TryDelete(temporary);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using (var connection = new SqliteConnection(_connectionString))
            SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    /// <summary>Statements that make UPDATE and DELETE of a table an error.</summary>
    public static IEnumerable<string> AppendOnly(string table)
    {
        foreach (var verb in (string[])["UPDATE", "DELETE"])
            yield return $"CREATE TRIGGER {table}_no_{verb.ToLowerInvariant()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END";
    }

    private async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {BusyMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private WorkspaceException Problem(SqliteException error) => error.SqliteErrorCode switch
    {
        5 or 6 => new($"Database '{_path}' was busy for over {BusyMilliseconds / 1000} s.", "Look with `curator status` what else runs on this project, and try again.", error),
        8 or 14 or 23 => new($"Database '{_path}' cannot be opened for writing ({error.Message.TrimEnd('.')}).", "Check the permissions of the project folder, then run `curator doctor`.", error),
        10 or 13 => new($"Database '{_path}' could not be written: the disk is full or failing ({error.Message.TrimEnd('.')}).", "Free space on the disk and try again; nothing that was acknowledged is lost.", error),
        11 or 26 => new($"Database '{_path}' is damaged ({error.Message.TrimEnd('.')}).", "Restore curator.db from a backup; pictures, encoders and embeddings are files of their own and are not touched.", error),
        _ => new($"Database '{_path}' refused a statement ({error.Message.TrimEnd('.')}).", "Run `curator doctor` and report what it prints.", error),
    };
}
