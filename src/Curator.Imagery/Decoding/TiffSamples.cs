using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using Curator.Core.Images;

namespace Curator.Imagery.Decoding;

/// <summary>
/// Samples of a TIFF of any number of bands, chunky or in separate planes, in strips or tiles, 8 to 64 bits, integer or floating point, by managed code (LibTiff.NET). Read from top to
/// bottom in runs of rows (a strip, or a line of tiles). Not thread-safe.
/// </summary>
internal sealed class TiffSamples : IDisposable
{
    /// <summary>LZW, which packs tightest, makes at most 1,366 bytes of one.</summary>
    private const long MostGain = 2000;

    /// <summary>Pieces that are left out of a file are whole all the same.</summary>
    private const long LeastPiece = 16 << 20;

    private readonly Tiff _tiff;
    private readonly TiffHeader _header;
    private readonly bool _tiled;
    private readonly int _tileWidth;
    private readonly int _tileHeight;
    private byte[] _file;
    private byte[] _piece = [];

    static TiffSamples() => Tiff.SetErrorHandler(new Quiet()); // It would write to stderr.

    private TiffSamples(Tiff tiff, byte[] file, TiffHeader header)
    {
        _tiff = tiff;
        _file = file;
        _header = header;
        _tiled = tiff.IsTiled();
        _tileWidth = _tiled ? tiff.GetField(TiffTag.TILEWIDTH)[0].ToInt() : header.Width;
        var rows = _tiled ? tiff.GetField(TiffTag.TILELENGTH)[0].ToInt() : tiff.GetFieldDefaulted(TiffTag.ROWSPERSTRIP)[0].ToInt();
        _tileHeight = _tiled ? rows : rows < 1 ? header.Height : Math.Min(rows, header.Height); // Without the tag all rows are one strip.
    }

    /// <summary>Bytes of a sample.</summary>
    public int SampleBytes => _header.Bits / 8;

    /// <summary>Rows of a run; the last one may have fewer.</summary>
    public int RunRows => Math.Min(_tileHeight, _header.Height);

    /// <summary>Opens what <see cref="TiffHeader"/> found sound; null, with a reason, when it cannot be read.</summary>
    public static TiffSamples? Open(ReadOnlySpan<byte> file, TiffHeader header, out ImageProblem problem, out string detail)
    {
        (problem, detail) = (ImageProblem.Unsupported, "");
        if (header.Bits is not (8 or 16 or 32 or 64) || (header.Bits == 64 && header.SampleFormat != 3))
        {
            detail = $"samples of {header.Bits} bits in {header.Samples} bands";
            return null;
        }

        // The library makes room for as many values as a field claims to have, and takes seconds over it.
        if (TiffHeader.FieldPastEnd(file) is { } field)
        {
            (problem, detail) = (ImageProblem.Corrupt, $"the values of its field {field} lie beyond the end of the file");
            return null;
        }

        var copy = LargeArrays.Rent(file.Length);
        Tiff? tiff = null;
        try
        {
            file.CopyTo(copy);
            tiff = Tiff.ClientOpen("picture", "r", new MemoryStream(copy, 0, file.Length, writable: false), new TiffStream());
            if (tiff is null)
            {
                LargeArrays.Return(copy);
                (problem, detail) = (ImageProblem.Corrupt, "its directory cannot be used");
                return null;
            }

            if (tiff.GetField(TiffTag.COMPRESSION) is [var compression, ..] && compression.ToInt() == (int)Compression.JPEG) tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
            var samples = new TiffSamples(tiff, copy, header);
            // A tile's or strip's claimed size is checked before a buffer is made for it; 1 GiB is more than any sound file's, and no packing that is read makes more of its bytes.
            var claimed = (long)samples._tileWidth * samples._tileHeight * samples.SampleBytes * (header.Planar ? 1 : header.Samples);
            var real = (long)(samples._tiled ? tiff.TileSize() : tiff.StripSize());
            if (samples._tileWidth > 0 && samples._tileHeight > 0 && claimed > 0 && claimed < Math.Min(1L << 30, LeastPiece + MostGain * file.Length) && real > 0 && real >= claimed && real < 1L << 30) return samples;
            samples.Dispose();
            (problem, detail) = (ImageProblem.Corrupt, $"pieces of {samples._tileWidth}×{samples._tileHeight} pixels in {real} bytes");
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            tiff?.Dispose();
            LargeArrays.Return(copy);
            (problem, detail) = (ImageProblem.Corrupt, SourceFile.OneLine(e.Message));
            return null;
        }
    }

