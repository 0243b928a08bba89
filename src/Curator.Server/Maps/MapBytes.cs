using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Curator.Search.Maps;

namespace Curator.Server.Maps;

/// <summary>
/// What the map page draws, little-endian. Points: "CMAP", version 1, points, partitions, left, bottom and step of the places (float), then number and points of each partition, then columns of 16 bits: x, y, cluster,
/// group (65,535 for none), and at last the rows as variable-length differences, one byte each where rows follow each other. About nine bytes a point. Values: length and text of a legend in JSON,
/// padded to four bytes, then 16 bits a point.
/// </summary>
internal static class MapBytes
{
    public const ushort None = ushort.MaxValue;

    private const int Levels = 65_535;

    public static void WritePoints(MapFile map, IBufferWriter<byte> to)
    {
        float left = float.PositiveInfinity, bottom = left, right = float.NegativeInfinity, top = right;
        for (var i = 0; i < map.Positions.Length; i += 2)
        {
            (left, right) = (Math.Min(left, map.Positions[i]), Math.Max(right, map.Positions[i]));
            (bottom, top) = (Math.Min(bottom, map.Positions[i + 1]), Math.Max(top, map.Positions[i + 1]));
        }

        var step = Math.Max(Math.Max(right - left, top - bottom), 1e-6f) / Levels;
        var partitions = map.Info.Partitions;
        var header = to.GetSpan(28 + (8 * partitions.Count));
        "CMAP"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], map.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], partitions.Count);
        BinaryPrimitives.WriteSingleLittleEndian(header[16..], left);
        BinaryPrimitives.WriteSingleLittleEndian(header[20..], bottom);
        BinaryPrimitives.WriteSingleLittleEndian(header[24..], step);
        for (var p = 0; p < partitions.Count; p++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[(28 + (8 * p))..], partitions[p].Number);
            BinaryPrimitives.WriteInt32LittleEndian(header[(32 + (8 * p))..], partitions[p].Points);
        }

        to.Advance(28 + (8 * partitions.Count));
        Column(to, map.Count, i => (ushort)Math.Clamp((int)MathF.Round((map.Positions[2 * i] - left) / step), 0, Levels));
        Column(to, map.Count, i => (ushort)Math.Clamp((int)MathF.Round((map.Positions[(2 * i) + 1] - bottom) / step), 0, Levels));
        Column(to, map.Count, i => Number(map.Clusters[i]));
        Column(to, map.Count, i => Number(map.Groups[i]));
        foreach (var partition in partitions) Rows(to, map.PointsOf(partition.Number).Rows.Span);
    }

    public static void WriteValues(object legend, ReadOnlySpan<ushort> values, IBufferWriter<byte> to)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(legend, JsonSerializerOptions.Web);
        var padded = (text.Length + 3) / 4 * 4;
        var header = to.GetSpan(4 + padded);
        BinaryPrimitives.WriteInt32LittleEndian(header, text.Length);
        text.CopyTo(header[4..]);
        // Blanks after the text are part of no JSON value.
        header[(4 + text.Length)..(4 + padded)].Fill((byte)' ');
        to.Advance(4 + padded);
        to.Write(MemoryMarshal.AsBytes(values));
    }

    /// <summary>More clusters than 16 bits tell are drawn as none.</summary>
    private static ushort Number(int value) => value is >= 0 and < None ? (ushort)value : None;

    private static void Column(IBufferWriter<byte> to, int count, Func<int, ushort> value)
    {
        const int Step = 8192;
        for (var first = 0; first < count; first += Step)
        {
            var size = Math.Min(Step, count - first);
            var span = to.GetSpan(2 * size);
            for (var i = 0; i < size; i++) BinaryPrimitives.WriteUInt16LittleEndian(span[(2 * i)..], value(first + i));
            to.Advance(2 * size);
        }
    }

    /// <summary>Each row's distance from the one that would follow, seven bits a byte, the lowest first; the highest bit says that more follow.</summary>
    private static void Rows(IBufferWriter<byte> to, ReadOnlySpan<uint> rows)
    {
        uint expected = 0;
        for (var first = 0; first < rows.Length; first += 1024)
        {
            var part = rows[first..Math.Min(rows.Length, first + 1024)];
            var span = to.GetSpan(5 * part.Length);
            var written = 0;
            foreach (var row in part)
            {
                var difference = row - expected;
                for (; difference >= 0x80; difference >>= 7) span[written++] = (byte)(difference | 0x80);
                span[written++] = (byte)difference;
                expected = row + 1;
            }

            to.Advance(written);
        }
    }
}
