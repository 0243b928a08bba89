using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Curator.Core.Files;
using Npgsql;

namespace Curator.Core.Databases;

/// <summary>
/// PostgreSQL, for teams. The project is one schema of a database. Writers of all processes take turns by an advisory lock that ends with their transaction, so that events keep one order without a
/// gap, as with SQLite. Leases go by the database server's clock, which all processes share.
/// </summary>
internal sealed partial class PostgresDatabase : Database
{
    private readonly PostgresAddress _address;
    private readonly NpgsqlDataSource _source;

    // One connection does all the writing of this process: its plans and caches stay warm, as those of many in turn would not.
    private readonly NpgsqlDataSource _writerSource;
    private readonly TimeProvider _clock;
    private readonly string _begin;
    private readonly string _beginHurried;

    // Writers of this process queue here instead of each holding a connection while it waits for the lock.
    private readonly WriterQueue _writers = new();

    private PostgresDatabase(PostgresAddress address, TimeProvider clock)
        : base(clock)
    {
        _address = address;
        _clock = clock;
        _source = NpgsqlDataSource.Create(address.ConnectionString);
        _writerSource = NpgsqlDataSource.Create(address.WriterConnectionString);
        // The second key tells projects in one database apart; two that share it by chance wait for each other and do no harm.
        // Without compiling to machine code: a short query that the planner takes for a long one would be compiled at every execution, while everybody waits for the lock.
        _begin = string.Create(CultureInfo.InvariantCulture, $"SELECT set_config('jit', 'off', true), pg_advisory_xact_lock(1131769409, hashtext('{address.Schema}'))");
        // What may be lost in a crash is committed without waiting for the disk.
        _beginHurried = _begin.Replace("set_config('jit', 'off', true)", "set_config('jit', 'off', true), set_config('synchronous_commit', 'off', true)", StringComparison.Ordinal);
    }

    /// <summary>Connects, and makes the project's schema where it is missing.</summary>
    /// <exception cref="WorkspaceException">No such server or database, or no right to use it.</exception>
    public static async Task<PostgresDatabase> ConnectAsync(string address, TimeProvider clock, CancellationToken cancellationToken)
    {
        var database = new PostgresDatabase(PostgresAddress.Parse(address), clock);
        try
        {
            await database.WriteAsync(async connection =>
            {
                var there = await connection.ScalarAsync<long>("SELECT COUNT(*) FROM pg_namespace WHERE nspname = @name", cancellationToken, ("name", database._address.Schema));
                return there > 0 ? 0 : await connection.ExecuteAsync($"CREATE SCHEMA {database._address.Schema}", cancellationToken);
            }, cancellationToken);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            return await read(connection);
        }
        catch (NpgsqlException error)
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
            await using var connection = await _writerSource.OpenConnectionAsync(cancellationToken);
            // Each statement sees what was committed before it: behind the lock that is all that earlier writers did.
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            await connection.ExecuteAsync(durable ? _begin : _beginHurried, cancellationToken);
            var result = await write(connection);
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        catch (NpgsqlException error)
        {
            throw Problem(error);
        }
    }

    public override async Task BackupAsync(string path, CancellationToken cancellationToken)
    {
        var temporary = AtomicFile.TemporaryName(path);
        try
        {
            await using (var copy = new SqliteDatabase(temporary, _clock))
            {
                await Schema.MigrateAsync(copy, _clock, cancellationToken);
                await ReadAsync(from => copy.WriteAsync(to => DatabaseCopy.RunAsync(from, to, cancellationToken), cancellationToken), cancellationToken);
            }

            AtomicFile.Publish(temporary, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"A backup cannot be written to '{path}': {error.Message}", "Choose another place with enough space.", error);
        }
        finally
        {
            foreach (var ending in (string[])["", "-wal", "-shm"]) AtomicFile.TryDelete(temporary + ending);
        }
    }

    public override IEnumerable<string> AppendOnly(string table) =>
    [
        $"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        $"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        $"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ];

    public override IEnumerable<string> Appendable(string table) =>
        ((string[])["update", "delete"]).Select(verb => $"DROP TRIGGER {table}_no_{verb} ON {table}");

    /// <summary>Texts compare and sort by their bytes, as in SQLite, whatever the server's language is.</summary>
    public override string Translate(string statement) => TextType().Replace(statement, "TEXT COLLATE \"C\"");

    public override async Task<DateTimeOffset> LeaseTimeAsync(DbConnection connection, CancellationToken cancellationToken) =>
        _clock == TimeProvider.System
            ? Moments.FromMicroseconds(await connection.ScalarAsync<long>("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", cancellationToken))
            : LeaseClock.Now;

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _writerSource.DisposeAsync();
        _writers.Dispose();
    }

    [GeneratedRegex(@"\bTEXT\b")]
    private static partial Regex TextType();

    private CuratorException Problem(NpgsqlException error) => (error as PostgresException)?.SqlState switch
    {
        "28P01" or "28000" => new WorkspaceException($"PostgreSQL at {_address.Shown} does not let this user in.", "Correct user and password in the database's address, PGPASSWORD or ~/.pgpass.", error),
        "3D000" => new WorkspaceException($"PostgreSQL at {_address.Shown} has no such database.", "Make it with `createdb`, or correct the address.", error),
        "42501" => new WorkspaceException($"PostgreSQL at {_address.Shown} gives this user no right to do that ({error.Message}).", "Let the owner of the database grant it, or name a schema of one's own.", error),
        "53100" or "53200" or "53300" or "57P01" or "57P02" or "57P03" => new StorageException($"PostgreSQL at {_address.Shown} cannot serve now ({error.Message}).", "Free space on the server, or wait until it is up, and try again; nothing that was acknowledged is lost.", error),
        null => new StorageException($"PostgreSQL at {_address.Shown} cannot be reached ({error.InnerException?.Message ?? error.Message}).", "Check that it runs and that the address is right.", error),
        var state => new WorkspaceException($"PostgreSQL at {_address.Shown} refused a statement ({state}: {error.Message}).", "Run `curator doctor` and report what it prints.", error),
    };
}
