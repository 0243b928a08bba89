using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Curator.Core.Images;
using Curator.Imagery.Gaps;
using SkiaSharp;

namespace Curator.Imagery.Decoding;

/// <summary>
/// Turns the bytes of one picture file (JPEG, PNG, WebP, GIF's first frame, BMP, TIFF) into RGB, uint8. The format is decided by the first
/// bytes. Size limits are checked on the header before anything is decoded; the EXIF orientation is applied; grey, palette, CMYK and 16-bit
/// pictures become 8-bit RGB; transparency is laid on black. No colour profile is applied, as with the usual Python loaders.
/// Bad input is answered with an <see cref="ImageProblem"/>, never with an exception.
/// <para>Not thread-safe: use one per thread. The buffer is kept between calls, so decoding many small pictures allocates next to nothing.
/// Cost: four bytes a pixel, eight where the orientation turns the picture or the file is TIFF.</para>
/// </summary>
public sealed class ImageDecoder
{
    /// <summary>A buffer of up to so many bytes, 16 megapixels, stays whatever comes next.</summary>
    private const int Kept = 64 << 20;

    private readonly SourceFile _source = new();
    private byte[] _pixels = [];
    private byte[] _turned = [];
    private byte[] _mask = [];

    /// <summary>Decodes a picture held in memory.</summary>
    public DecodeResult Decode(ReadOnlySpan<byte> file, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (file.IsEmpty) return DecodeResult.Refused(ImageProblem.Empty, "the file has no bytes");
        try
        {
            if (ImageHeader.Sniff(file) is not { } format)
                return ImageHeader.SniffForeign(file) is { } name
                    ? DecodeResult.Refused(ImageProblem.Unsupported, $"{name} pictures are not read")
                    : ImageHeader.SniffArchive(file) is { } archive
                    ? DecodeResult.Refused(ImageProblem.NotAnImage, $"a {archive} archive: unpack it and add the folder, or the .tar inside as it is")
                    : DecodeResult.Refused(ImageProblem.NotAnImage, $"the first bytes are {Convert.ToHexStringLower(file[..Math.Min(8, file.Length)])}");
            return format == ImageFormat.Tiff ? DecodeTiff(file, options) : DecodeWithSkia(file, format, options);
        }
        catch (OutOfMemoryException)
        {
            _pixels = _turned = [];
            return DecodeResult.Refused(ImageProblem.TooLarge, "there is not enough memory for the picture");
        }
    }

    /// <summary>
    /// Reads and decodes the picture of a row as every later stage sees it: from inside its container where it lies in one, by its bands and stretch, with the pixels filled that
    /// were never seen. The filled pixels follow from the picture's own bytes, so they are the same each time.
    /// </summary>
    public DecodeResult DecodeRecord(ImageRecord record, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(options);
        var result = DecodeFile(record.Uri, record.Rendering.IsPlain ? options : options with { Rendering = record.Rendering });
        if (!result.Succeeded || record.Gaps is not { } gaps || GapFill.ByName(record.Rendering.Fill) is not { } method) return result;
        var (width, height) = (result.Image.Width, result.Image.Height);
        if (_mask.Length < width * height) _mask = new byte[width * height];
        var mask = _mask.AsSpan(0, width * height);
        try
        {
            gaps.Expand(width, height, mask);
        }
        catch (InvalidDataException e)
        {
            return DecodeResult.Refused(ImageProblem.Corrupt, $"its mask in the manifest: {SourceFile.OneLine(e.Message)}");
        }

        GapFill.Apply(method, MemoryMarshal.AsMemory(result.Image.Pixels).Span, width, height, mask, GapFill.SeedOf(record.Sha256));
        return result;
    }

    /// <summary>Reads and decodes a file, or a run of bytes inside one (<see cref="SourceAddress"/>). Adds <see cref="ImageProblem.Missing"/> (dangling links too) and <see cref="ImageProblem.Unreadable"/>.</summary>
    public DecodeResult DecodeFile(string path, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _source.Read(path, options.LimitFileBytes, out var detail) is { } problem
            ? DecodeResult.Refused(problem, detail)
            : Decode(_source.Bytes, options);
    }

