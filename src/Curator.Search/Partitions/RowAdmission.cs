using Curator.Core.Catalogs;
using Curator.Core.Images;

namespace Curator.Search.Partitions;

/// <summary>Turns a query's filter and the catalog's image states into one condition on the rows of a partition.</summary>
internal static class RowAdmission
{
    /// <summary>Null when every row is admitted. The condition may be called from several threads.</summary>
    public static Func<long, bool>? Create(OpenPartition open, SearchQuery query, IReadOnlyDictionary<long, ImageState> states)
    {
        var hidden = states.Where(state => query.Without.Contains(state.Value)).Select(state => state.Key).ToHashSet();
        var filter = query.Filter;
        var byRow = filter is { NeedsColumns: true } or { Where: not null } or { Among: not null };
        if (!byRow) return hidden.Count == 0 ? null : row => !hidden.Contains(row);
        var columns = filter!.NeedsColumns ? open.Columns : null;
        var number = open.Partition.Number;
        return row =>
            !hidden.Contains(row)
            && filter.Among?.Contains(new ImageId(number, row)) != false
            && columns?.Matches((int)row, filter) != false
            && filter.Where?.Invoke(new ImageId(number, row)) != false;
    }
}
