using System.Globalization;
using System.Text;
using Curator.Labeling.Labelers;

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
                ',', Csv.Text(hit.Query ?? ""), hit.Rank.ToString(CultureInfo.InvariantCulture), hit.Id, hit.Distance.ToString("R", CultureInfo.InvariantCulture), Csv.Text(hit.Path), Csv.Text(hit.Product),
                Csv.Text(hit.Resolution), Csv.Text(hit.Period), hit.TakenAt?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), Number(box?.South), Number(box?.West), Number(box?.North),
                Number(box?.East));
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}
