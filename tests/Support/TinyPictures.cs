using System.Buffers.Binary;

namespace Curator.Tests.Support;

/// <summary>Pictures made of arithmetic: BMP files that any decoder reads, each with its own colours.</summary>
internal static class TinyPictures
{
    /// <param name="seed">Decides the colours; pictures of different seeds differ.</param>
    /// <returns>A 24-bit BMP of <paramref name="side"/> × <paramref name="side"/> pixels.</returns>
    public static byte[] Bmp(int side, int seed)
    {
        const int headerBytes = 54;
        var stride = (side * 3 + 3) / 4 * 4;
        var file = new byte[headerBytes + stride * side];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), headerBytes);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), side);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), side);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(28), 24);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(34), stride * side);
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
            {
                var pixel = headerBytes + y * stride + 3 * x;
                file[pixel] = (byte)(60 + (seed * 37 + x * 2) % 160);
                file[pixel + 1] = (byte)(60 + (seed * 61 + y * 2) % 160);
                file[pixel + 2] = (byte)(60 + (seed * 17 + x + y) % 160);
            }
        return file;
    }
}
