using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Curator.Core.Manifests;

/// <summary>
/// The end of a manifest, from the last row group to the last byte, with a checksum of itself inside: Parquet has none for its footer, and a
/// damaged footer would send the native reader anywhere. The checksum stands in the footer's key-value metadata as text, so that the file stays
/// plain Parquet.
/// </summary>
internal static class ManifestTail
{
    private const int Digits = 16;

    /// <summary>Longest tail that is read into memory; 10^8 rows have about 40 MB.</summary>
    private const long MaxBytes = 1L << 30;

    private static readonly byte[] Marker = Encoding.ASCII.GetBytes(ManifestSchema.TailMarker);

    private static readonly string Zeros = new('0', Digits);

    /// <summary>Text of the metadata value before the checksum is known.</summary>
    public static string Placeholder(long tailStart) =>
        string.Create(CultureInfo.InvariantCulture, $"{ManifestSchema.TailMarker}{tailStart:x16}:{Zeros}");

    /// <summary>Computes the checksum of a finished file's tail and puts it in the place of the zeros.</summary>
    public static void Seal(FileStream file, long tailStart)
    {
        var tail = new byte[file.Length - tailStart];
        file.Position = tailStart;
        file.ReadExactly(tail);
        var at = ChecksumPosition(tail);
        var checksum = XxHash3.HashToUInt64(tail);
        file.Position = tailStart + at;
        file.Write(Encoding.ASCII.GetBytes(checksum.ToString("x16", CultureInfo.InvariantCulture)));
        file.Position = file.Length;
    }

    /// <summary>Checks the tail of an opened file; null when intact, else what is wrong.</summary>
    public static string? Check(FileStream file)
    {
        var length = file.Length;
        if (length < 12) return $"has {length} bytes, too few for Parquet";
        Span<byte> end = stackalloc byte[8];
        file.Position = length - end.Length;
        file.ReadExactly(end);
        if (!end[4..].SequenceEqual("PAR1"u8)) return "does not end as a Parquet file; it was cut or is something else";
        var footerLength = BinaryPrimitives.ReadUInt32LittleEndian(end);
        if (footerLength > length - 12 || footerLength > MaxBytes) return $"has a damaged footer length of {footerLength} in {length} bytes";

        var footer = new byte[footerLength];
        file.Position = length - 8 - footerLength;
        file.ReadExactly(footer);
        var at = ChecksumPosition(footer);
        if (at < 0) return "carries no checksum of Curator; it was written by another program or is damaged";
        if (!TryParseHex(footer.AsSpan(at - Digits - 1, Digits), out var tailStart) || !TryParseHex(footer.AsSpan(at, Digits), out var stored))
            return "has a damaged footer: its checksum is no number";
        if (tailStart > (ulong)(length - 8 - footerLength) || (ulong)length - tailStart > MaxBytes) return "has a damaged footer: its tail begins at no possible place";

        var tail = new byte[length - (long)tailStart];
        file.Position = (long)tailStart;
        file.ReadExactly(tail);
        tail.AsSpan(tail.Length - 8 - footer.Length + at, Digits).Fill((byte)'0');
        return XxHash3.HashToUInt64(tail) == stored ? null : "has a damaged footer: its checksum does not fit";
    }

    /// <summary>Where the 16 digits of the checksum are, or -1. The last marker counts: metadata come after all other text of a footer.</summary>
    private static int ChecksumPosition(ReadOnlySpan<byte> tail)
    {
        var at = tail.LastIndexOf(Marker);
        if (at < 0) return -1;
        var position = at + Marker.Length + Digits + 1;
        return position + Digits <= tail.Length ? position : -1;
    }

    private static bool TryParseHex(ReadOnlySpan<byte> digits, out ulong value) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
