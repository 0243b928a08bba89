using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Curator.Imagery.Geography;

namespace Curator.Imagery.Scenes;

/// <summary>The XML of a Meta Raster Format scene (https://github.com/nasa-gibs/mrf): its size, how it is cut into pages, and where index and data lie.</summary>
/// <param name="Form">As the scene is given on: palettes become RGB.</param>
/// <param name="PageBands">Bands a page: all of them, or 1.</param>
internal sealed partial record MrfHeader(
    RasterForm Form, int PageWidth, int PageHeight, int PageBands, string Compression, double? NoData, GeoReference? Place, string IndexPath, string DataPath)
{
    /// <summary>Longest side; pages are read one row at a time, so that memory does not limit it.</summary>
    private const int MaxSide = 1 << 24;

    private const int MaxPage = 8192;

    public int Columns => (Form.Width + PageWidth - 1) / PageWidth;

    public int Rows => (Form.Height + PageHeight - 1) / PageHeight;

    /// <summary>Of the full resolution; the index may go on with overviews.</summary>
    public long Pages => (long)Columns * Rows * (Form.Bands / PageBands);

    /// <param name="path">Of the XML, absolute; index and data lie beside it unless it says where.</param>
    /// <exception cref="InvalidDataException">It contradicts itself.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not read.</exception>
    public static MrfHeader Read(ReadOnlySpan<byte> xml, string path)
    {
        var root = Load(xml);
        var raster = root.Element("Raster") ?? throw new InvalidDataException("it has no element Raster");
        if (root.Element("CachedSource") is not null) throw new NotSupportedException("an MRF that caches another source is not read; give the source itself");
        var size = raster.Element("Size");
        var page = raster.Element("PageSize");
        var (width, height, bands) = (Number(size, "x", 0), Number(size, "y", 0), Number(size, "c", 1));
        var (pageWidth, pageHeight, pageBands) = (Number(page, "x", 512), Number(page, "y", 512), Number(page, "c", 1));
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide || pageWidth is < 1 or > MaxPage || pageHeight is < 1 or > MaxPage || bands is < 1 or > 4096)
            throw new InvalidDataException($"{width}×{height} pixels of {bands} bands in pages of {pageWidth}×{pageHeight} make no sense");
        if (Number(size, "z", 1) != 1) throw new NotSupportedException("an MRF of several layers is not read");
        if (pageBands != bands && pageBands != 1) throw new NotSupportedException($"pages of {pageBands} of {bands} bands are not read");
        var compression = raster.Element("Compression")?.Value.Trim().ToUpperInvariant() ?? "PNG";
        if (compression is not ("JPEG" or "PNG" or "PPNG" or "JPNG")) throw new NotSupportedException($"pages compressed as {compression} are not read; 'gdal_translate scene.mrf scene.tif' makes a GeoTIFF");
        var bits = raster.Element("DataType")?.Value.Trim().ToUpperInvariant() switch
        {
            null or "BYTE" => 8,
            "UINT16" when compression == "PNG" => 16,
            var other => throw new NotSupportedException($"{compression} pages of {other} are not read; 'gdal_translate scene.mrf scene.tif' makes a GeoTIFF"),
        };
        if (pageBands > 4 || (compression == "JPEG" && pageBands is not (1 or 3))) throw new InvalidDataException($"{compression} pages cannot hold {pageBands} bands");
        var form = new RasterForm(width, height, compression == "PPNG" ? 3 : bands, bits, 1);
        return new MrfHeader(
            form, pageWidth, pageHeight, compression == "PPNG" ? 3 : pageBands, compression, NoDataOf(raster), PlaceOf(root, width, height),
            Beside(path, raster.Element("IndexFile"), ".idx"), Beside(path, raster.Element("DataFile"), compression switch { "JPEG" => ".pjg", "JPNG" => ".pjp", _ => ".ppg" }));
    }

    private static XElement Load(ReadOnlySpan<byte> xml)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(xml.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 16 << 20 });
            return XElement.Load(reader) is { Name.LocalName: "MRF_META" } root ? root : throw new InvalidDataException("its XML is none of an MRF");
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"its XML cannot be read: {e.Message}", e);
        }
    }

    private static int Number(XElement? element, string name, int otherwise)
    {
        if (element?.Attribute(name)?.Value is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw new InvalidDataException($"{element.Name} says {name}=\"{text}\"");
    }

    private static double? Real(string? text) => double.TryParse(text?.Trim().Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The first band's, where bands have one each.</summary>
    private static double? NoDataOf(XElement raster) => Real(raster.Element("DataValues")?.Attribute("NoData")?.Value);

    private static GeoReference? PlaceOf(XElement root, int width, int height)
    {
        var tags = root.Element("GeoTags");
        var box = tags?.Element("BoundingBox");
        if (Real(box?.Attribute("minx")?.Value) is not { } west || Real(box?.Attribute("miny")?.Value) is not { } south || Real(box?.Attribute("maxx")?.Value) is not { } east
            || Real(box?.Attribute("maxy")?.Value) is not { } north || !(west < east && south < north)) return null;
        // The outermost name of a definition is its last.
        var names = Authority().Matches((tags!.Element("Projection") ?? root.Element("Projection"))?.Value ?? "");
        int? epsg = names.Count > 0 && int.TryParse(names[^1].Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null;
        return new GeoReference(west, north, (east - west) / width, (south - north) / height, epsg);
    }

    private static string Beside(string path, XElement? named, string extension) =>
        named?.Value.Trim() is { Length: > 0 } name ? Path.GetFullPath(name, Path.GetDirectoryName(path)!) : Path.ChangeExtension(path, extension);

    [GeneratedRegex("""(?:AUTHORITY|ID)\["EPSG",\s*"?(\d{1,6})"?\]""")]
    private static partial Regex Authority();
}
