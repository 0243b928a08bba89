using Curator.Core.Images;

namespace Curator.Search.Partitions;

/// <summary>Time and place of each row of a partition, as flat arrays: 8 bytes a row where any time is known, 16 where any place is. Immutable, thread-safe.</summary>
internal sealed class FilterColumns
{
    /// <summary>Stands for an unknown time.</summary>
    public const long NoTime = long.MinValue;

    private readonly long[] _ticks;
    private readonly float[] _boxes;

    /// <param name="ticks">UTC ticks of each row, or <see cref="NoTime"/>; empty when no time is known.</param>
    /// <param name="boxes">[rows × 4] south, west, north, east in degrees, NaN where unknown; empty when no place is known.</param>
    public FilterColumns(int rows, long[] ticks, float[] boxes)
    {
        if (ticks.Length != 0) ArgumentOutOfRangeException.ThrowIfNotEqual(ticks.Length, rows);
        if (boxes.Length != 0) ArgumentOutOfRangeException.ThrowIfNotEqual((long)boxes.Length, 4L * rows);
        (Rows, _ticks, _boxes) = (rows, ticks, boxes);
    }

    public int Rows { get; }

    public long SizeBytes => (8L * _ticks.Length) + (4L * _boxes.Length);

    /// <summary>[Rows] or empty.</summary>
    public ReadOnlySpan<long> Ticks => _ticks;

    /// <summary>[Rows × 4] or empty.</summary>
    public ReadOnlySpan<float> Boxes => _boxes;

    /// <summary>Collects the columns of the first <paramref name="rows"/> records of a manifest.</summary>
    public static FilterColumns From(IEnumerable<ImageRecord> records, int rows)
    {
        long[] ticks = [];
        float[] boxes = [];
        var row = 0;
        foreach (var record in records)
        {
            if (row == rows) break;
            if (record.TakenAt is { } time)
            {
                if (ticks.Length == 0) Array.Fill(ticks = new long[rows], NoTime);
                ticks[row] = time.UtcTicks;
            }

            if (record.Footprint is { } box)
            {
                if (boxes.Length == 0) Array.Fill(boxes = new float[4L * rows], float.NaN);
                Widen(box, boxes.AsSpan(4 * row, 4));
            }

            row++;
        }

        return new FilterColumns(rows, ticks, boxes);
    }

    /// <summary>One bit a row: whether it satisfies the time and place conditions of the filter.</summary>
    public ulong[] Match(SearchFilter filter)
    {
        var bits = new ulong[(Rows + 63) / 64];
        var timed = filter.From is not null || filter.To is not null;
        if ((timed && _ticks.Length == 0) || (filter.Box is not null && _boxes.Length == 0)) return bits;
        var from = Math.Max(filter.From?.UtcTicks ?? long.MinValue, NoTime + 1);
        var to = filter.To?.UtcTicks ?? long.MaxValue;
        for (var row = 0; row < Rows; row++)
        {
            if (timed && (_ticks[row] < from || _ticks[row] >= to)) continue;
            if (filter.Box is { } box && !Intersects(row, box)) continue;
            bits[row >> 6] |= 1UL << (row & 63);
        }

        return bits;
    }

    /// <summary>Where a row's picture is, if that is known.</summary>
    public BoundingBox? BoxOf(long row)
    {
        if (_boxes.Length == 0 || float.IsNaN(_boxes[4 * row])) return null;
        var box = _boxes.AsSpan(checked((int)(4 * row)), 4);
        return new BoundingBox(box[0], box[1], box[2], box[3]);
    }

    private bool Intersects(int row, BoundingBox wanted)
    {
        var box = _boxes.AsSpan(4 * row, 4);
        // Most rows end here: NaN and boxes off to the north or south.
        if (!(box[0] <= wanted.North && box[2] >= wanted.South)) return false;
        return new BoundingBox(box[0], box[1], box[2], box[3]).Intersects(wanted);
    }

    /// <summary>Single precision rounded outwards (a metre or two), so that no picture at the edge of a box is missed.</summary>
    private static void Widen(BoundingBox box, Span<float> edges)
    {
        edges[0] = Math.Max(-90f, MathF.BitDecrement((float)box.South));
        edges[1] = Math.Max(-180f, MathF.BitDecrement((float)box.West));
        edges[2] = Math.Min(90f, MathF.BitIncrement((float)box.North));
        edges[3] = Math.Min(180f, MathF.BitIncrement((float)box.East));
    }
}
