using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Curator.Imagery.Scenes;

/// <summary>
/// Reads a Meta Raster Format scene of JPEG or PNG pages from top to bottom, one row of pages in memory. The index has, for each page of the full resolution, 8 bytes of offset and 8 bytes of
/// length, big-endian; a page of length 0 holds no data. Not thread-safe.
/// </summary>
internal sealed class MrfPages : IDisposable
{
    private const int EntryBytes = 16;

    /// <summary>Of one page, compressed.</summary>
    private const int MaxPageBytes = 256 << 20;

    private readonly string _path;
    private readonly MrfHeader _header;
    private readonly SafeFileHandle _index;
    private readonly SafeFileHandle _data;
    private readonly ImageDecoder _decoder = new();
    private readonly byte[] _run;
    private readonly byte[] _empty;
    private byte[] _file = [];
    private int _next;

    private MrfPages(string path, MrfHeader header, SafeFileHandle index, SafeFileHandle data)
    {
        (_path, _header, _index, _data) = (path, header, index, data);
        _run = new byte[(long)header.Form.Width * header.Form.PixelBytes * Math.Min(header.PageHeight, header.Form.Height)];
        _empty = Empty(header);
    }

    public static bool IsMrf(string path, ReadOnlySpan<byte> file) => Path.GetExtension(path).Equals(".mrf", StringComparison.OrdinalIgnoreCase) && file.TrimStart("\uFEFF \t\r\n"u8).StartsWith("<"u8);

