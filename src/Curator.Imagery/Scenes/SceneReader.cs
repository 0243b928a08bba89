using System.Runtime.InteropServices;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using SkiaSharp;

namespace Curator.Imagery.Scenes;

/// <summary>
/// Reads a scene from top to bottom, some rows at a time. Upright JPEG is decoded as it is read, so that memory holds the compressed file and the
/// rows asked for; every other format is decoded as a whole first. Not thread-safe.
/// </summary>
internal sealed class SceneReader : IDisposable
{
    private readonly string _path;
    private readonly RgbImage? _whole;
    private readonly GCHandle _file;
    private readonly SKCodec? _codec;
    private readonly byte[] _rgba = [];
    private int _next;

    private SceneReader(string path, RgbImage whole)
    {
        _path = path;
        _whole = whole;
        Width = whole.Width;
        Height = whole.Height;
    }

    private SceneReader(string path, GCHandle file, SKCodec codec)
    {
        _path = path;
        _file = file;
        _codec = codec;
        Width = codec.Info.Width;
        Height = codec.Info.Height;
        _rgba = new byte[4 * Width];
    }

    public int Width { get; }

    public int Height { get; }

    /// <exception cref="ImageDecodeException">Missing, no picture, or too large.</exception>
    public static SceneReader Open(string path, DecodeOptions options)
    {
        var source = new SourceFile();
        if (source.Read(path, options.LimitFileBytes, out var detail) is { } problem) throw new ImageDecodeException(path, problem, detail);
        if (TryStream(path, source.Bytes, options) is { } streamed) return streamed;
        var result = new ImageDecoder().Decode(source.Bytes, options);
        return result.Succeeded
            ? new SceneReader(path, new RgbImage(result.Image.Width, result.Image.Height, result.Image.Pixels))
            : throw new ImageDecodeException(path, result.Problem.Value, result.Detail);
    }

    /// <summary>Fills <paramref name="rgb"/> with the next rows, <c>[rows, Width, 3]</c>.</summary>
    /// <exception cref="ImageDecodeException">The file ends early or its data contradict themselves.</exception>
    public unsafe void ReadRows(Span<byte> rgb)
    {
        var stride = 3 * Width;
        var rows = rgb.Length / stride;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_next + rows, Height);
        if (_whole is not null)
        {
            _whole.Rgb.Span.Slice(_next * stride, rows * stride).CopyTo(rgb);
        }
        else
        {
            fixed (byte* row = _rgba)
                for (var y = 0; y < rows; y++)
                {
                    if (_codec!.GetScanlines((nint)row, 1, _rgba.Length) != 1)
                        throw new ImageDecodeException(_path, ImageProblem.Truncated, $"the data end at row {_next + y} of {Height}");
                    for (int x = 0, to = y * stride; x < _rgba.Length; x += 4, to += 3)
                    {
                        rgb[to] = _rgba[x];
                        rgb[to + 1] = _rgba[x + 1];
                        rgb[to + 2] = _rgba[x + 2];
                    }
                }
        }
        _next += rows;
    }

    public void Dispose()
    {
        _codec?.Dispose();
        if (_file.IsAllocated) _file.Free();
    }

    private static SceneReader? TryStream(string path, ReadOnlySpan<byte> bytes, DecodeOptions options)
    {
        if (ImageHeader.Sniff(bytes) != ImageFormat.Jpeg || JpegHeader.TryRead(bytes, out var header, out _) is not null) return null;
        if (header.Width > DecodeOptions.MaxSide || header.Height > DecodeOptions.MaxSide || (long)header.Width * header.Height > options.LimitPixels) return null;
        var file = GCHandle.Alloc(bytes.ToArray(), GCHandleType.Pinned);
        SKCodec? codec = null;
        try
        {
            using var data = SKData.Create(file.AddrOfPinnedObject(), bytes.Length);
            codec = SKCodec.Create(new SKMemoryStream(data), out _);
            if (codec is { EncodedOrigin: SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default }
                && codec.StartScanlineDecode(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Opaque)) == SKCodecResult.Success
                && codec.ScanlineOrder == SKCodecScanlineOrder.TopDown)
            {
                var reader = new SceneReader(path, file, codec);
                codec = null;
                file = default;
                return reader;
            }
            return null;
        }
        finally
        {
            codec?.Dispose();
            if (file.IsAllocated) file.Free();
        }
    }
}
