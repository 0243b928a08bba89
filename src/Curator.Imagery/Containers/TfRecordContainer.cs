using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Ingest;
using Curator.Imagery.Records;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Containers;

/// <summary>
/// Pictures in a TFRecord file of <c>tf.train.Example</c>s: of the GIBS downloader's schema (<c>date, image_raw, width, height, bottom_left_lat, bottom_left_long, top_right_lat,
/// top_right_long</c>; its swapped width and height are not believed, the picture's own count) and of TensorFlow's (<c>image/encoded</c>). Other single values become free columns. Both
/// checksums of every record are checked. A record is held as a whole.
/// </summary>
internal static class TfRecordContainer
{
    private const int HeadBytes = 12;
    private const int MaxRecord = 1 << 30;

    private static readonly string[] s_pictures = ["image_raw", "image/encoded", "image"];
    private static readonly HashSet<string> s_passedOver = ["width", "height", "image/width", "image/height", "image/format"];

    /// <param name="refusal">Set when the file ends early or is damaged; what lies before that is yielded.</param>
    public static IEnumerable<SourceEntry> List(string path, long modifiedNanoseconds, Action<ImageProblem, string> refusal)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(handle);
        var record = Array.Empty<byte>();
        long number = 0;
        for (long at = 0; at < length; number++)
        {
            var size = ReadHead(handle, at, length, out var problem);
            if (size < 0)
            {
                refusal(problem, $"record {number} at byte {at} is cut or damaged");
                yield break;
            }

            if (record.Length < size + 4) record = new byte[size + 4];
            if (RandomAccess.Read(handle, record.AsSpan(0, size + 4), at + HeadBytes) != size + 4
                || TfRecordWriter.MaskedCrc(record.AsSpan(0, size)) != BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(size)))
            {
                refusal(ImageProblem.Corrupt, $"the checksum of record {number} at byte {at} does not fit");
                yield break;
            }