    /// <exception cref="ImageDecodeException">It contradicts itself, is of a kind that is not read, or its index or data are not there.</exception>
    public static RasterScene Open(string path, ReadOnlySpan<byte> xml)
    {
        SafeFileHandle? index = null;
        try
        {
            var header = MrfHeader.Read(xml, path);
            if ((long)header.Form.Width * header.Form.PixelBytes * header.PageHeight > Array.MaxLength)
                throw new ImageDecodeException(path, ImageProblem.TooLarge, "a row of its pages does not fit into memory");
            index = File.OpenHandle(header.IndexPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (RandomAccess.GetLength(index) < header.Pages * EntryBytes) throw new ImageDecodeException(path, ImageProblem.Truncated, $"its index has fewer than {header.Pages} pages");
            var pages = new MrfPages(path, header, index, File.OpenHandle(header.DataPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            index = null;
            return new RasterScene(path, header.Form, header.Place, header.NoData, pages.ReadRows, pages);
        }
        catch (InvalidDataException e)
        {
            throw new ImageDecodeException(path, ImageProblem.Corrupt, SourceFile.OneLine(e.Message));
        }
        catch (NotSupportedException e)
        {
            throw new ImageDecodeException(path, ImageProblem.Unsupported, e.Message);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageDecodeException(path, ImageProblem.Missing, $"{(index is null ? "its index" : "its data")} is not there: {SourceFile.OneLine(e.Message)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageDecodeException(path, ImageProblem.Unreadable, SourceFile.OneLine(e.Message));
        }
        finally
        {
            index?.Dispose();
        }
    }

    public void Dispose()
    {
        _index.Dispose();
        _data.Dispose();
    }

    private void ReadRows(Span<byte> to)
    {
        var stride = _header.Form.Width * _header.Form.PixelBytes;
        while (to.Length > 0)
        {
            if (_next % _header.PageHeight == 0) ReadPages(_next / _header.PageHeight);
            var at = _next % _header.PageHeight;
            var rows = Math.Min(Math.Min(_header.PageHeight, _header.Form.Height - _next + at) - at, to.Length / stride);
            _run.AsSpan(at * stride, rows * stride).CopyTo(to);
            to = to[(rows * stride)..];
            _next += rows;
        }
    }

    private void ReadPages(int row)
    {
        var parts = _header.Form.Bands / _header.PageBands;
        for (var column = 0; column < _header.Columns; column++)
            for (var part = 0; part < parts; part++)
                ReadPage(((long)row * _header.Columns + column) * parts + part, row, column, part);
    }

    private void ReadPage(long page, int row, int column, int part)
    {
        Span<byte> entry = stackalloc byte[EntryBytes];
        if (RandomAccess.Read(_index, entry, page * EntryBytes) != EntryBytes) throw Bad(page, ImageProblem.Truncated, "the index ends before it");
        var (offset, length) = (BinaryPrimitives.ReadUInt64BigEndian(entry), BinaryPrimitives.ReadUInt64BigEndian(entry[8..]));
        if (length == 0)
        {
            Place(default, row, column, part);
            return;
        }

        if (length > MaxPageBytes) throw Bad(page, ImageProblem.Corrupt, $"its length of {length} bytes makes no sense");
        if (offset > long.MaxValue - MaxPageBytes || (long)offset + (long)length > RandomAccess.GetLength(_data)) throw Bad(page, ImageProblem.Truncated, "the data end before it does");
        if (_file.Length < (int)length) _file = new byte[length];
        for (var read = 0; read < (int)length;)
        {
            var got = RandomAccess.Read(_data, _file.AsSpan(read, (int)length - read), (long)offset + read);
            if (got == 0) throw Bad(page, ImageProblem.Truncated, "the data end before it does");
            read += got;
        }

        Place(Decode(_file.AsSpan(0, (int)length), page), row, column, part);
    }

    /// <summary>A page's samples, <c>[PageHeight, PageWidth, PageBands]</c>.</summary>
    private ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> file, long page)
    {
        var (width, height, bands) = (_header.PageWidth, _header.PageHeight, _header.PageBands);
        var format = ImageHeader.Sniff(file);
        if (format is not (ImageFormat.Jpeg or ImageFormat.Png)) throw Bad(page, ImageProblem.Corrupt, "it is neither JPEG nor PNG");
        if (ImageHeader.TryRead(file, format.Value, out var header, out var detail) is { } problem) throw Bad(page, problem, detail);
        if ((header.Width, header.Height) != (width, height)) throw Bad(page, ImageProblem.Corrupt, $"it has {header.Width}×{header.Height} pixels; pages have {width}×{height}");
        if (format == ImageFormat.Png && _header.Compression != "PPNG") return DecodePng(file, page);
        var result = _decoder.Decode(file, DecodeOptions.Default);
        if (!result.Succeeded) throw Bad(page, result.Problem.Value, result.Detail);
        var rgb = result.Image.Pixels.Span;
        if (bands == 3) return rgb;
        // A grey JPEG was made RGB; one without opacity, among pages that have it, is opaque.
        var samples = new byte[width * height * bands];
        for (var i = 0; i < width * height; i++)
            for (var b = 0; b < bands; b++)
                samples[i * bands + b] = b == bands - 1 && bands is 2 or 4 ? byte.MaxValue : rgb[3 * i + b];
        return samples;
    }

    /// <summary>All bands and bits, unlike <see cref="ImageDecoder"/>.</summary>
    private ReadOnlySpan<byte> DecodePng(ReadOnlySpan<byte> file, long page)
    {
        TiffDecoder.Prepare();
        try
        {
            using var image = Image.PngloadBuffer(file.ToArray(), failOn: Enums.FailOn.Error);
            var bits = image.Format == Enums.BandFormat.Ushort ? 16 : 8;
            if (image.Bands != _header.PageBands || bits != _header.Form.Bits)
                throw Bad(page, ImageProblem.Corrupt, $"it has {image.Bands} bands of {bits} bits; pages have {_header.PageBands} of {_header.Form.Bits}");
            return bits == 16 ? MemoryMarshal.AsBytes(image.WriteToMemory<ushort>().AsSpan()) : image.WriteToMemory<byte>();
        }
        catch (VipsException e)
        {
            throw Bad(page, ImageProblem.Corrupt, SourceFile.OneLine(e.Message));
        }
    }

    /// <summary>Puts a page's samples where they belong in the row of pages; a page without samples is the number for no data.</summary>
    private void Place(ReadOnlySpan<byte> samples, int row, int column, int part)
    {
        var form = _header.Form;
        var sampleBytes = form.Bits / 8;
        var (pixel, pagePixel) = (form.PixelBytes, _header.PageBands * sampleBytes);
        var width = Math.Min(_header.PageWidth, form.Width - column * _header.PageWidth);
        var height = Math.Min(_header.PageHeight, form.Height - row * _header.PageHeight);
        for (var y = 0; y < height; y++)
        {
            var to = _run.AsSpan((y * form.Width + column * _header.PageWidth) * pixel, width * pixel);
            var line = samples.IsEmpty ? default : samples.Slice(y * _header.PageWidth * pagePixel, width * pagePixel);
            if (pixel == pagePixel && !line.IsEmpty)
            {
                line.CopyTo(to);
                continue;
            }

            for (var x = 0; x < width; x++)
                (line.IsEmpty ? _empty.AsSpan(part * pagePixel, pagePixel) : line.Slice(x * pagePixel, pagePixel)).CopyTo(to[(x * pixel + part * pagePixel)..]);
        }
    }

    private static byte[] Empty(MrfHeader header)
    {
        var pixel = new byte[header.Form.PixelBytes];
        if (header.NoData is not { } number) return pixel;
        if (header.Form.Bits == 8) pixel.AsSpan().Fill((byte)Math.Clamp(number, 0, byte.MaxValue));
        else MemoryMarshal.Cast<byte, ushort>(pixel.AsSpan()).Fill((ushort)Math.Clamp(number, 0, ushort.MaxValue));
        return pixel;
    }

    private ImageDecodeException Bad(long page, ImageProblem problem, string detail) => new(_path, problem, $"page {page}: {detail}");
}
