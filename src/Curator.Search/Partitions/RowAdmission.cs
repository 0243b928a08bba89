using System.Numerics;
using Curator.Core.Images;

namespace Curator.Search.Partitions;

/// <summary>
/// A query's filter and the catalog's image states as one condition on the rows of a partition. Time, place and id conditions are a bitmap, shared between
/// queries that have the same; states and the caller's condition are asked row by row. Thread-safe.
/// </summary>
internal sealed class RowAdmission
{
    private const int Probes = 1024;

    /// <summary>For queries that leave out no state.</summary>
    public static IReadOnlySet<long> NoRows { get; } = new HashSet<long>();

    private readonly int _partition;
    private readonly long _rows;
    private readonly ulong[]? _bits;
    private readonly IReadOnlySet<long> _hidden;
    private readonly Func<ImageId, bool>? _where;
    private readonly Lazy<long> _estimate;

    private RowAdmission(int partition, long rows, ulong[]? bits, IReadOnlySet<long> hidden, Func<ImageId, bool>? where) =>
        (_partition, _rows, _bits, _hidden, _where, _estimate) = (partition, rows, bits, hidden, where, new Lazy<long>(Count));

    /// <summary>Null when every row is admitted.</summary>
    /// <param name="hidden">Rows left out for their state.</param>
    /// <param name="labeled">Of each label condition, the rows of the partition with such an answer.</param>
    public static RowAdmission? Create(OpenPartition open, SearchQuery query, IReadOnlySet<long> hidden, IReadOnlyList<(bool Holds, long[] Rows)> labeled)
    {
        var bits = query.Filter is { NeedsColumns: true } filter ? open.Matching(filter) : null;
        if (query.Filter?.Among is { } among) bits = Intersect(bits, among, open.Partition.Number, open.Embeddings.Rows);
        foreach (var (holds, rows) in labeled) bits = holds ? Intersect(bits, rows, open.Embeddings.Rows) : Without(bits, rows, open.Embeddings.Rows);
        var where = query.Filter?.Where;
        return bits is null && where is null && hidden.Count == 0 ? null : new RowAdmission(open.Partition.Number, open.Embeddings.Rows, bits, hidden, where);
    }

    public bool Admits(long row) =>
        (_bits is null || (_bits[row >> 6] >> (int)(row & 63) & 1) != 0)
        && (_hidden.Count == 0 || !_hidden.Contains(row))
        && (_where is null || _where(new ImageId(_partition, row)));

    /// <summary>About how many rows are admitted: the bitmap counted, the caller's condition asked of some rows. Found once.</summary>
    public long Estimate => _estimate.Value;

    private long Count()
    {
        long inBits = _rows;
        if (_bits is not null)
        {
            inBits = 0;
            foreach (var word in _bits) inBits += BitOperations.PopCount(word);
        }

        if (_where is null) return Math.Max(0, inBits - _hidden.Count);
        long asked = 0, held = 0;
        var step = Math.Max(1, _rows / Probes);
        for (long row = 0; row < _rows; row += step)
        {
            if (_bits is not null && (_bits[row >> 6] >> (int)(row & 63) & 1) == 0) continue;
            asked++;
            if (_where(new ImageId(_partition, row))) held++;
        }

        return asked == 0 ? inBits : inBits * held / asked;
    }

    /// <summary>A bitmap of so many rows, all set.</summary>
    public static ulong[] AllRows(long rows)
    {
        var bits = new ulong[(rows + 63) / 64];
        Array.Fill(bits, ulong.MaxValue);
        if ((rows & 63) != 0) bits[^1] = (1UL << (int)(rows & 63)) - 1;
        return bits;
    }

    /// <summary>Admitted rows from <paramref name="first"/> and below <paramref name="end"/>, ascending.</summary>
    public IEnumerable<long> RowsBetween(long first, long end)
    {
        for (var row = first; row < end; row++)
        {
            if (_bits is not null)
            {
                var word = _bits[row >> 6] >> (int)(row & 63);
                if (word == 0)
                {
                    row |= 63;
                    continue;
                }

                row += BitOperations.TrailingZeroCount(word);
                if (row >= end) yield break;
            }

            if ((_hidden.Count == 0 || !_hidden.Contains(row)) && (_where is null || _where(new ImageId(_partition, row)))) yield return row;
        }
    }

    private static ulong[] Intersect(ulong[]? bits, IReadOnlySet<ImageId> among, int partition, long rows)
    {
        if (among.Count <= rows) return Intersect(bits, among.Where(id => id.Partition == partition).Select(id => id.Row), rows);
        var result = bits is null ? AllRows(rows) : (ulong[])bits.Clone();
        for (long row = 0; row < rows; row++)
            if (!among.Contains(new ImageId(partition, row)))
                result[row >> 6] &= ~(1UL << (int)(row & 63));
        return result;
    }

    private static ulong[] Intersect(ulong[]? bits, IEnumerable<long> among, long rows)
    {
        var result = new ulong[(rows + 63) / 64];
        foreach (var row in among)
            if (row < rows)
                result[row >> 6] |= 1UL << (int)(row & 63);
        for (var i = 0; bits is not null && i < result.Length; i++) result[i] &= bits[i];
        return result;
    }

    private static ulong[] Without(ulong[]? bits, long[] left, long rows)
    {
        var result = bits is null ? AllRows(rows) : (ulong[])bits.Clone();
        foreach (var row in left)
            if (row < rows)
                result[row >> 6] &= ~(1UL << (int)(row & 63));
        return result;
    }
}
