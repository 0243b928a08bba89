using System.Buffers.Binary;
using Curator.Imagery.Decoding;
using Curator.Imagery.Geography;
using NetVips;

namespace Curator.Benchmarks.Imagery;

/// <summary>
/// Real pictures to damage: those found, and some of them written anew in each kind of each format that is read. By kind, so that every kind gets as many mutations as any other.
/// </summary>
internal static class FuzzOriginals
{
    /// <summary>Of one folder and format, so that no folder of thousands drowns the others.</summary>
    private const int OfFolder = 8;

    /// <summary>Written anew in each kind.</summary>
    private const int OfKind = 6;

    public static SortedDictionary<string, List<byte[]>> Find(string root, int largest)
    {
        var kinds = new SortedDictionary<string, List<byte[]>>(StringComparer.Ordinal);
        var taken = new Dictionary<(string, ImageFormat), int>();
        var decoder = new ImageDecoder();
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (new FileInfo(path).Length is 0 or > int.MaxValue || new FileInfo(path).Length > largest) continue;
            var file = File.ReadAllBytes(path);
            if (ImageHeader.Sniff(file) is not { } format) continue;
            var key = (Path.GetDirectoryName(path)!, format);
            if ((taken[key] = taken.GetValueOrDefault(key) + 1) > OfFolder) continue;
            Add(kinds, format.ToString(), file);
            // The first of each folder is written anew, while it is of a size that says something within a second.
            if (taken[key] == 1 && decoder.Decode(file, DecodeOptions.Default) is { Image: { Width: <= 1024, Height: <= 1024 } image })
                AddForms(kinds, image.Pixels.ToArray(), image.Width, image.Height);
        }

        return kinds;
    }

    private static void AddForms(SortedDictionary<string, List<byte[]>> kinds, byte[] rgb, int width, int height)
    {
        using var plain = Image.NewFromMemory(rgb, width, height, 3, Enums.BandFormat.Uchar);
        using var colour = plain.Copy(interpretation: Enums.Interpretation.Srgb);
        using var grey = colour.Colourspace(Enums.Interpretation.Bw);
        using var seeThrough = colour.Bandjoin(grey);
        using var deep = colour.Colourspace(Enums.Interpretation.Rgb16);
        using var inks = colour.Invert().Bandjoin(grey).Copy(interpretation: Enums.Interpretation.Cmyk);
        void Form(string kind, Func<byte[]> write)
        {
            if (!kinds.TryGetValue(kind, out var files) || files.Count < OfKind) Add(kinds, kind, write());
        }

        Form("Jpeg progressive", () => colour.JpegsaveBuffer(interlace: true));
        Form("Jpeg grey", () => grey.JpegsaveBuffer());
        Form("Jpeg four inks", () => inks.JpegsaveBuffer());
        Form("Png palette", () => colour.PngsaveBuffer(palette: true));
        Form("Png interlaced", () => colour.PngsaveBuffer(interlace: true));
        Form("Png opacity", () => seeThrough.PngsaveBuffer());
        Form("Png 16 bits", () => deep.PngsaveBuffer());
        Form("WebP", () => colour.WebpsaveBuffer());
        Form("WebP lossless", () => colour.WebpsaveBuffer(lossless: true));
        Form("WebP opacity", () => seeThrough.WebpsaveBuffer());
        Form("Gif", () => colour.GifsaveBuffer());
        Form("Bmp", () => Bmp(rgb, width, height));
        Form("Tiff", () => colour.TiffsaveBuffer());
        Form("Tiff LZW", () => colour.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Lzw, predictor: Enums.ForeignTiffPredictor.Horizontal));
        Form("Tiff deflate", () => colour.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Deflate));
        Form("Tiff packbits", () => colour.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Packbits));
        Form("Tiff JPEG", () => colour.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Jpeg));
        Form("Tiff tiled", () => colour.TiffsaveBuffer(tile: true, tileWidth: 32, tileHeight: 32, compression: Enums.ForeignTiffCompression.Lzw));
        Form("Tiff 16 bits", () => deep.TiffsaveBuffer());
        // Six bands of 16 bits: the managed reader's.
        Form("Tiff bands", () => GeoTiffWriter.Encode([.. rgb, .. rgb, .. rgb, .. rgb], new RasterForm(width, height, 6, 16, 1), new GeoReference(10, 50, 0.1, -0.1, 4326), 0));
    }

    private static void Add(SortedDictionary<string, List<byte[]>> kinds, string kind, byte[] file)
    {
        if (!kinds.TryGetValue(kind, out var files)) kinds[kind] = files = [];
        files.Add(file);
    }

    private static byte[] Bmp(byte[] rgb, int width, int height)
    {
        const int HeaderBytes = 54;
        var stride = (width * 3 + 3) / 4 * 4;
        var file = new byte[HeaderBytes + stride * height];
        "BM"u8.CopyTo(file);
        int[] header = [file.Length, 0, HeaderBytes, 40, width, height, 1 | 24 << 16];
        for (var i = 0; i < header.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2 + 4 * i), header[i]);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 3; c++)
                    file[HeaderBytes + stride * (height - 1 - y) + 3 * x + c] = rgb[3 * (y * width + x) + 2 - c];
        return file;
    }
}