            if (TryExample(record.AsSpan(0, size), number, out var name, out var from, out var count, out var facts))
                yield return new SourceEntry(SourceAddress.Inside(path, at + HeadBytes + from, count, name), count, modifiedNanoseconds, facts.ToString());
            at += HeadBytes + size + 4;
        }
    }

    private static int ReadHead(Microsoft.Win32.SafeHandles.SafeFileHandle handle, long at, long length, out ImageProblem problem)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        problem = ImageProblem.Truncated;
        if (at + HeadBytes > length || RandomAccess.Read(handle, head, at) != HeadBytes) return -1;
        var size = BinaryPrimitives.ReadInt64LittleEndian(head);
        problem = ImageProblem.Corrupt;
        if (TfRecordWriter.MaskedCrc(head[..8]) != BinaryPrimitives.ReadUInt32LittleEndian(head[8..]) || size is < 0 or > MaxRecord) return -1;
        problem = ImageProblem.Truncated;
        return at + HeadBytes + size + 4 > length ? -1 : (int)size;
    }

    /// <summary>Finds the picture's bytes in an example, and what is said beside it.</summary>
    private static bool TryExample(ReadOnlySpan<byte> record, long number, out string name, out int from, out int count, out SourceFacts facts)
    {
        (name, from, count) = ("", 0, 0);
        var columns = new List<(string Heading, string Text)>();
        string? given = null;
        try
        {
            foreach (var features in Fields(record, 0, record.Length, 1))
                foreach (var entry in Fields(record, features.At, features.Length, 1))
                {
                    var key = "";
                    foreach (var field in Fields(record, entry.At, entry.Length, 1)) key = Encoding.UTF8.GetString(record.Slice(field.At, field.Length));
                    foreach (var feature in Fields(record, entry.At, entry.Length, 2))
                    {
                        foreach (var list in Fields(record, feature.At, feature.Length, 1))
                            foreach (var bytes in Fields(record, list.At, list.Length, 1))
                            {
                                if (s_pictures.Contains(key) && bytes.Length > 0) (from, count) = bytes;
                                else if (key is "image/filename" or "filename") given = Encoding.UTF8.GetString(record.Slice(bytes.At, bytes.Length));
                                else if (bytes.Length <= 4000) columns.Add((key, Encoding.UTF8.GetString(record.Slice(bytes.At, bytes.Length))));
                            }

                        foreach (var list in Fields(record, feature.At, feature.Length, 2))
                            foreach (var packed in Fields(record, list.At, list.Length, 1))
                                if (packed.Length == 4)
                                    columns.Add((key, BinaryPrimitives.ReadSingleLittleEndian(record[packed.At..]).ToString("R", CultureInfo.InvariantCulture)));
                        foreach (var list in Fields(record, feature.At, feature.Length, 3))
                            foreach (var packed in Fields(record, list.At, list.Length, 1))
                            {
                                var at = packed.At;
                                var value = Varint(record, ref at, packed.At + packed.Length);
                                if (at == packed.At + packed.Length) columns.Add((key, ((long)value).ToString(CultureInfo.InvariantCulture)));
                            }
                    }
                }
        }
        catch (InvalidDataException)
        {
            facts = SourceFacts.None;
            return false;
        }

        columns.RemoveAll(column => s_passedOver.Contains(column.Heading));
        facts = WithBox(columns);
        if (count == 0) return false;
        var extension = ImageHeader.Sniff(record.Slice(from, count)) switch
        {
            ImageFormat.Jpeg => ".jpg", ImageFormat.Png => ".png", ImageFormat.WebP => ".webp", ImageFormat.Gif => ".gif", ImageFormat.Bmp => ".bmp", ImageFormat.Tiff => ".tif", _ => "",
        };
        name = given is not null && TarContainer.Cleaned(given) is { Length: > 0 } cleaned
            ? cleaned
            : facts is { TakenAt: { } taken, Footprint: { } box }
                ? TileName.Format(DateOnly.FromDateTime(taken.UtcDateTime), box) + extension
                : number.ToString("d8", CultureInfo.InvariantCulture) + extension;
        return true;
    }

    /// <summary>The corners of the GIBS downloader are a box.</summary>
    private static SourceFacts WithBox(List<(string Heading, string Text)> columns)
    {
        var sides = new double?[4];
        string[] corners = ["bottom_left_lat", "bottom_left_long", "top_right_lat", "top_right_long"];
        for (var i = 0; i < corners.Length; i++)
            if (columns.FindIndex(column => column.Heading == corners[i]) is >= 0 and var at && double.TryParse(columns[at].Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var side))
            {
                sides[i] = side;
                columns.RemoveAt(at);
            }

        var facts = FactColumns.Read([.. columns.Select(c => c.Heading)], [.. columns.Select(c => c.Text)], static (_, _) => true);
        return Array.TrueForAll(sides, side => side is not null) ? facts with { Box = [.. sides.Select(side => side!.Value)] } : facts;
    }

    /// <summary>Places of the length-delimited fields of one number in a message; also the place of a varint or fixed field, as its bytes.</summary>
    private static List<(int At, int Length)> Fields(ReadOnlySpan<byte> record, int at, int length, int wanted)
    {
        var found = new List<(int At, int Length)>();
        var end = at + length;
        while (at < end)
        {
            var tag = Varint(record, ref at, end);
            var start = at;
            switch (tag & 7)
            {
                case 0: Varint(record, ref at, end); break;
                case 1: at += 8; break;
                case 2:
                    var size = Varint(record, ref at, end);
                    if (size > (ulong)(end - at)) throw new InvalidDataException();
                    start = at;
                    at += (int)size;
                    break;
                case 5: at += 4; break;
                default: throw new InvalidDataException();
            }

            if (at > end) throw new InvalidDataException();
            if (tag >> 3 == (ulong)wanted) found.Add((start, at - start));
        }

        return found;
    }

    private static ulong Varint(ReadOnlySpan<byte> record, ref int at, int end)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && at < end; shift += 7)
        {
            var next = record[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw new InvalidDataException();
    }
}
