using System.Buffers;
using System.Diagnostics;
using SkiaSharp;

namespace Curator.Imagery.Drawing;

/// <summary>What our own encoder writes.</summary>
internal enum EncodedFormat
{
    Jpeg,
    Png,
    WebP,
}

/// <summary>Encodes RGB, uint8. Thread-safe.</summary>
internal static class ImageEncoder
{
    /// <param name="rgb"><c>[height, width, 3]</c>.</param>
    /// <param name="quality">1 to 100; not used for PNG, which loses nothing.</param>
    public static unsafe byte[] Encode(ReadOnlySpan<byte> rgb, int width, int height, EncodedFormat format, int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        var bytes = checked(4 * width * height);
        var rgbx = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            Expand(rgb, rgbx.AsSpan(0, bytes));
            fixed (byte* pixels = rgbx)
            {
                using var map = new SKPixmap(new SKImageInfo(width, height, SKColorType.Rgb888x, SKAlphaType.Opaque), (nint)pixels);
                return Encode(map, format, quality);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgbx);
        }
    }

    public static byte[] Encode(SKPixmap map, EncodedFormat format, int quality)
    {
        using var data = format switch
        {
            EncodedFormat.Jpeg => map.Encode(new SKJpegEncoderOptions(quality)),
            EncodedFormat.Png => map.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub | SKPngEncoderFilterFlags.Up, 6)),
            EncodedFormat.WebP => map.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality)),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
        return data?.ToArray() ?? throw new UnreachableException($"a {map.Width}×{map.Height} raster could not be encoded as {format}");
    }

    /// <summary>RGB <c>[n, 3]</c> to RGBX <c>[n, 4]</c>, the fourth byte 255.</summary>
    public static void Expand(ReadOnlySpan<byte> rgb, Span<byte> rgbx)
    {
        for (int i = 0, from = 0; i + 4 <= rgbx.Length; i += 4, from += 3)
        {
            rgbx[i] = rgb[from];
            rgbx[i + 1] = rgb[from + 1];
            rgbx[i + 2] = rgb[from + 2];
            rgbx[i + 3] = 255;
        }
    }
}
