using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using NetVips;

namespace Curator.EndToEnd.Tests;

/// <summary>Files as careless downloads and hostile senders leave them.</summary>
internal static class BadPictures
{
    /// <summary>The first half of a good JPEG.</summary>
    public static void WriteTruncated(string path, string good)
    {
        var bytes = File.ReadAllBytes(good);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
    }

    /// <summary>A PNG of a few bytes whose header asks for <paramref name="side"/> × <paramref name="side"/> pixels.</summary>
    public static void WriteHugePng(string path, int side)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        (header[8], header[9]) = (8, 2);
        Chunk(file, "IHDR", header);
        using var deflated = new MemoryStream();
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(new byte[1024]);
        Chunk(file, "IDAT", deflated.ToArray());
        Chunk(file, "IEND", []);
        File.WriteAllBytes(path, file.ToArray());
    }

    /// <summary>Sound, with four inks instead of three lights.</summary>
    public static void WriteCmyk(string path)
    {
        using var inks = Image.Black(Pictures.Side, Pictures.Side, 4).Linear([1, 1, 1, 1], [20, 160, 220, 10]).Cast(Enums.BandFormat.Uchar);
        using var image = inks.Copy(interpretation: Enums.Interpretation.Cmyk);
        image.WriteToFile(path);
    }

    /// <summary>Sound, with 16 bits a channel.</summary>
    public static void WriteDeep(string path)
    {
        using var ramp = Image.Xyz(Pictures.Side, Pictures.Side).Linear([700, 900], [0, 0]).Cast(Enums.BandFormat.Ushort);
        using var image = ramp.ExtractBand(0).Bandjoin([ramp.ExtractBand(1), ramp.ExtractBand(0)]).Copy(interpretation: Enums.Interpretation.Rgb16);
        image.WriteToFile(path);
    }

    private static void Chunk(Stream file, string type, byte[] content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        byte[] summed = [.. Encoding.ASCII.GetBytes(type), .. content];
        file.Write(summed);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(summed));
        file.Write(number);
    }
}
