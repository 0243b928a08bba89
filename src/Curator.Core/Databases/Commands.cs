using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Curator.Core.Databases;

/// <summary>Statements with named parameters over System.Data.Common. Parameters are never pasted into SQL.</summary>
internal static class Commands
{
    /// <param name="parameters">Names without the <c>@</c>; null becomes NULL.</param>
    public static DbCommand Create(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        // The only writer of this text is this room; values go in as parameters.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Set(name, value);
        return command;
    }

    /// <summary>Gives a parameter its value; a command is reused for many rows that way.</summary>
    public static void Set(this DbCommand command, string name, object? value)
    {
        var parameter = command.Parameters.Contains("@" + name) ? command.Parameters["@" + name] : Add(command, name);
        parameter.Value = value ?? DBNull.Value;
    }

    public static async Task<int> ExecuteAsync(this DbConnection connection, string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = connection.Create(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<T?> ScalarAsync<T>(this DbConnection connection, string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = connection.Create(sql, parameters);
        var value = await command.ExecuteScalarAsync(cancellationToken);
        // SQLite has one width of integers, PostgreSQL several.
        return value is null or DBNull ? default : value is T exact ? exact : (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), CultureInfo.InvariantCulture);
    }

    public static async Task<List<T>> ListAsync<T>(
        this DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        var list = new List<T>();
        await foreach (var item in connection.StreamAsync(sql, read, cancellationToken, parameters)) list.Add(item);
        return list;
    }

    public static async IAsyncEnumerable<T> StreamAsync<T>(
        this DbConnection connection,
        string sql,
        Func<DbDataReader, T> read,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters)
    {
        await using var command = connection.Create(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) yield return read(reader);
    }

    public static string? TextOrNull(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DbParameter Add(DbCommand command, string name)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@" + name;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
