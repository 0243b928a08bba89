using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Curator.Core;

namespace Curator.Search.Exchange;

/// <summary>The head of a NumPy <c>.npy</c> file (NEP 1): magic, version, and a Python dictionary with type, order and shape.</summary>
/// <param name="Type">Little-endian <c>f2</c>, <c>f4</c> or <c>f8</c>.</param>
internal sealed partial record NpyHeader(string Type, long Rows, int Dimension)
{
    private const int MaxHeaderBytes = 1 << 16;
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public int BytesPerNumber => Type[^1] - '0';

    /// <summary>Reads the head; the stream then stands at the first number.</summary>
    /// <exception cref="EmbeddingStoreException">Not a one- or two-dimensional, row-major matrix of little-endian floating-point numbers, or of another length than it says.</exception>
    public static NpyHeader Read(Stream stream, string path)
    {
        Span<byte> start = stackalloc byte[12];
        if (stream.ReadAtLeast(start, 10, throwOnEndOfStream: false) < 10 || !start[..6].SequenceEqual(Magic)) throw Problem(path, "does not begin as a NumPy file does");
        var long4 = start[6] >= 2;
        if (start[6] is < 1 or > 3) throw Problem(path, $"has format version {start[6]}, versions 1 to 3 are read");
        var length = long4 ? BinaryPrimitives.ReadUInt32LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        if (length > MaxHeaderBytes) throw Problem(path, $"has a header of {length} bytes");
        stream.Position = long4 ? 12 : 10;
        var bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw Problem(path, "ends within its header");
        var header = Parse(Encoding.UTF8.GetString(bytes), path);
        var expected = (Int128)header.Rows * header.Dimension * header.BytesPerNumber;
        if (expected != stream.Length - stream.Position)
            throw Problem(path, $"holds {stream.Length - stream.Position} bytes of numbers where {header.Rows} × {header.Dimension} of type {header.Type} take {expected}");
        return header;
    }

    /// <summary>Head of a single-precision matrix, padded so that the numbers begin at a multiple of 64 bytes.</summary>
    public static byte[] ForSingle(long rows, int dimension)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimension}), }}");
        var total = (10 + text.Length + 1 + 63) / 64 * 64;
        var bytes = new byte[total];
        bytes.AsSpan().Fill((byte)' ');
        Magic.CopyTo(bytes);
        bytes[6] = 1;
        bytes[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)(total - 10));
        Encoding.ASCII.GetBytes(text, bytes.AsSpan(10));
        bytes[^1] = (byte)'\n';
        return bytes;
    }

    private static NpyHeader Parse(string text, string path)
    {
        var type = TypePattern().Match(text);
        var order = OrderPattern().Match(text);
        var shape = ShapePattern().Match(VectorPattern().Replace(text, "$1(1, $2)"));
        if (!type.Success || !order.Success || !shape.Success) throw Problem(path, $"says {text.Trim()}, but a matrix of little-endian f2, f4 or f8 with one or two dimensions is needed");
        if (order.Groups[1].Value == "True") throw Problem(path, "is in Fortran order; save it with numpy.ascontiguousarray");
        if (!long.TryParse(shape.Groups[1].Value, CultureInfo.InvariantCulture, out var rows)
            || !int.TryParse(shape.Groups[2].Value, CultureInfo.InvariantCulture, out var dimension)
            || dimension is < 1 or > 1 << 16)
            throw Problem(path, $"has shape ({shape.Groups[1].Value}, {shape.Groups[2].Value})");
        return new NpyHeader(type.Groups[1].Value, rows, dimension);
    }

    private static EmbeddingStoreException Problem(string path, string what) => new($"'{path}' {what}.", "Give a matrix saved by numpy.save, one row an image.");

    /// <summary>One vector is a matrix of one row.</summary>
    [GeneratedRegex(@"('shape'\s*:\s*)\(\s*(\d+)\s*,?\s*\)")]
    private static partial Regex VectorPattern();

    [GeneratedRegex(@"'descr'\s*:\s*'[<|=](f[248])'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(\s*(\d+)\s*,\s*(\d+)\s*,?\s*\)")]
    private static partial Regex ShapePattern();
}
