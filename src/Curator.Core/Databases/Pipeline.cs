using System.Data.Common;

namespace Curator.Core.Databases;

/// <summary>
/// Statements of one transaction that need not wait for each other. Where the database is a process of its own they are sent together, so that many cost one round trip; where it is in this process
/// (SQLite) each runs at once, prepared once for all its uses. What they do is certain after <see cref="FlushAsync"/> only. Not thread-safe.
/// </summary>
internal sealed class Pipeline(DbConnection connection) : IAsyncDisposable
{
    private readonly DbBatch? _batch = connection.CanCreateBatch ? connection.CreateBatch() : null;
    private readonly List<Func<DbDataReader, Task>> _reads = [];
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>A statement that answers nothing.</summary>
    public async Task AddAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        if (_batch is not null) Enqueue(sql, parameters);
        else await Prepared(sql, parameters).ExecuteNonQueryAsync();
    }

    /// <summary>A statement whose rows <paramref name="read"/> takes, at the latest when flushed; also when there are none.</summary>
    public async Task AddAsync(string sql, Func<DbDataReader, Task> read, params (string Name, object? Value)[] parameters)
    {
        if (_batch is not null)
        {
            Enqueue(sql, parameters);
            _reads.Add(read);
            return;
        }

        await using var reader = await Prepared(sql, parameters).ExecuteReaderAsync();
        await read(reader);
    }

    /// <summary>Sends what waits and reads the answers, in the order in which they were added.</summary>
    public async Task FlushAsync()
    {
        if (_batch is null || _batch.BatchCommands.Count == 0) return;
        await using (var reader = await _batch.ExecuteReaderAsync())
            // Statements without rows are passed over by the reader.
            foreach (var read in _reads)
            {
                await read(reader);
                await reader.NextResultAsync();
            }

        _batch.BatchCommands.Clear();
        _reads.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        if (_batch is not null) await _batch.DisposeAsync();
        foreach (var command in _commands.Values) await command.DisposeAsync();
    }

    private void Enqueue(string sql, (string Name, object? Value)[] parameters)
    {
        var command = _batch!.CreateBatchCommand();
        // The only writer of this text is this room; values go in as parameters.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        _batch.BatchCommands.Add(command);
    }

    private DbCommand Prepared(string sql, (string Name, object? Value)[] parameters)
    {
        if (!_commands.TryGetValue(sql, out var command)) _commands[sql] = command = connection.Create(sql);
        foreach (var (name, value) in parameters) command.Set(name, value);
        return command;
    }
}
