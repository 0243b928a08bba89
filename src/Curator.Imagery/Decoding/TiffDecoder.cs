using System.Runtime.InteropServices;
using Curator.Core.Images;
using NetVips;

namespace Curator.Imagery.Decoding;

/// <summary>
/// TIFF through libvips: the only reader here that knows all its compressions and 16 bits a sample. It works on one thread, without a cache, and
/// with every loader for untrusted input but the plain ones switched off. Thread-safe.
/// </summary>
internal static class TiffDecoder
{
    private const int Separated = 5;

    /// <summary>Of samples fetched at once: below the size at which arrays are collected late.</summary>
    private const int RunBytes = 64 << 10;

    static TiffDecoder()
    {
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        // Warnings of the TIFF library would go to stderr; what matters comes back as an error.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning | Enums.LogLevelFlags.Message | Enums.LogLevelFlags.Info, static (_, _, _) => { });
    }

    /// <summary>Makes sure that the settings of libvips above hold, for others who use it.</summary>
    public static void Prepare()
    {
        // Calling it runs the static constructor.
    }

    /// <param name="rgb">Filled with <c>[Height, Width, 3]</c>, uint8.</param>
    public static ImageProblem? TryDecode(ReadOnlySpan<byte> file, TiffHeader header, Span<byte> rgb, out string detail)
    {
        if (header.SampleFormat == 3 || header.SampleFormat == 2 || header.Bits > 16)
        {
            detail = $"samples of {header.Bits} bits, format {header.SampleFormat}: say which numbers become black and white, for example --stretch 2%";
            return ImageProblem.Unsupported;
        }
        if (header.Samples > 4)
        {
            detail = $"{header.Samples} bands: say which three are to be seen, for example --bands 4,3,2";
            return ImageProblem.Unsupported;
        }
        try
        {
            using var image = Image.TiffloadBuffer(file.ToArray(), page: 0, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
            if (image.Width != header.Width || image.Height != header.Height)
            {
                detail = $"the header says {header.Width}×{header.Height} pixels and the picture has {image.Width}×{image.Height}";
                return ImageProblem.Corrupt;
            }
            if (image.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Ushort))
                return Decoded(image.Colourspace(Enums.Interpretation.Srgb).Cast(Enums.BandFormat.Uchar), false, rgb, out detail);
            var cmyk = header.Photometric == Separated && image.Bands == 4;
            return Decoded(image, cmyk, rgb, out detail);
        }
        catch (VipsException e)
        {
            detail = SourceFile.OneLine(e.Message);
            return detail.Contains("not supported", StringComparison.OrdinalIgnoreCase) || detail.Contains("unsupported", StringComparison.OrdinalIgnoreCase)
                ? ImageProblem.Unsupported
                : ImageProblem.Corrupt;
        }
    }

    /// <summary>In runs of rows from top to bottom, so that neither libvips nor this code ever holds the whole picture beside its RGB.</summary>
    private static ImageProblem? Decoded(Image image, bool cmyk, Span<byte> rgb, out string detail)
    {
        detail = "";
        var (width, height, bands) = (image.Width, image.Height, image.Bands);
        var isDeep = image.Format == Enums.BandFormat.Ushort;
        var rows = (int)Math.Clamp(RunBytes / ((long)width * bands * (isDeep ? 2 : 1)), 1, height);
        using var region = Region.New(image);
        for (var top = 0; top < height; top += rows)
        {
            var count = Math.Min(rows, height - top);
            var samples = region.Fetch(0, top, width, count);
            var run = rgb.Slice(3 * width * top, 3 * width * count);
            if (isDeep) ToRgb(MemoryMarshal.Cast<byte, ushort>(samples), bands, cmyk, run, static sample => (byte)((sample * 255 + 32_767) / 65_535));
            else ToRgb<byte>(samples, bands, cmyk, run, static sample => sample);
        }

        return null;
    }

    /// <summary>Interleaved samples of 1 to 4 bands to RGB; the second or fourth band is opacity over black, or black ink with CMYK.</summary>
    private static void ToRgb<T>(ReadOnlySpan<T> samples, int bands, bool cmyk, Span<byte> rgb, Func<T, byte> toByte)
    {
        var pixels = rgb.Length / 3;
        for (var i = 0; i < pixels; i++)
        {
            var from = samples.Slice(i * bands, bands);
            var red = toByte(from[0]);
            var green = bands >= 3 ? toByte(from[1]) : red;
            var blue = bands >= 3 ? toByte(from[2]) : red;
            if (cmyk)
            {
                red = (byte)(255 - red);
                green = (byte)(255 - green);
                blue = (byte)(255 - blue);
            }
            if (bands is 2 or 4)
            {
                var share = toByte(from[bands - 1]);
                if (cmyk) share = (byte)(255 - share);
                red = (byte)((red * share + 127) / 255);
                green = (byte)((green * share + 127) / 255);
                blue = (byte)((blue * share + 127) / 255);
            }
            rgb[3 * i] = red;
            rgb[3 * i + 1] = green;
            rgb[3 * i + 2] = blue;
        }
    }
}
