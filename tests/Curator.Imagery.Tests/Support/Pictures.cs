using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Curator.Imagery.Drawing;
using SkiaSharp;

namespace Curator.Imagery.Tests.Support;

/// <summary>Small pictures of every kind, made here byte by byte or by an encoder, so that tests need no files.</summary>
internal static class Pictures
{
    /// <summary>Smooth colours with a little seeded structure: RGB <c>[height, width, 3]</c>.</summary>
    public static byte[] Rgb(int width, int height, int seed = 1)
    {
        var random = new Random(seed);
        double a = random.NextDouble() * 6, b = random.NextDouble() * 6, c = 2 + random.NextDouble() * 5;
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var at = 3 * (y * width + x);
                pixels[at] = (byte)(127 + 100 * Math.Sin(a + c * x / width));
                pixels[at + 1] = (byte)(127 + 100 * Math.Cos(b + c * y / height));
                pixels[at + 2] = (byte)(127 + 100 * Math.Sin(a + b + c * (x + y) / (width + height)));
            }
        return pixels;
    }

    public static byte[] Noise(int width, int height, int seed = 1)
    {
        var pixels = new byte[3 * width * height];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    public static byte[] Jpeg(byte[] rgb, int width, int height, int quality = 95) => ImageEncoder.Encode(rgb, width, height, EncodedFormat.Jpeg, quality);

    public static byte[] Png(byte[] rgb, int width, int height) => ImageEncoder.Encode(rgb, width, height, EncodedFormat.Png, 100);

    public static byte[] WebP(byte[] rgb, int width, int height, int quality = 90) => ImageEncoder.Encode(rgb, width, height, EncodedFormat.WebP, quality);

    public static byte[] LosslessWebP(byte[] rgb, int width, int height)
    {
        var rgbx = new byte[4 * width * height];
        ImageEncoder.Expand(rgb, rgbx);
        using var picture = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgb888x, SKAlphaType.Opaque), rgbx);
        using var map = picture.PeekPixels()!;
        using var data = map.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50));
        return data!.ToArray();
    }

    /// <summary>24-bit BMP, rows from the bottom.</summary>
    public static byte[] Bmp(byte[] rgb, int width, int height)
    {
        var stride = (3 * width + 3) / 4 * 4;
        var file = new byte[54 + stride * height];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(28), 24);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 3; c++)
                    file[54 + (height - 1 - y) * stride + 3 * x + 2 - c] = rgb[3 * (y * width + x) + c];
        return file;
    }

    /// <summary>GIF with a 6×6×6 colour cube and literal LZW codes (a clear code before the table can grow).</summary>
    public static byte[] Gif(byte[] rgb, int width, int height)
    {
        using var file = new MemoryStream();
        file.Write("GIF89a"u8);
        Little(file, (ushort)width);
        Little(file, (ushort)height);
        file.Write([0xF7, 0, 0]);
        for (var i = 0; i < 256; i++) file.Write(i < 216 ? [(byte)(i / 36 * 51), (byte)(i / 6 % 6 * 51), (byte)(i % 6 * 51)] : [0, 0, 0]);
        file.WriteByte(0x2C);
        Little(file, 0);
        Little(file, 0);
        Little(file, (ushort)width);
        Little(file, (ushort)height);
        file.Write([0, 8]);
        var bits = new List<byte>();
        int pending = 0, held = 0;
        for (var i = 0; i < width * height; i++)
        {
            if (i % 200 == 0) Code(256);
            Code(Level(rgb[3 * i]) * 36 + Level(rgb[3 * i + 1]) * 6 + Level(rgb[3 * i + 2]));
        }
        Code(257);
        if (held > 0) bits.Add((byte)pending);
        foreach (var block in bits.Chunk(255))
        {
            file.WriteByte((byte)block.Length);
            file.Write(block);
        }
        file.Write([0, 0x3B]);
        return file.ToArray();

        static int Level(byte value) => (value + 25) / 51;

        void Code(int code)
        {
            pending |= code << held;
            for (held += 9; held >= 8; held -= 8, pending >>= 8) bits.Add((byte)pending);
        }
    }

    /// <summary>A PNG of any colour type and depth from raw samples, big-endian where they have two bytes.</summary>
    public static byte[] RawPng(int width, int height, int colourType, int depth, byte[] rows, byte[]? palette = null, byte[]? transparency = null)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)depth;
        header[9] = (byte)colourType;
        Chunk(file, "IHDR"u8, header);
        if (palette is not null) Chunk(file, "PLTE"u8, palette);
        if (transparency is not null) Chunk(file, "tRNS"u8, transparency);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var stride = height == 0 ? 0 : rows.Length / height;
            for (var y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(rows.AsSpan(y * stride, stride));
            }
        }
        Chunk(file, "IDAT"u8, packed.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Only the header of a PNG that claims to be huge.</summary>
    public static byte[] PngHeader(int width, int height) => RawPng(width, height, 0, 1, new byte[height == 0 ? 0 : height])[..60];

    /// <summary>Uncompressed TIFF, one strip, from raw samples.</summary>
    /// <param name="samples">Little-endian where <paramref name="bits"/> is 16.</param>
    public static byte[] Tiff(int width, int height, int bands, int bits, int photometric, byte[] samples, int orientation = 1, int format = 1)
    {
        using var file = new MemoryStream();
        file.Write([0x49, 0x49, 42, 0]);
        Little32(file, 8);
        (int Tag, int Type, int Count, int Value)[] tags =
        [
            (256, 4, 1, width), (257, 4, 1, height), (258, 3, bands, bands == 1 ? bits : -1), (259, 3, 1, 1), (262, 3, 1, photometric),
            (273, 4, 1, 0), (274, 3, 1, orientation), (277, 3, 1, bands), (278, 4, 1, height), (279, 4, 1, samples.Length), (339, 3, 1, format),
        ];
        var after = 8 + 2 + 12 * tags.Length + 4;
        Little(file, (ushort)tags.Length);
        foreach (var (tag, type, count, value) in tags)
        {
            Little(file, (ushort)tag);
            Little(file, (ushort)type);
            Little32(file, count);
            if (tag == 258 && bands == 2) Little32(file, bits | bits << 16); // Two shorts fit the entry itself.
            else Little32(file, value == -1 ? after : tag == 273 ? after + 2 * bands : value);
        }
        Little32(file, 0);
        for (var i = 0; i < bands; i++) Little(file, (ushort)bits);
        file.Write(samples);
        return file.ToArray();
    }

    /// <summary>Puts an EXIF segment with this orientation behind the start of a JPEG.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif"u8, 0, 0, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        byte[] body = [.. type, .. content];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        file.Write(number);
    }

    private static void Little(MemoryStream file, ushort value)
    {
        file.WriteByte((byte)value);
        file.WriteByte((byte)(value >> 8));
    }

    private static void Little32(MemoryStream file, int value)
    {
        Little(file, (ushort)value);
        Little(file, (ushort)(value >> 16));
    }
}
