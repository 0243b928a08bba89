using System.Data.Common;

namespace Curator.Core.Databases;

/// <summary>Times in the database: microseconds since 1970-01-01 UTC, the finest that SQLite's integers and PostgreSQL's timestamps share.</summary>
internal static class Moments
{
    public static long ToMicroseconds(this DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset Moment(this DbDataReader reader, int column) => FromMicroseconds(reader.GetInt64(column));

    public static DateTimeOffset? MomentOrNull(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Moment(column);
}
