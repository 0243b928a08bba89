using System.Text.RegularExpressions;
using Npgsql;

namespace Curator.Core.Databases;

/// <summary>
/// Where a PostgreSQL database is: <c>postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME</c>. Further parameters: <c>sslmode</c>, and <c>host</c> for the folder of a
/// Unix socket. The password may be left to <c>PGPASSWORD</c> or <c>~/.pgpass</c>.
/// </summary>
internal sealed partial record PostgresAddress(string ConnectionString, string WriterConnectionString, string Schema, string Shown)
{
    private const string Form = "postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME";

    /// <exception cref="WorkspaceException">Not such an address.</exception>
    public static PostgresAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql"))
            throw new WorkspaceException("The database is no address of a PostgreSQL database.", $"Write it as {Form}, or leave it away for a database file in the project.");
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host.Length > 0 ? uri.Host : "localhost",
            Database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')),
            MaxAutoPrepare = 60,
            AutoPrepareMinUsages = 2,
            // Nothing outlives a transaction here (SET LOCAL, locks of transactions), so a connection need not be reset between two of them.
            NoResetOnClose = true,
            MaxPoolSize = 24,
            Timeout = 15,
            CommandTimeout = 60,
            ApplicationName = "curator",
        };
        if (uri.Port > 0) builder.Port = uri.Port;
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) builder.Password = Uri.UnescapeDataString(user[1]);
        var schema = "curator";
        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split('=', 2);
            var value = Uri.UnescapeDataString(pair.Length == 2 ? pair[1] : "");
            switch (pair[0])
            {
                case "schema" when SchemaName().IsMatch(value):
                    schema = value;
                    break;
                case "host":
                    builder.Host = value;
                    break;
                case "sslmode" when Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode):
                    builder.SslMode = mode;
                    break;
                default:
                    throw new WorkspaceException($"The database's address has '{part}', which is not understood.", $"Write it as {Form}; a schema has lower-case letters, digits and '_'.");
            }
        }

        builder.SearchPath = schema;
        var readers = builder.ConnectionString;
        builder.MaxPoolSize = 1;
        return new PostgresAddress(readers, builder.ConnectionString, schema, $"{builder.Host}:{builder.Port}/{builder.Database} ({schema})");
    }

    /// <summary>The address without its password, as it is kept in curator.json.</summary>
    public static string WithoutPassword(string text)
    {
        Parse(text);
        return Password().Replace(text, "$1@", 1);
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex SchemaName();

    [GeneratedRegex("(?<=^[a-z]+://)([^/@:]*):[^/@]*@")]
    private static partial Regex Password();
}
