using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Curator.Imagery.Records;

/// <summary>
/// A <c>tf.train.Example</c> in the making: named features, each a list of bytes, 64-bit integers or single-precision numbers, in protocol buffers' wire format. Features are written in
/// the order in which they are added, so that the same example gives the same bytes. Not thread-safe.
/// </summary>
public sealed class TfExample
{
    private const int LengthDelimited = 2;
    private const int BytesList = 1;
    private const int FloatList = 2;
    private const int Int64List = 3;

    private readonly ArrayBufferWriter<byte> _features = new();

    public TfExample Add(string name, ReadOnlySpan<byte> value)
    {
        var list = new ArrayBufferWriter<byte>();
        Field(list, 1, value);
        return Add(name, BytesList, list);
    }

    public TfExample Add(string name, string text) => Add(name, Encoding.UTF8.GetBytes(text));

    public TfExample Add(string name, params ReadOnlySpan<long> values)
    {
        var packed = new ArrayBufferWriter<byte>();
        foreach (var value in values) WriteVarint(packed, (ulong)value);
        var list = new ArrayBufferWriter<byte>();
        Field(list, 1, packed.WrittenSpan);
        return Add(name, Int64List, list);
    }

    public TfExample Add(string name, params ReadOnlySpan<float> values)
    {
        var packed = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(packed.AsSpan(i * sizeof(float)), values[i]);
        var list = new ArrayBufferWriter<byte>();
        Field(list, 1, packed);
        return Add(name, FloatList, list);
    }

    public byte[] ToBytes()
    {
        var example = new ArrayBufferWriter<byte>();
        Field(example, 1, _features.WrittenSpan);
        return example.WrittenSpan.ToArray();
    }

    private TfExample Add(string name, int kind, ArrayBufferWriter<byte> list)
    {
        var feature = new ArrayBufferWriter<byte>();
        Field(feature, kind, list.WrittenSpan);
        var entry = new ArrayBufferWriter<byte>();
        Field(entry, 1, Encoding.UTF8.GetBytes(name));
        Field(entry, 2, feature.WrittenSpan);
        Field(_features, 1, entry.WrittenSpan);
        return this;
    }

    private static void Field(ArrayBufferWriter<byte> target, int number, ReadOnlySpan<byte> value)
    {
        WriteVarint(target, (ulong)(number << 3 | LengthDelimited));
        WriteVarint(target, (ulong)value.Length);
        target.Write(value);
    }

    private static void WriteVarint(ArrayBufferWriter<byte> target, ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var count = 0;
        for (; value >= 0x80; value >>= 7) bytes[count++] = (byte)(value | 0x80);
        bytes[count++] = (byte)value;
        target.Write(bytes[..count]);
    }
}
