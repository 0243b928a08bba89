using System.Globalization;
using System.Text;

namespace Curator.Cli.Searching;

/// <summary>How hits are written.</summary>
internal enum SearchFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>RFC 4180 with a heading line.</summary>
    Csv,

    /// <summary>RFC 7946: one feature a hit, with its footprint.</summary>
    GeoJson,
}

/// <summary>Hits as comma-separated values.</summary>
internal static class SearchTable
{
    public static string ToCsv(IEnumerable<FoundImage> found)
    {
        var text = new StringBuilder("query,rank,image,distance,path,product,resolution,period,taken_at,south,west,north,east\n");
        foreach (var hit in found)
        {
            var box = hit.Footprint;
            text.AppendJoin(
                ',', Text(hit.Query ?? ""), hit.Rank.ToString(CultureInfo.InvariantCulture), hit.Id, hit.Distance.ToString("R", CultureInfo.InvariantCulture), Text(hit.Path), Text(hit.Product),
                Text(hit.Resolution), Text(hit.Period), hit.TakenAt?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), Number(box?.South), Number(box?.West), Number(box?.North),
                Number(box?.East));
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Quoted where needed; with a quote in front where a spreadsheet would take it for a formula.</summary>
    private static string Text(string value)
    {
        if (value.Length > 0 && "=+-@\t\r".Contains(value[0], StringComparison.Ordinal)) value = "'" + value;
        return value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }
}
