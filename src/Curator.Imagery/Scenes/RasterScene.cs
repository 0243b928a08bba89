using System.Runtime.InteropServices;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Geography;
using NetVips;

namespace Curator.Imagery.Scenes;

/// <summary>A scene's own samples, read from top to bottom: all bands and bits of a TIFF (strip by strip), of a PNG of any kind, of an MRF (one row of pages at a time), and RGB of everything else. Not thread-safe.</summary>
internal sealed class RasterScene : IDisposable
{
    private readonly string _path;
    private readonly Action<Span<byte>> _read;
    private readonly IDisposable? _source;

    /// <param name="read">Fills a span with the rows that come next.</param>
    /// <param name="source">Closed with the scene.</param>
    internal RasterScene(string path, RasterForm form, GeoReference? place, double? noData, Action<Span<byte>> read, IDisposable? source)
    {
        (_path, Form, Place, NoData, _read, _source) = (path, form, place, noData, read, source);
    }

    public RasterForm Form { get; }

    /// <summary>From its tags, or the world file beside it.</summary>
    public GeoReference? Place { get; }

    public double? NoData { get; }

    /// <summary>Whether it is three bands of eight bits, which JPEG and PNG hold.</summary>
    public bool IsRgb => Form is { Bands: 3, Bits: 8, SampleFormat: 1 };

    /// <exception cref="ImageDecodeException">Missing, no picture, or too large.</exception>
    public static RasterScene Open(string path, DecodeOptions options)
    {
        var source = new SourceFile();
        if (source.Read(path, options.LimitFileBytes, out var detail) is { } problem) throw new ImageDecodeException(path, problem, detail);
        var bytes = source.Bytes;
        if (MrfPages.IsMrf(path, bytes)) return MrfPages.Open(path, bytes);
        var place = TiffHeader.IsTiff(bytes) ? GeoTags.Read(bytes).Place ?? GeoReference.FromWorldFile(path) : GeoReference.FromWorldFile(path);
        if (TiffHeader.IsTiff(bytes) && OpenTiff(path, bytes, options, place) is { } tiff) return tiff;
        if (ImageHeader.Sniff(bytes) == ImageFormat.Png && ImageHeader.TryRead(bytes, ImageFormat.Png, out var header, out _) is null
            && (header.Channels is 2 or 4 || header.BitDepth == 16) && (long)header.Width * header.Height <= options.LimitPixels) return OpenPng(path, bytes, place);
        var reader = SceneReader.Open(path, options);
        return new RasterScene(path, new RasterForm(reader.Width, reader.Height, 3, 8, 1), place, null, reader.ReadRows, reader);
    }

    /// <summary>Fills <paramref name="samples"/> with the next rows, <c>[rows, Width, Bands]</c>.</summary>
    /// <exception cref="ImageDecodeException">The file ends early or its data contradict themselves.</exception>
    public void ReadRows(Span<byte> samples)
    {
        try
        {
            _read(samples);
        }
        catch (InvalidDataException e)
        {
            throw new ImageDecodeException(_path, ImageProblem.Corrupt, e.Message);
        }
    }

    public void Dispose() => _source?.Dispose();

    private static RasterScene? OpenTiff(string path, ReadOnlySpan<byte> bytes, DecodeOptions options, GeoReference? place)
    {
        if (TiffHeader.TryRead(bytes, out var header, out var detail) is { } problem) throw new ImageDecodeException(path, problem, detail);
        if ((long)header.Width * header.Height > options.LimitPixels) throw new ImageDecodeException(path, ImageProblem.TooLarge, $"{header.Width}×{header.Height} pixels; the limit is {options.LimitPixels}");
        // Palettes, CMYK, YCbCr and turned pictures are for the decoder that makes RGB of them.
        if (header.Photometric > 2 || header.Orientation != 1 || header.Bits is not (8 or 16 or 32 or 64)) return null;
        if (TiffSamples.Open(bytes, header, out var refused, out detail) is not { } samples)
            return refused == ImageProblem.Unsupported ? null : throw new ImageDecodeException(path, refused, detail);
        var form = new RasterForm(header.Width, header.Height, header.Samples, header.Bits, (header.SampleFormat is 2 or 3) ? header.SampleFormat : 1);
        var bands = Enumerable.Range(0, header.Samples).ToArray();
        var stride = form.Width * form.PixelBytes;
        var run = new byte[(long)samples.RunRows * stride];
        int next = 0, filled = 0; // Row that comes next; rows read so far.
        return new RasterScene(path, form, place, GeoTags.Read(bytes).NoData, Read, samples);

        void Read(Span<byte> to)
        {
            while (to.Length > 0)
            {
                if (next == filled)
                {
                    samples.Read(next, bands, run);
                    filled = Math.Min(form.Height, next + samples.RunRows);
                }

                var rows = Math.Min(filled - next, to.Length / stride);
                run.AsSpan(next % samples.RunRows * stride, rows * stride).CopyTo(to);
                to = to[(rows * stride)..];
                next += rows;
            }
        }
    }

    private static RasterScene OpenPng(string path, ReadOnlySpan<byte> bytes, GeoReference? place)
    {
        TiffDecoder.Prepare();
        try
        {
            using var image = Image.PngloadBuffer(bytes.ToArray(), failOn: Enums.FailOn.Error);
            var form = new RasterForm(image.Width, image.Height, image.Bands, image.Format == Enums.BandFormat.Ushort ? 16 : 8, 1);
            var samples = form.Bits == 16 ? MemoryMarshal.AsBytes(image.WriteToMemory<ushort>().AsSpan()).ToArray() : image.WriteToMemory<byte>();
            var at = 0;
            return new RasterScene(path, form, place, null, Read, null);

            void Read(Span<byte> to)
            {
                samples.AsSpan(at, to.Length).CopyTo(to);
                at += to.Length;
            }
        }
        catch (VipsException e)
        {
            throw new ImageDecodeException(path, ImageProblem.Corrupt, SourceFile.OneLine(e.Message));
        }
    }
}
