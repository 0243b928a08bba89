using System.Buffers.Binary;
using Curator.Core.Images;

namespace Curator.Imagery.Decoding;

/// <summary>
/// What the first bytes of a file say, read by our own code so that limits can be checked before any decoder sees the file.
/// Width and height are those of the stored raster, before the EXIF orientation.
/// </summary>
internal readonly record struct ImageHeader(ImageFormat Format, int Width, int Height, int Channels, int BitDepth)
{
    private static ReadOnlySpan<byte> PngMagic => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The format that the first bytes announce; null when they announce none that is read here.</summary>
    public static ImageFormat? Sniff(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return ImageFormat.Jpeg;
        if (file.StartsWith(PngMagic)) return ImageFormat.Png;
        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8)) return ImageFormat.Gif;
        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)) return ImageFormat.WebP;
        if (TiffHeader.IsTiff(file)) return ImageFormat.Tiff;
        // "BM" begins words too, so the size of the header that follows must be one that exists.
        if (file.Length >= 18 && file.StartsWith("BM"u8)
            && BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124) return ImageFormat.Bmp;
        return null;
    }

    /// <summary>The name of a picture format that is known but not read here; null when the bytes are none.</summary>
    public static string? SniffForeign(ReadOnlySpan<byte> file)
    {
        if (file.Length >= 12 && file[4..].StartsWith("ftyp"u8))
        {
            var brand = file.Slice(8, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8)) return "AVIF";
            if (brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("mif1"u8)) return "HEIF";
        }
        if (file.StartsWith<byte>([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]) || file.StartsWith<byte>([0xFF, 0x4F, 0xFF, 0x51])) return "JPEG 2000";
        if (file.StartsWith<byte>([0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]) || file.StartsWith<byte>([0xFF, 0x0A])) return "JPEG XL";
        if (file.StartsWith("8BPS"u8)) return "Photoshop";
        if (file.StartsWith<byte>([0x89, 0x48, 0x44, 0x46])) return "HDF5";
        if (file.StartsWith("SIMPLE  ="u8)) return "FITS";
        return null;
    }

    /// <summary>The name of a kind of packed file that often holds pictures; null when the bytes are none.</summary>
    public static string? SniffArchive(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith<byte>([0x1F, 0x8B])) return "gzip";
        if (file.StartsWith<byte>([0x50, 0x4B, 3, 4])) return "zip";
        if (file.StartsWith("BZh"u8)) return "bzip2";
        if (file.StartsWith<byte>([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])) return "xz";
        if (file.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD])) return "zstd";
        if (file.StartsWith<byte>([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])) return "7z";
        return null;
    }

    /// <summary>Reads the header of a file whose format is <paramref name="format"/> (not TIFF, which <see cref="TiffHeader"/> reads).</summary>
    public static ImageProblem? TryRead(ReadOnlySpan<byte> file, ImageFormat format, out ImageHeader header, out string detail)
    {
        header = default;
        detail = "the file ends inside its header";
        var problem = format switch
        {
            ImageFormat.Jpeg => JpegHeader.TryRead(file, out header, out detail),
            ImageFormat.Png => ReadPng(file, ref header, ref detail),
            ImageFormat.Gif => ReadGif(file, ref header),
            ImageFormat.Bmp => ReadBmp(file, ref header),
            ImageFormat.WebP => ReadWebP(file, ref header, ref detail),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
        if (problem is not null) return problem;
        if (header.Width > 0 && header.Height > 0) return null;
        detail = $"the header says {header.Width}×{header.Height} pixels";
        return ImageProblem.Corrupt;
    }

    private static ImageProblem? ReadPng(ReadOnlySpan<byte> file, ref ImageHeader header, ref string detail)
    {
        if (file.Length < 33) return ImageProblem.Truncated;
        if (!file[12..].StartsWith("IHDR"u8))
        {
            detail = "the first PNG chunk is not IHDR";
            return ImageProblem.Corrupt;
        }
        var width = BinaryPrimitives.ReadUInt32BigEndian(file[16..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(file[20..]);
        int depth = file[24];
        int channels = file[25] switch { 0 => 1, 2 => 3, 3 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (channels == 0 || depth is not (1 or 2 or 4 or 8 or 16))
        {
            detail = $"PNG colour type {file[25]} with {depth} bits does not exist";
            return ImageProblem.Corrupt;
        }
        // A palette's entries have 8 bits a channel, whatever the width of its indices.
        header = new ImageHeader(ImageFormat.Png, Clamp(width), Clamp(height), channels, file[25] == 3 ? 8 : depth);
        return null;
    }

    private static ImageProblem? ReadGif(ReadOnlySpan<byte> file, ref ImageHeader header)
    {
        if (file.Length < 13) return ImageProblem.Truncated;
        header = new ImageHeader(
            ImageFormat.Gif, BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]), 3, 8);
        return null;
    }

    private static ImageProblem? ReadBmp(ReadOnlySpan<byte> file, ref ImageHeader header)
    {
        if (file.Length < 30) return ImageProblem.Truncated;
        if (BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) == 12)
        {
            header = new ImageHeader(
                ImageFormat.Bmp, BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]), 3, 8);
            return null;
        }
        var width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        var height = Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[22..])); // Negative: rows from the top.
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
        header = new ImageHeader(ImageFormat.Bmp, Math.Max(0, width), Clamp(height), bits == 32 ? 4 : 3, bits == 16 ? 5 : 8);
        return null;
    }

    private static ImageProblem? ReadWebP(ReadOnlySpan<byte> file, ref ImageHeader header, ref string detail)
    {
        if (file.Length < 30) return ImageProblem.Truncated;
        var chunk = file.Slice(12, 4);
        if (chunk.SequenceEqual("VP8 "u8))
        {
            header = new ImageHeader(
                ImageFormat.WebP,
                BinaryPrimitives.ReadUInt16LittleEndian(file[26..]) & 0x3FFF,
                BinaryPrimitives.ReadUInt16LittleEndian(file[28..]) & 0x3FFF, 3, 8);
            return null;
        }
        if (chunk.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(file[21..]);
            header = new ImageHeader(
                ImageFormat.WebP, (int)(bits & 0x3FFF) + 1, (int)(bits >> 14 & 0x3FFF) + 1, (bits >> 28 & 1) == 1 ? 4 : 3, 8);
            return null;
        }
        if (chunk.SequenceEqual("VP8X"u8))
        {
            header = new ImageHeader(ImageFormat.WebP, ReadUInt24(file[24..]) + 1, ReadUInt24(file[27..]) + 1, (file[20] & 0x10) != 0 ? 4 : 3, 8);
            return null;
        }
        detail = "the first WebP chunk holds no picture";
        return ImageProblem.Corrupt;
    }

    private static int ReadUInt24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;

    private static int Clamp(long value) => (int)Math.Min(value, int.MaxValue);
}
