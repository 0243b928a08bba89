using System.Data.Common;

namespace Curator.Core.Databases;

/// <summary>Copies all rows of one database into another, empty one of the same schema, whichever kinds they are: for backups of PostgreSQL, and for restoring into it.</summary>
internal static class DatabaseCopy
{
    /// <summary>Within a snapshot of the source and a transaction of the goal that the caller holds.</summary>
    /// <returns>Rows copied.</returns>
    /// <exception cref="WorkspaceException">The goal holds a project already.</exception>
    public static async Task<long> RunAsync(DbConnection from, DbConnection to, CancellationToken cancellationToken)
    {
        foreach (var table in (string[])["partition", "task", "label_event"])
            if (await to.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}", cancellationToken) > 0)
                throw new WorkspaceException("The database to restore into holds a project already.", "Restore into an empty one: another database, or another schema of it.");
        await to.ExecuteAsync("DELETE FROM counter", cancellationToken);
        long rows = 0;
        foreach (var table in Schema.Tables) rows += await CopyAsync(table, from, to, cancellationToken);
        return rows;
    }

    private static async Task<long> CopyAsync(string table, DbConnection from, DbConnection to, CancellationToken cancellationToken)
    {
        await using var select = from.Create($"SELECT * FROM {table}");
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        await using var insert = to.Create($"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(column => "@" + column))})");
        long rows = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < columns.Length; i++) insert.Set(columns[i], reader.IsDBNull(i) ? null : reader.GetValue(i));
            await insert.ExecuteNonQueryAsync(cancellationToken);
            rows++;
        }

        return rows;
    }
}