    private unsafe DecodeResult DecodeWithSkia(ReadOnlySpan<byte> file, ImageFormat format, DecodeOptions options)
    {
        if (ImageHeader.TryRead(file, format, out var header, out var detail) is { } problem) return DecodeResult.Refused(problem, detail);
        if (TooLarge(header.Width, header.Height, options) is { } tooLarge) return tooLarge;
        fixed (byte* bytes = file)
        {
            using var data = SKData.Create((nint)bytes, file.Length);
            using var codec = SKCodec.Create(new SKMemoryStream(data), out var opened);
            if (codec is null) return Refused(EndsEarly(file, format) ? SKCodecResult.IncompleteInput : opened, "the header cannot be used");
            var stored = codec.Info;
            if (TooLarge(stored.Width, stored.Height, options) is { } tooLargeInside) return tooLargeInside;
            var size = Size(codec, format, options.ShortestSide);
            // Premultiplied colours without their alpha are the picture laid on black. No colour space: samples are taken as they are.
            var info = new SKImageInfo(
                size.Width, size.Height, SKColorType.Rgba8888,
                stored.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul);
            Reserve(ref _pixels, info.BytesSize64);
            SKCodecResult result;
            fixed (byte* pixels = _pixels)
                result = codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default);
            if (result != SKCodecResult.Success)
                return Refused(EndsEarly(file, format) ? SKCodecResult.IncompleteInput : result, "the picture's data contradict themselves");
            PackRgb(_pixels.AsSpan(0, info.BytesSize));
            return Oriented((int)codec.EncodedOrigin, size.Width, size.Height, header.Channels, header.BitDepth, format);
        }
    }

    /// <summary>The sides to decode to: a half, quarter or eighth of a JPEG's, whose blocks are then made smaller, where the shortest side stays as long as asked.</summary>
    private static SKSizeI Size(SKCodec codec, ImageFormat format, int shortestSide)
    {
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        var eighths = 8;
        if (format == ImageFormat.Jpeg && shortestSide > 0)
            while (eighths > 1 && Math.Min(width, height) * (eighths / 2) >= 8L * shortestSide) eighths /= 2;
        return eighths == 8 ? new SKSizeI(width, height) : codec.GetScaledDimensions(eighths / 8f);
    }

    private DecodeResult DecodeTiff(ReadOnlySpan<byte> file, DecodeOptions options)
    {
        if (TiffHeader.TryRead(file, out var header, out var detail) is { } problem) return DecodeResult.Refused(problem, detail);
        if (TooLarge(header.Width, header.Height, options) is { } tooLarge) return tooLarge;
        Reserve(ref _pixels, 3L * header.Width * header.Height);
        if (TiffBands.AreNeeded(header, options.Rendering))
            return TiffBands.TryRender(file, header, options.Rendering, _pixels.AsSpan(0, 3 * header.Width * header.Height), out detail) is { } refused
                ? DecodeResult.Refused(refused, detail)
                : Oriented(header.Orientation, header.Width, header.Height, header.Samples, header.Bits, ImageFormat.Tiff);
        if (TiffDecoder.TryDecode(file, header, _pixels.AsSpan(0, 3 * header.Width * header.Height), out detail) is { } failed)
            return DecodeResult.Refused(failed, detail);
        return Oriented(header.Orientation, header.Width, header.Height, header.Samples, header.Bits, ImageFormat.Tiff);
    }

    private DecodeResult Oriented(int orientation, int width, int height, int channels, int bitDepth, ImageFormat format)
    {
        var length = 3 * width * height;
        if (orientation is not (>= 2 and <= 8))
            return DecodeResult.Of(new DecodedImage(width, height, channels, bitDepth, format, _pixels.AsMemory(0, length)));
        Reserve(ref _turned, length);
        Orientation.Apply(orientation, _pixels.AsSpan(0, length), width, height, _turned.AsSpan(0, length));
        var (turnedWidth, turnedHeight) = Orientation.SwapsSides(orientation) ? (height, width) : (width, height);
        return DecodeResult.Of(new DecodedImage(turnedWidth, turnedHeight, channels, bitDepth, format, _turned.AsMemory(0, length)));
    }

    private static DecodeResult? TooLarge(int width, int height, DecodeOptions options)
    {
        if (width > DecodeOptions.MaxSide || height > DecodeOptions.MaxSide)
            return DecodeResult.Refused(ImageProblem.TooLarge, $"{width}×{height} pixels; the longest side may have {DecodeOptions.MaxSide}");
        return (long)width * height > options.LimitPixels
            ? DecodeResult.Refused(ImageProblem.TooLarge, $"{width}×{height} pixels; the limit is {options.LimitPixels}")
            : null;
    }

    /// <summary>Whether a WebP file is shorter than it says; its decoder calls that an error in the data.</summary>
    private static bool EndsEarly(ReadOnlySpan<byte> file, ImageFormat format) =>
        format == ImageFormat.WebP && BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L > file.Length;

    private static DecodeResult Refused(SKCodecResult result, string detail) => result switch
    {
        SKCodecResult.IncompleteInput => DecodeResult.Refused(ImageProblem.Truncated, "the file ends before the picture does"),
        SKCodecResult.InvalidConversion => DecodeResult.Refused(ImageProblem.Unsupported, "the picture's colours cannot be converted to RGB"),
        _ => DecodeResult.Refused(ImageProblem.Corrupt, $"{detail} ({result})"),
    };

    /// <summary>Makes room; a buffer left behind by one very large picture is given back.</summary>
    private static void Reserve(ref byte[] buffer, long bytes)
    {
        if (buffer.Length >= bytes && (buffer.Length <= Kept || bytes >= buffer.Length / 4)) return;
        var given = buffer.Length;
        buffer = [];
        LargeArrays.GiveUp(given);
        buffer = GC.AllocateUninitializedArray<byte>(checked((int)bytes));
    }

    /// <summary>Drops the fourth byte of every pixel in place. <paramref name="pixels"/>: RGBA <c>[n, 4]</c>; RGB <c>[n, 3]</c> at its start afterwards.</summary>
    private static void PackRgb(Span<byte> pixels)
    {
        ref var start = ref MemoryMarshal.GetReference(pixels);
        var count = pixels.Length / 4;
        var i = 0;
        // Stores 16 bytes of which 12 count; the four behind them were read in this very step, because 3i + 16 ≤ 4i + 16.
        var drop = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
        for (; i + 4 <= count; i += 4)
            Vector128.Shuffle(Vector128.LoadUnsafe(ref start, (nuint)(4 * i)), drop).StoreUnsafe(ref start, (nuint)(3 * i));
        for (; i < count; i++)
        {
            pixels[3 * i] = pixels[4 * i];
            pixels[3 * i + 1] = pixels[4 * i + 1];
            pixels[3 * i + 2] = pixels[4 * i + 2];
        }
    }
}
