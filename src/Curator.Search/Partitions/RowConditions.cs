using Curator.Core.Images;

namespace Curator.Search.Partitions;

/// <summary>The conditions of a filter that follow from a row's record alone, as a value: the same conditions are equal.</summary>
/// <param name="Columns">The column conditions, one a line, in the order of their texts.</param>
internal sealed record RowConditions(DateTimeOffset? From, DateTimeOffset? To, BoundingBox? Box, string Columns)
{
    public static RowConditions Of(SearchFilter filter) =>
        new(filter.From, filter.To, filter.Box, string.Join('\n', filter.Columns.Select(condition => condition.ToString()).Order(StringComparer.Ordinal)));

    /// <summary>One bit a row of the partition's embeddings: whether all hold. Column conditions read the manifest; O(rows).</summary>
    public ulong[] Match(OpenPartition open)
    {
        var filter = new SearchFilter { From = From, To = To, Box = Box };
        var bits = filter.HasTimeOrPlace ? open.Columns.Match(filter) : RowAdmission.AllRows(open.Embeddings.Rows);
        if (Columns.Length == 0) return bits;
        var conditions = Array.ConvertAll(Columns.Split('\n'), text => ColumnCondition.Parse(text).Compile());
        long row = 0;
        foreach (var record in open.Records())
        {
            foreach (var holds in conditions)
                if (!holds(record))
                    bits[row >> 6] &= ~(1UL << (int)(row & 63));
            row++;
        }

        return bits;
    }
}
