using System.Text;
using SkiaSharp;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>JPEG pictures whose Exif description, artist and comment carry a text.</summary>
internal static class HostilePicture
{
    public static byte[] Jpeg(string text, int seed)
    {
        using var bitmap = new SKBitmap(64, 64);
        bitmap.Erase(new SKColor((byte)(40 + 20 * seed), 90, 120));
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        var plain = data.ToArray();
        var exif = Exif(text);
        var comment = Encoding.ASCII.GetBytes(text);
        // After the start marker: an APP1 segment with the Exif block, then a comment.
        return [.. plain[..2], .. Segment(0xE1, exif), .. Segment(0xFE, comment), .. plain[2..]];
    }

    private static byte[] Segment(byte marker, byte[] content) => [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)((content.Length + 2) & 0xFF), .. content];

    /// <summary>Big-endian TIFF with one directory: image description (0x010E) and artist (0x013B), both the text.</summary>
    private static byte[] Exif(string text)
    {
        var ascii = Encoding.ASCII.GetBytes(text + "\0");
        const int directory = 8;
        const int entries = 2;
        var values = directory + 2 + entries * 12 + 4;
        byte[] tiff =
        [
            (byte)'M', (byte)'M', 0, 42, 0, 0, 0, directory,
            0, entries,
            .. Entry(0x010E, ascii.Length, values), .. Entry(0x013B, ascii.Length, values + ascii.Length),
            0, 0, 0, 0,
            .. ascii, .. ascii,
        ];
        return [.. "Exif\0\0"u8, .. tiff];
    }

    private static byte[] Entry(int tag, int count, int offset) =>
        [(byte)(tag >> 8), (byte)(tag & 0xFF), 0, 2, .. BigEndian(count), .. BigEndian(offset)];

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
