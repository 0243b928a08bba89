using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Curator.Core.Files;

/// <summary>
/// What stands at the start of every binary artefact (docs/design/files.md has the bytes): magic <c>CURATOR\n</c>, format version, kind,
/// JSON metadata, fingerprint of what made it, payload length, block size, checksum of the header; then the payload in blocks, then one
/// XxHash3 (64 bit) a block.
/// </summary>
/// <param name="Kind">Four letters: <c>EMBD</c>, <c>INDX</c>, <c>PIXL</c>, <c>CKPT</c>.</param>
/// <param name="Fingerprint">64 hexadecimal digits: what made the file (encoder, preprocessing, inputs, settings, seed).</param>
/// <param name="Metadata">JSON object with the kind's own fields.</param>
/// <param name="PayloadLength">Bytes.</param>
public sealed record ArtefactHeader(string Kind, int Version, string Fingerprint, string Metadata, long PayloadLength)
{
    internal const int FixedBytes = 96;
    internal const int Alignment = 64;
    internal const int ChecksumBytes = sizeof(ulong);

    /// <summary>Longest metadata, bytes: a damaged length never makes a reader allocate more.</summary>
    internal const int MaxMetadataBytes = 1 << 24;

    internal static ReadOnlySpan<byte> Magic => "CURATOR\n"u8;

    /// <summary>Bytes from the start of the file to the payload, a multiple of 64.</summary>
    internal static int LengthFor(int metadataBytes) =>
        (FixedBytes + metadataBytes + ChecksumBytes + Alignment - 1) / Alignment * Alignment;

    internal static long BlocksFor(long payloadLength) => (payloadLength / ArtefactWriter.BlockBytes) + (payloadLength % ArtefactWriter.BlockBytes == 0 ? 0 : 1);

    /// <summary>The whole header, with its checksum in the last eight bytes.</summary>
    internal byte[] ToBytes()
    {
        var metadata = Encoding.UTF8.GetBytes(Metadata);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(metadata.Length, MaxMetadataBytes, nameof(Metadata));
        var bytes = new byte[LengthFor(metadata.Length)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        Encoding.ASCII.GetBytes(Kind, bytes.AsSpan(12, 4));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), metadata.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), ArtefactWriter.BlockBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), PayloadLength);
        Encoding.ASCII.GetBytes(Fingerprint, bytes.AsSpan(32, 64));
        metadata.CopyTo(bytes.AsSpan(FixedBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - ChecksumBytes), ChecksumOf(bytes));
        return bytes;
    }

    /// <summary>XxHash3 of all header bytes before the checksum itself. It also seeds the block checksums, which ties blocks to their file.</summary>
    internal static ulong ChecksumOf(ReadOnlySpan<byte> header) => XxHash3.HashToUInt64(header[..^ChecksumBytes]);

    /// <summary>Checksum of a block; the seed makes a block at another place, or from another file, a damaged one.</summary>
    internal static ulong BlockChecksum(ReadOnlySpan<byte> block, ulong headerChecksum, long number) =>
        XxHash3.HashToUInt64(block, unchecked((long)headerChecksum + number));

    internal static bool IsFingerprint(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);
}
