using Curator.Core.Images;

namespace Curator.Search.Partitions;

/// <summary>Time and place of each row of a partition, as flat arrays: 24 bytes a row. Immutable, thread-safe.</summary>
internal sealed class FilterColumns
{
    /// <summary>Stands for an unknown time.</summary>
    public const long NoTime = long.MinValue;

    private readonly long[] _ticks;
    private readonly float[] _boxes;

    /// <param name="ticks">UTC ticks of each row, or <see cref="NoTime"/>.</param>
    /// <param name="boxes">[rows × 4] south, west, north, east in degrees; NaN where unknown.</param>
    public FilterColumns(long[] ticks, float[] boxes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual((long)boxes.Length, 4L * ticks.Length);
        (_ticks, _boxes) = (ticks, boxes);
    }

    public int Rows => _ticks.Length;

    public long SizeBytes => 24L * _ticks.Length;

    /// <summary>Collects the columns of the first <paramref name="rows"/> records of a manifest.</summary>
    public static FilterColumns From(IEnumerable<ImageRecord> records, int rows)
    {
        var ticks = new long[rows];
        var boxes = new float[4L * rows];
        Array.Fill(ticks, NoTime);
        Array.Fill(boxes, float.NaN);
        var row = 0;
        foreach (var record in records)
        {
            if (row == rows) break;
            if (record.TakenAt is { } time) ticks[row] = time.UtcTicks;
            if (record.Footprint is { } box) Widen(box, boxes.AsSpan(4 * row, 4));
            row++;
        }

        return new FilterColumns(ticks, boxes);
    }

    /// <summary>Whether a row satisfies the time and place conditions of the filter.</summary>
    public bool Matches(int row, SearchFilter filter)
    {
        if (filter.From is not null || filter.To is not null)
        {
            var ticks = _ticks[row];
            if (ticks == NoTime || ticks < (filter.From?.UtcTicks ?? long.MinValue) || ticks >= (filter.To?.UtcTicks ?? long.MaxValue)) return false;
        }

        if (filter.Box is not { } wanted) return true;
        var box = _boxes.AsSpan(4 * row, 4);
        return !float.IsNaN(box[0]) && new BoundingBox(box[0], box[1], box[2], box[3]).Intersects(wanted);
    }

    /// <summary>Single precision rounded outwards (about a metre), so that no picture at the edge of a box is missed.</summary>
    private static void Widen(BoundingBox box, Span<float> edges)
    {
        edges[0] = Math.Max(-90f, MathF.BitDecrement((float)box.South));
        edges[1] = Math.Max(-180f, MathF.BitDecrement((float)box.West));
        edges[2] = Math.Min(90f, MathF.BitIncrement((float)box.North));
        edges[3] = Math.Min(180f, MathF.BitIncrement((float)box.East));
    }
}
