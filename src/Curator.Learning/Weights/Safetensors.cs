using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Files;

namespace Curator.Learning.Weights;

/// <summary>A named array of a safetensors file, single precision, row-major.</summary>
internal sealed record NamedTensor(string Name, long[] Shape, float[] Values);

/// <summary>
/// Reads and writes the safetensors format: 8 bytes length of a JSON header, the header (name → dtype, shape, data_offsets), then the data.
/// Only F32 is written; F32, F16, BF16 and F64 are read. No code can hide in such a file. Format:
/// github.com/huggingface/safetensors, README, "Format".
/// </summary>
internal static class Safetensors
{
    private const int MaxHeaderBytes = 100_000_000;

    /// <summary>Writes tensors in the order given; same tensors, same bytes.</summary>
    public static void Write(string path, IReadOnlyList<NamedTensor> tensors)
    {
        var header = Header(tensors);
        AtomicFile.Write(path, stream => Write(header, tensors, stream.Write));
    }

    /// <summary>The JSON header of a file with these tensors, filled up with spaces so that the data are aligned to eight bytes.</summary>
    public static byte[] Header(IReadOnlyList<NamedTensor> tensors)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            long offset = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (var side in tensor.Shape) json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += (long)tensor.Values.Length * sizeof(float));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (stream.Length % 8 != 0) stream.WriteByte((byte)' ');
        return stream.ToArray();
    }

    /// <summary>Bytes of the whole file.</summary>
    public static long Length(byte[] header, IReadOnlyList<NamedTensor> tensors) => 8 + header.Length + tensors.Sum(tensor => (long)tensor.Values.Length * sizeof(float));

    /// <summary>Hands out the file's bytes in order.</summary>
    public static void Write(byte[] header, IReadOnlyList<NamedTensor> tensors, SpanAction write)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        write(length);
        write(header);
        foreach (var tensor in tensors) write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
    }

    /// <summary>The whole file.</summary>
    public static byte[] ToBytes(IReadOnlyList<NamedTensor> tensors)
    {
        using var stream = new MemoryStream();
        Write(Header(tensors), tensors, stream.Write);
        return stream.ToArray();
    }

    /// <summary>Takes the next bytes of a file.</summary>
    public delegate void SpanAction(ReadOnlySpan<byte> bytes);

    /// <summary>Reads all tensors; every length and offset is checked before anything is allocated for it.</summary>
    /// <exception cref="CheckpointException">Missing, truncated, or not what it says.</exception>
    public static IReadOnlyList<NamedTensor> Read(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"'{path}' cannot be read as weights: {e.Message}", "Copy the file again, or train the encoder again with 'curator train'.", e);
        }
    }

    /// <inheritdoc cref="Read(string)"/>
    /// <exception cref="InvalidDataException">Not a safetensors file; says where it is wrong.</exception>
    public static IReadOnlyList<NamedTensor> Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length < 8) throw new InvalidDataException($"the file has {file.Length} bytes, a header length alone needs 8.");
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        if (headerBytes > (ulong)Math.Min(MaxHeaderBytes, file.Length - 8))
            throw new InvalidDataException($"the header claims {headerBytes} bytes, the file has {file.Length - 8} after its length.");
        var data = file[(8 + (int)headerBytes)..];
        using var header = JsonDocument.Parse(file.Slice(8, (int)headerBytes), new JsonDocumentOptions { MaxDepth = 8 });
        if (header.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidDataException("the header is not a JSON object.");

        var tensors = new List<NamedTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in header.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__") continue;
            if (!names.Add(entry.Name)) throw new InvalidDataException($"tensor '{entry.Name}' appears twice.");
            tensors.Add(ReadTensor(entry.Name, entry.Value, data.Span));
        }
        return tensors;
    }

    private static NamedTensor ReadTensor(string name, JsonElement entry, ReadOnlySpan<byte> data)
    {
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !entry.TryGetProperty("shape", out var shapeJson) || shapeJson.ValueKind != JsonValueKind.Array
            || !entry.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array || offsets.GetArrayLength() != 2
            || !offsets[0].TryGetInt64(out var begin) || !offsets[1].TryGetInt64(out var end))
            throw new InvalidDataException($"tensor '{name}' lacks dtype, shape or data_offsets.");
        var bytes = dtype.GetString() switch
        {
            "F32" => 4,
            "F16" or "BF16" => 2,
            "F64" => 8,
            var other => throw new InvalidDataException($"tensor '{name}' has dtype {other}; F32, F16, BF16 and F64 are read."),
        };
        var shape = new long[shapeJson.GetArrayLength()];
        long count = 1;
        for (var i = 0; i < shape.Length; i++)
        {
            if (!shapeJson[i].TryGetInt64(out shape[i]) || shape[i] < 0) throw new InvalidDataException($"tensor '{name}' has a side that is no whole number from 0.");
            if (shape[i] != 0 && count > int.MaxValue / shape[i]) throw new InvalidDataException($"tensor '{name}' has more than {int.MaxValue} values.");
            count *= shape[i];
        }
        if (begin < 0 || end > data.Length || end < begin || end - begin != count * bytes)
            throw new InvalidDataException($"tensor '{name}' lies at {begin}–{end} of {data.Length} data bytes; its shape needs {count * bytes}.");

        var source = data[(int)begin..(int)end];
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = bytes switch
            {
                4 => BinaryPrimitives.ReadSingleLittleEndian(source[(i * 4)..]),
                8 => (float)BinaryPrimitives.ReadDoubleLittleEndian(source[(i * 8)..]),
                _ => dtype.GetString() == "F16"
                    ? (float)BinaryPrimitives.ReadHalfLittleEndian(source[(i * 2)..])
                    : BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(source[(i * 2)..]) << 16),
            };
        return new NamedTensor(name, shape, values);
    }
}
