using System.Buffers.Binary;
using Curator.Core.Images;

namespace Curator.Imagery.Decoding;

/// <summary>
/// The first directory of a TIFF or BigTIFF file (TIFF 6.0, section 2): enough to check limits, to tell a cut file from a damaged one, and
/// to know how to make eight bits of its samples.
/// </summary>
internal readonly record struct TiffHeader(
    int Width, int Height, int Samples, int Bits, int SampleFormat, int Photometric, int Orientation, bool Planar)
{
    private const int MaxEntries = 4096;

    public static bool IsTiff(ReadOnlySpan<byte> file) =>
        file.Length >= 8
        && (file.StartsWith<byte>([0x49, 0x49, 42, 0]) || file.StartsWith<byte>([0x4D, 0x4D, 0, 42])
            || file.StartsWith<byte>([0x49, 0x49, 43, 0]) || file.StartsWith<byte>([0x4D, 0x4D, 0, 43]));

    public static ImageProblem? TryRead(ReadOnlySpan<byte> file, out TiffHeader header, out string detail)
    {
        header = default;
        var reader = new Reader(file);
        if (!reader.TryFirstDirectory(out var at, out var entries))
        {
            detail = "the first directory lies beyond the end of the file";
            return ImageProblem.Truncated;
        }
        if (entries is 0 or > MaxEntries)
        {
            detail = $"the first directory has {entries} entries";
            return ImageProblem.Corrupt;
        }
        long width = 0, height = 0, samples = 1, bits = 1, format = 1, photometric = 1, orientation = 1, planar = 1;
        Entry offsets = default, counts = default;
        for (var i = 0L; i < entries; i++, at += reader.EntryBytes)
        {
            if (!reader.TryEntry(at, out var entry))
            {
                detail = "the file ends inside its first directory";
                return ImageProblem.Truncated;
            }
            switch (entry.Tag)
            {
                case 256: width = reader.First(entry); break;
                case 257: height = reader.First(entry); break;
                case 258: bits = reader.First(entry); break;
                case 262: photometric = reader.First(entry); break;
                case 274: orientation = reader.First(entry); break;
                case 277: samples = reader.First(entry); break;
                case 284: planar = reader.First(entry); break;
                case 339: format = reader.First(entry); break;
                case 273 or 324: offsets = entry; break;
                case 279 or 325: counts = entry; break;
            }
        }
        if (width <= 0 || height <= 0 || samples is <= 0 or > 65_535 || bits is <= 0 or > 64)
        {
            detail = $"the header says {width}×{height} pixels with {samples} samples of {bits} bits";
            return ImageProblem.Corrupt;
        }
        if (reader.PastEnd(offsets, counts) is { } missing)
        {
            detail = $"the file ends {missing} bytes before its pictures do";
            return ImageProblem.Truncated;
        }
        header = new TiffHeader(
            (int)Math.Min(width, int.MaxValue), (int)Math.Min(height, int.MaxValue), (int)samples, (int)bits, (int)format, (int)photometric,
            orientation is >= 1 and <= 8 ? (int)orientation : 1, planar == 2);
        detail = "";
        return null;
    }

    /// <summary>The first field of the first directory whose values do not lie in the file; null when all do.</summary>
    public static int? FieldPastEnd(ReadOnlySpan<byte> file)
    {
        var reader = new Reader(file);
        if (!reader.TryFirstDirectory(out var at, out var entries)) return null;
        for (var i = 0L; i < Math.Min(entries, MaxEntries); i++, at += reader.EntryBytes)
            if (reader.TryEntry(at, out var entry) && reader.IsPastEnd(entry))
                return entry.Tag;
        return null;
    }

    /// <param name="ValueAt">Offset of the first value, inside the entry or elsewhere.</param>
    internal readonly record struct Entry(int Tag, int Type, long Count, long ValueAt);

    internal readonly ref struct Reader(ReadOnlySpan<byte> file)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private readonly bool _little = file[0] == 0x49;
        private readonly bool _big = file[2] == 43 || file[3] == 43;

        public int EntryBytes => _big ? 20 : 12;

        public bool TryFirstDirectory(out long at, out long entries)
        {
            entries = 0;
            at = _big ? Number(8, 8) : Number(4, 4);
            if (at < 8 || at > _file.Length - 8) return false;
            entries = Number(at, _big ? 8 : 2);
            at += _big ? 8 : 2;
            return true;
        }

        public bool TryEntry(long at, out Entry entry)
        {
            entry = default;
            if (at < 0 || at + EntryBytes > _file.Length) return false;
            var type = (int)Number(at + 2, 2);
            var count = Number(at + 4, _big ? 8 : 4);
            var field = at + (_big ? 12 : 8);
            var inside = count >= 0 && count <= 8 && count * Size(type) <= (_big ? 8 : 4);
            entry = new Entry((int)Number(at, 2), type, count, inside ? field : Number(field, _big ? 8 : 4));
            return true;
        }

        public bool IsPastEnd(Entry entry) => entry.Count < 0 || entry.ValueAt < 0 || entry.Count > _file.Length || entry.ValueAt + entry.Count * Size(entry.Type) > _file.Length;

        public long First(Entry entry) => Value(entry, 0);

        /// <summary>Numbers of a field of shorts, longs or doubles; empty when it lies outside the file or has more than <paramref name="most"/>.</summary>
        public double[] Numbers(Entry entry, int most)
        {
            if (entry.Count < 1 || entry.Count > most) return [];
            var numbers = new double[entry.Count];
            for (var i = 0; i < numbers.Length; i++)
            {
                if (entry.Type == 12)
                {
                    var at = entry.ValueAt + 8L * i;
                    if (at < 0 || at > _file.Length - 8) return [];
                    var field = _file.Slice((int)at, 8);
                    numbers[i] = _little ? BinaryPrimitives.ReadDoubleLittleEndian(field) : BinaryPrimitives.ReadDoubleBigEndian(field);
                }
                else
                {
                    var value = Value(entry, i);
                    if (value < 0) return [];
                    numbers[i] = value;
                }
            }

            return numbers;
        }

        /// <summary>A text of at most <paramref name="most"/> characters without its closing zero; empty when it lies outside the file.</summary>
        public string Text(Entry entry, int most)
        {
            if (entry.Type != 2 || entry.Count < 1 || entry.Count > most || entry.ValueAt < 0 || entry.ValueAt + entry.Count > _file.Length) return "";
            return System.Text.Encoding.Latin1.GetString(_file.Slice((int)entry.ValueAt, (int)entry.Count)).TrimEnd('\0');
        }

        /// <summary>How many bytes of strips or tiles lie beyond the end of the file; null when none do.</summary>
        public long? PastEnd(Entry offsets, Entry counts)
        {
            long missing = 0;
            var pieces = Math.Min(offsets.Count, counts.Count);
            for (var i = 0L; i < pieces; i++)
            {
                var at = Value(offsets, i);
                var length = Value(counts, i);
                if (at < 0 || length < 0)
                    return offsets.ValueAt + offsets.Count * Size(offsets.Type) - _file.Length is > 0 and var beyond ? beyond : 1;
                missing = Math.Max(missing, at + length - _file.Length);
            }
            return missing > 0 ? missing : null;
        }

        private long Value(Entry entry, long index)
        {
            var size = Size(entry.Type);
            return entry.Type is 1 or 3 or 4 or 13 or 16 && index < entry.Count ? Number(entry.ValueAt + index * size, size) : -1;
        }

        private static int Size(int type) => type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, _ => 8 };

        /// <summary>An unsigned number of 1 to 8 bytes; -1 when it lies outside the file or above 2⁶².</summary>
        private long Number(long at, int bytes)
        {
            if (at < 0 || at > _file.Length - bytes) return -1;
            var field = _file.Slice((int)at, bytes);
            var value = bytes switch
            {
                1 => field[0],
                2 => _little ? BinaryPrimitives.ReadUInt16LittleEndian(field) : BinaryPrimitives.ReadUInt16BigEndian(field),
                4 => _little ? BinaryPrimitives.ReadUInt32LittleEndian(field) : BinaryPrimitives.ReadUInt32BigEndian(field),
                _ => _little ? BinaryPrimitives.ReadUInt64LittleEndian(field) : BinaryPrimitives.ReadUInt64BigEndian(field),
            };
            return value > 1UL << 62 ? -1 : (long)value;
        }
    }
}