    /// <summary>Reads the next run's samples as they are, interleaved.</summary>
    /// <param name="top">First row, a multiple of <see cref="RunRows"/>.</param>
    /// <param name="bands">Which bands, from 0.</param>
    /// <param name="samples"><c>[rows, Width, bands.Length]</c>, each <see cref="SampleBytes"/>, in this machine's order.</param>
    /// <exception cref="InvalidDataException">The data contradict themselves.</exception>
    public void Read(int top, ReadOnlySpan<int> bands, Span<byte> samples)
    {
        var rows = Math.Min(_tileHeight, _header.Height - top);
        var size = SampleBytes;
        var pieceBands = _header.Planar ? 1 : _header.Samples;
        var needed = _tiled ? _tiff.TileSize() : _tiff.StripSize();
        if (_piece.Length < needed)
        {
            LargeArrays.Return(_piece);
            _piece = LargeArrays.Rent(needed);
        }

        for (var left = 0; left < _header.Width; left += _tileWidth)
        {
            var columns = Math.Min(_tileWidth, _header.Width - left);
            for (var b = 0; b < bands.Length; b++)
            {
                if (b == 0 || _header.Planar) Load(left, top, _header.Planar ? bands[b] : 0, rows);
                var within = _header.Planar ? 0 : bands[b];
                for (var y = 0; y < rows; y++)
                {
                    var from = _piece.AsSpan((y * _tileWidth * pieceBands + within) * size);
                    var to = samples[(((y * _header.Width + left) * bands.Length + b) * size)..];
                    for (var x = 0; x < columns; x++) from.Slice(x * pieceBands * size, size).CopyTo(to[(x * bands.Length * size)..]);
                }
            }
        }
    }

    public void Dispose()
    {
        _tiff.Dispose();
        LargeArrays.Return(_file);
        LargeArrays.Return(_piece);
        _file = _piece = [];
    }

    private void Load(int left, int top, int plane, int rows)
    {
        int read;
        try
        {
            var wanted = _tileWidth * rows * SampleBytes * (_header.Planar ? 1 : _header.Samples);
            _piece.AsSpan().Clear(); // It comes from another picture, and a piece may hold less than it says.
            read = _tiled
                ? _tiff.ReadEncodedTile(_tiff.ComputeTile(left, top, 0, (short)plane), _piece, 0, _piece.Length)
                : _tiff.ReadEncodedStrip(_tiff.ComputeStrip(top, (short)plane), _piece, 0, wanted);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException(SourceFile.OneLine(e.Message), e);
        }

        if (read < 0) throw new InvalidDataException($"its data at row {top} contradict themselves or are packed in a way that is not read");
    }

    /// <summary>Samples as numbers.</summary>
    public void ToNumbers(ReadOnlySpan<byte> samples, Span<double> numbers)
    {
        switch (_header.Bits, _header.SampleFormat)
        {
            case (8, 2): for (var i = 0; i < numbers.Length; i++) numbers[i] = (sbyte)samples[i]; break;
            case (8, _): for (var i = 0; i < numbers.Length; i++) numbers[i] = samples[i]; break;
            case (16, 2): Convert(MemoryMarshal.Cast<byte, short>(samples), numbers, static v => v); break;
            case (16, 3): Convert(MemoryMarshal.Cast<byte, Half>(samples), numbers, static v => (double)v); break;
            case (16, _): Convert(MemoryMarshal.Cast<byte, ushort>(samples), numbers, static v => v); break;
            case (32, 2): Convert(MemoryMarshal.Cast<byte, int>(samples), numbers, static v => v); break;
            case (32, 3): Convert(MemoryMarshal.Cast<byte, float>(samples), numbers, static v => v); break;
            case (32, _): Convert(MemoryMarshal.Cast<byte, uint>(samples), numbers, static v => v); break;
            default: Convert(MemoryMarshal.Cast<byte, double>(samples), numbers, static v => v); break;
        }

        static void Convert<T>(ReadOnlySpan<T> from, Span<double> to, Func<T, double> number)
        {
            for (var i = 0; i < to.Length; i++) to[i] = number(from[i]);
        }
    }

    private sealed class Quiet : TiffErrorHandler
    {
        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
            // What matters comes back as a failed read.
        }

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }

        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
