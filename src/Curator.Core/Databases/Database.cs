using System.Data.Common;

namespace Curator.Core.Databases;

/// <summary>
/// The seam between the rooms' SQL, which is portable, and one database: connections, how a writing transaction begins, and the few statements that differ. Writers are
/// serialised (one at a time in the whole project, whichever process they are in), readers see a snapshot and hold up nobody. Thread-safe.
/// </summary>
internal abstract class Database(TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The clock of leases; see <see cref="LeaseTimeAsync"/>.</summary>
    protected LeaseClock LeaseClock { get; } = new(clock);

    /// <summary>Runs reading statements on one snapshot: all see what was committed when the first one began. Holds up no writer.</summary>
    /// <exception cref="StorageException">The database cannot be read now.</exception>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="write"/> in one transaction that holds the write lock from its beginning, and commits it.</summary>
    /// <param name="durable">Whether the commit must survive a power cut before the call returns. False for what is only a courtesy, such as leases; never for labels.</param>
    /// <exception cref="StorageException">The database cannot be written now; nothing of the transaction was stored.</exception>
    public abstract Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellationToken, bool durable = true);

    /// <summary>Writes a consistent copy of the whole database as one SQLite file, while others read and write.</summary>
    /// <exception cref="WorkspaceException">The copy cannot be written.</exception>
    public abstract Task BackupAsync(string path, CancellationToken cancellationToken);

    /// <summary>Statements that make UPDATE and DELETE of a table an error.</summary>
    public abstract IEnumerable<string> AppendOnly(string table);

    /// <summary>Statements that take back what <see cref="AppendOnly"/> made; for tests that damage a history.</summary>
    public abstract IEnumerable<string> Appendable(string table);

    /// <summary>A statement of the schema in this database's own words.</summary>
    public virtual string Translate(string statement) => statement;

    /// <summary>The one clock that leases go by: never set back or forward while the server runs.</summary>
    public virtual Task<DateTimeOffset> LeaseTimeAsync(DbConnection connection, CancellationToken cancellationToken) => Task.FromResult(LeaseClock.Now);

    public abstract ValueTask DisposeAsync();
}
