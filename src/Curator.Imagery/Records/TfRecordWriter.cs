using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Curator.Imagery.Records;

/// <summary>
/// TensorFlow's record files: length (8 bytes, little-endian), masked CRC-32C of the length, the bytes, masked CRC-32C of the bytes; then the next (tensorflow/core/lib/io/record_writer).
/// Not thread-safe.
/// </summary>
public sealed class TfRecordWriter(Stream stream) : IDisposable
{
    private const uint MaskDelta = 0xA282EAD8;

    /// <param name="record">Mostly a serialized <see cref="TfExample"/>.</param>
    public void Write(ReadOnlySpan<byte> record)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        stream.Write(head);
        stream.Write(record);
        BinaryPrimitives.WriteUInt32LittleEndian(head, MaskedCrc(record));
        stream.Write(head[..4]);
    }

    /// <summary>Closes the stream.</summary>
    public void Dispose() => stream.Dispose();

    /// <summary>CRC-32C (Castagnoli), turned by 15 bits and moved, as record files keep it.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) crc = BitOperations.Crc32C(crc, word);
        foreach (var one in bytes[(bytes.Length & ~7)..]) crc = BitOperations.Crc32C(crc, one);
        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
