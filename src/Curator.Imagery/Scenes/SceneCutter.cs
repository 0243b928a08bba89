using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Drawing;
using Curator.Imagery.Geography;
using Curator.Imagery.Ingest;
using NetVips;

namespace Curator.Imagery.Scenes;

/// <summary>
/// Cuts a scene of any channels and bits into tiles that keep them, and their place: by GeoTIFF tags, a world file, or a box that is given. Memory: the compressed file and one line of tiles.
/// Tiles appear whole or not at all; those that are there are not written again, so a folder belongs to one set of options. Thread-safe.
/// </summary>
public static partial class SceneCutter
{
    /// <exception cref="WorkspaceException">An option cannot be read.</exception>
    public static (int Width, int Height) TileSize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('x');
        var good = parts.Length is 1 or 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        var width = good ? int.Parse(parts[0], CultureInfo.InvariantCulture) : 0;
        var height = good && parts.Length == 2 ? (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var h) ? h : 0) : width;
        return width is >= 1 and <= 16_384 && height is >= 1 and <= 16_384
            ? (width, height)
            : throw new WorkspaceException($"--tile is '{text}', no size.", "Write pixels of 1 to 16384: 512, or 512x256 for width and height.");
    }

    /// <summary>Whether a file's name is that of a scene.</summary>
    public static bool IsScene(string path) => Path.GetExtension(path).Equals(".mrf", StringComparison.OrdinalIgnoreCase) || SourceWalker.HasPictureExtension(Path.GetFileName(path));

    /// <summary>Cuts from top left to bottom right and yields each tile that is kept once it is on disk.</summary>
    /// <param name="folder">Of this scene's tiles.</param>
    /// <exception cref="ImageDecodeException">The scene cannot be read, or ends early; the tiles above the break remain.</exception>
    /// <exception cref="WorkspaceException">The options do not fit the scene.</exception>
    public static IEnumerable<CutTile> Cut(string scenePath, string folder, CutOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(scenePath);
        ArgumentNullException.ThrowIfNull(options);
        var (tileWidth, tileHeight) = TileSize(options.Tile);
        return CutCore(Path.GetFullPath(scenePath), Path.GetFullPath(folder), options, tileWidth, tileHeight, cancellationToken);
    }

    private static IEnumerable<CutTile> CutCore(string scenePath, string folder, CutOptions options, int tileWidth, int tileHeight, CancellationToken cancellationToken)
    {
        using var scene = RasterScene.Open(scenePath, new DecodeOptions { LimitPixels = 500_000_000 });
        var form = scene.Form;
        var place = scene.Place ?? FromBox(options.Bbox, form);
        var format = options.Format == CutFormat.Auto ? scene.IsRgb ? CutFormat.Jpeg : CutFormat.Tiff : options.Format;
        Check(scenePath, form, place, format, options);
        if (Math.Max(form.Width, tileWidth) * (long)tileHeight * form.PixelBytes > Array.MaxLength)
            throw new WorkspaceException($"A line of tiles of '{scenePath}' does not fit into memory.", "Give a smaller --tile.");
        var date = options.Date ?? DateOf(scenePath);
        Directory.CreateDirectory(folder);
        AtomicFile.RemoveLeftovers(folder);
        var stride = form.Width * form.PixelBytes;
        var window = new byte[(long)stride * Math.Min(tileHeight, form.Height)];
        var tile = new byte[(long)tileWidth * tileHeight * form.PixelBytes];
        var empty = Empty(scene);
        var columns = TilePlan.Starts(form.Width, tileWidth, options.Overlap, options.Boundary);
        var (top, bottom) = (0, 0);
        foreach (var y in TilePlan.Starts(form.Height, tileHeight, options.Overlap, options.Boundary))
        {
            var end = Math.Min(y + tileHeight, form.Height);
            var kept = Math.Max(0, bottom - y);
            window.AsSpan((y - top) * stride, kept * stride).CopyTo(window);
            scene.ReadRows(window.AsSpan(kept * stride, (end - y - kept) * stride));
            (top, bottom) = (y, end);
            foreach (var x in columns)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (width, height) = (Math.Min(tileWidth, form.Width - x), end - y);
                var share = Copy(window, stride, x, width, height, tile, tileWidth, tileHeight, empty);
                if (share > options.MaxNodata) continue;
                var part = place?.Part(x, y);
                var footprint = part?.Footprint(width, height);
                var into = options.Folders == CutFolders.Modis && footprint is { } box ? Directory.CreateDirectory(Path.Combine(folder, SinusoidalGrid.Name((box.South + box.North) / 2, MiddleOf(box)))).FullName : folder;
                var path = Path.Combine(into, NameOf(scenePath, date, footprint, height, x, y) + Extension(format));
                var written = !IsWhole(path, format);
                if (written) Save(path, Encode(tile, form with { Width = tileWidth, Height = tileHeight }, format, part, scene.NoData, options.Quality));
                yield return new CutTile(path, footprint, part, x, y, width, height, share, written);
            }
        }
    }

    private static void Check(string path, RasterForm form, GeoReference? place, CutFormat format, CutOptions options)
    {
        if ((format == CutFormat.Jpeg && form is not { Bands: 3, Bits: 8 }) || (format == CutFormat.Png && form is not { SampleFormat: 1, Bits: 8 or 16, Bands: <= 4 }))
            throw new WorkspaceException($"'{path}' has {form.Bands} bands of {form.Bits} bits, which {format.ToString().ToLowerInvariant()} tiles cannot hold.", "Leave --format out, or give --format tiff.");
        if (options.Folders == CutFolders.Modis && place?.Footprint(form.Width, form.Height) is null)
            throw new WorkspaceException($"Where '{path}' lies is not known, or in a coordinate system that is not read.", "Give --bbox S,W,N,E, or leave --folders modis out.");
    }

    /// <exception cref="WorkspaceException">No box.</exception>
    private static GeoReference? FromBox(string? text, RasterForm form)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var sides = new List<double>();
        foreach (var part in text.Split(','))
            if (double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var side))
                sides.Add(side);
        if (sides is not [var south, var west, var north, var east] || !(south < north) || Math.Abs(south) > 90 || Math.Abs(north) > 90 || Math.Abs(west) > 180 || Math.Abs(east) > 180 || west == east)
            throw new WorkspaceException($"--bbox is '{text}', no box.", "Write south,west,north,east in degrees, for example --bbox=-10,150,5,-170.");
        return new GeoReference(west, north, ((east > west ? east : east + 360) - west) / form.Width, (south - north) / form.Height, 4326);
    }

    /// <summary>Copies one tile out of the window, zeros where the scene ends. Returns the share of pixels of which every band is empty.</summary>
    private static double Copy(byte[] window, int stride, int x, int width, int height, byte[] tile, int tileWidth, int tileHeight, byte[] empty)
    {
        var pixel = empty.Length;
        if (width < tileWidth || height < tileHeight) Array.Clear(tile);
        for (var row = 0; row < height; row++) window.AsSpan(row * stride + x * pixel, width * pixel).CopyTo(tile.AsSpan(row * tileWidth * pixel));
        long without = (long)tileWidth * tileHeight - (long)width * height;
        for (var row = 0; row < height; row++)
        {
            var line = tile.AsSpan(row * tileWidth * pixel, width * pixel);
            for (var at = 0; at < line.Length; at += pixel)
                if (line.Slice(at, pixel).SequenceEqual(empty))
                    without++;
        }

        return without / ((double)tileWidth * tileHeight);
    }

    /// <summary>The bytes of a pixel without data: the scene's number for it, else zeros.</summary>
    private static byte[] Empty(RasterScene scene)
    {
        var form = scene.Form;
        var pixel = new byte[form.PixelBytes];
        if (scene.NoData is not { } number) return pixel;
        for (var b = 0; b < form.Bands; b++)
        {
            var to = pixel.AsSpan(b * form.Bits / 8);
            switch (form.Bits, form.SampleFormat)
            {
                case (8, 2): Write((sbyte)Math.Clamp(number, sbyte.MinValue, sbyte.MaxValue), to); break;
                case (8, _): Write((byte)Math.Clamp(number, 0, byte.MaxValue), to); break;
                case (16, 2): Write((short)Math.Clamp(number, short.MinValue, short.MaxValue), to); break;
                case (16, 3): Write((Half)number, to); break;
                case (16, _): Write((ushort)Math.Clamp(number, 0, ushort.MaxValue), to); break;
                case (32, 2): Write((int)Math.Clamp(number, int.MinValue, int.MaxValue), to); break;
                case (32, 3): Write((float)number, to); break;
                case (32, _): Write((uint)Math.Clamp(number, 0, uint.MaxValue), to); break;
                default: Write(number, to); break;
            }
        }

        return pixel;

        static void Write<T>(T value, Span<byte> to)
            where T : unmanaged, INumber<T> => MemoryMarshal.Write(to, in value);
    }

    private static byte[] Encode(byte[] tile, RasterForm form, CutFormat format, GeoReference? place, double? noData, int quality)
    {
        if (format == CutFormat.Tiff) return GeoTiffWriter.Encode(tile, form, place, noData);
        if (format == CutFormat.Jpeg) return ImageEncoder.Encode(tile, form.Width, form.Height, EncodedFormat.Jpeg, quality);
        if (form is { Bands: 3, Bits: 8 }) return ImageEncoder.Encode(tile, form.Width, form.Height, EncodedFormat.Png, quality);
        using var image = Image.NewFromMemory(tile, form.Width, form.Height, form.Bands, form.Bits == 16 ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
        var meaning = (form.Bands >= 3, form.Bits == 16) switch
        {
            (true, true) => Enums.Interpretation.Rgb16,
            (true, false) => Enums.Interpretation.Srgb,
            (false, true) => Enums.Interpretation.Grey16,
            _ => Enums.Interpretation.Bw,
        };
        using var named = image.Copy(interpretation: meaning);
        return named.PngsaveBuffer();
    }

    /// <summary><c>date_S,W,N,E</c> where both are known, else the scene's name and the tile's place in it.</summary>
    private static string NameOf(string scenePath, DateOnly? date, BoundingBox? footprint, int height, int x, int y) =>
        date is { } day && footprint is { } box
            ? TileName.Format(day, box, (box.North - box.South) / height < 0.001 ? 6 : 4)
            : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(scenePath)}_x{x:000000}_y{y:000000}");

    private static double MiddleOf(BoundingBox box)
    {
        var middle = (box.West + (box.CrossesAntimeridian ? box.East + 360 : box.East)) / 2;
        return middle > 180 ? middle - 360 : middle;
    }

    private static DateOnly? DateOf(string path) =>
        DateForm().Match(Path.GetFileName(path)) is { Success: true } found
        && DateOnly.TryParseExact(found.Value.Replace("-", "", StringComparison.Ordinal), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : null;

    private static string Extension(CutFormat format) => format switch { CutFormat.Tiff => ".tif", CutFormat.Png => ".png", _ => ".jpg" };

    /// <summary>Whether the file is there whole: after a power failure a renamed file may be there without its bytes.</summary>
    private static bool IsWhole(string path, CutFormat format)
    {
        if (!File.Exists(path)) return false;
        if (format == CutFormat.Tiff) return TiffHeader.TryRead(File.ReadAllBytes(path), out _, out _) is null;
        using var handle = File.OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        Span<byte> end = stackalloc byte[8];
        if (length < end.Length || RandomAccess.Read(handle, end, length - end.Length) != end.Length) return false;
        return format == CutFormat.Png ? end.StartsWith("IEND"u8) : end[6..].SequenceEqual<byte>([0xFF, 0xD9]);
    }

    private static void Save(string path, byte[] bytes)
    {
        var temporary = AtomicFile.TemporaryName(path);
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }

    [GeneratedRegex(@"(?<!\d)(19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)")]
    private static partial Regex DateForm();
}
