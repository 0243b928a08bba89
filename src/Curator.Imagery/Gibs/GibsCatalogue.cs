using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Curator.Core.Settings;

namespace Curator.Imagery.Gibs;

/// <summary>A layer as the server's capabilities describe it.</summary>
/// <param name="Identifier">Its name in addresses.</param>
/// <param name="Title">For people.</param>
/// <param name="Format">MIME type: <c>image/jpeg</c>, <c>image/png</c>; vector layers have others.</param>
/// <param name="Extension">Of the tiles' addresses, without the dot.</param>
/// <param name="Grid">Its tile matrix set.</param>
/// <param name="Domain">Its times as far as the capabilities tell, which is the latest hundred periods.</param>
public sealed record GibsLayer(string Identifier, string Title, string Format, string Extension, GibsGrid Grid, GibsDomain Domain)
{
    /// <summary>Whether tiles are pictures.</summary>
    public bool IsPicture => Format is "image/jpeg" or "image/png";

    /// <summary>The layer's finest resolution: <c>250m</c>.</summary>
    public string Resolution => Grid.ResolutionName(Grid.Levels[^1]);
}

/// <summary>Layers and grids of one projection. Immutable.</summary>
public sealed class GibsCatalogue
{
    private const double StandardPixel = 0.00028;
    private const double MetresPerDegree = 111_319.49079327358;
    private const double CoarsestDegrees = 0.5625;

    private GibsCatalogue(GibsProjection projection, IReadOnlyList<GibsLayer> layers) => (Projection, Layers) = (projection, layers);

    public GibsProjection Projection { get; }

    /// <summary>By identifier.</summary>
    public IReadOnlyList<GibsLayer> Layers { get; }

    /// <summary>Reads a WMTS 1.0.0 capabilities document. Layers whose grid is not described are left out.</summary>
    /// <exception cref="GibsException">It is none.</exception>
    public static GibsCatalogue Parse(Stream document, GibsProjection projection)
    {
        try
        {
            using var reader = XmlReader.Create(document, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 256 << 20 });
            var contents = Child(XDocument.Load(reader).Root ?? throw new XmlException("there is no root element"), "Contents") ?? throw new XmlException("there is no Contents element");
            var grids = Children(contents, "TileMatrixSet").Select(set => ReadGrid(set, projection)).OfType<GibsGrid>().DistinctBy(grid => grid.Name).ToDictionary(grid => grid.Name);
            var layers = Children(contents, "Layer").Select(layer => ReadLayer(layer, grids)).OfType<GibsLayer>();
            return new GibsCatalogue(projection, [.. layers.DistinctBy(layer => layer.Identifier).OrderBy(layer => layer.Identifier, StringComparer.Ordinal)]);
        }
        catch (Exception error) when (error is XmlException or FormatException or OverflowException)
        {
            throw new GibsException($"The server's list of layers cannot be read: {error.Message}", "Check --address; 'curator layers --refresh' fetches the list anew.", error) { ServerFailed = true };
        }
    }

    /// <exception cref="GibsException">No layer of that name; names the nearest.</exception>
    public GibsLayer Find(string identifier)
    {
        ArgumentException.ThrowIfNullOrEmpty(identifier);
        if (Layers.FirstOrDefault(layer => layer.Identifier == identifier) is { } exact) return exact;
        var sameButCase = Layers.Where(layer => layer.Identifier.Equals(identifier, StringComparison.OrdinalIgnoreCase)).ToList();
        if (sameButCase.Count == 1) return sameButCase[0];
        var near = NearMiss.Find(identifier, Layers.Select(layer => layer.Identifier));
        throw new GibsException(
            $"There is no layer '{identifier}' among the {Layers.Count:N0} of this projection.",
            near is null ? $"Look for it: 'curator layers {identifier.Replace('_', ' ')}'." : $"Did you mean '{near}'? 'curator layers WORDS' looks for others.");
    }

    /// <summary>Layers whose identifier or title contains every word, in any case.</summary>
    public IEnumerable<GibsLayer> Search(IReadOnlyList<string> words) =>
        Layers.Where(layer => words.All(word =>
            layer.Identifier.Contains(word, StringComparison.OrdinalIgnoreCase) || layer.Title.Contains(word, StringComparison.OrdinalIgnoreCase)));

    private static GibsGrid? ReadGrid(XElement set, GibsProjection projection)
    {
        var levels = new List<GibsLevel>();
        var (left, top) = (0.0, 0.0);
        foreach (var matrix in Children(set, "TileMatrix"))
        {
            var size = Number(matrix, "ScaleDenominator") * StandardPixel;
            if (projection == GibsProjection.Geographic)
            {
                size /= MetresPerDegree;
                // The server halves 0.5625 degrees; documents round it, and older ones take another radius of the Earth.
                var halved = CoarsestDegrees / Math.Pow(2, levels.Count);
                if (Math.Abs(size / halved - 1) < 0.005) size = halved;
            }
            else
            {
                size = Math.Round(size, 6);
            }
            var corner = Text(matrix, "TopLeftCorner").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (corner.Length != 2) throw new FormatException("a TopLeftCorner is no pair of numbers");
            (left, top) = (Parse(corner[0]), Parse(corner[1]));
            var level = new GibsLevel(
                levels.Count, size, Whole(matrix, "TileWidth"), Whole(matrix, "TileHeight"), Whole(matrix, "MatrixWidth"), Whole(matrix, "MatrixHeight"));
            if (!(level.PixelSize > 0) || level.TileWidth is < 1 or > 4096 || level.TileHeight is < 1 or > 4096 || level.Columns < 1 || level.Rows < 1)
                throw new FormatException($"tile matrix {level.Number} has no size");
            // Levels are addressed by their number; a set that names them otherwise is none of the server's.
            if (Text(matrix, "Identifier") != level.Number.ToString(CultureInfo.InvariantCulture)) return null;
            levels.Add(level);
        }
        return levels.Count == 0 ? null : new GibsGrid(Text(set, "Identifier"), projection, left, top, levels);
    }

    private static GibsLayer? ReadLayer(XElement layer, Dictionary<string, GibsGrid> grids)
    {
        var links = Children(layer, "TileMatrixSetLink").Select(link => Text(link, "TileMatrixSet"));
        if (links.Select(name => grids.GetValueOrDefault(name)).FirstOrDefault(grid => grid is not null) is not { } grid) return null;
        var format = Children(layer, "Format").Select(element => element.Value.Trim()).FirstOrDefault() ?? "";
        var times = Children(layer, "Dimension").Where(dimension => Text(dimension, "Identifier").Equals("time", StringComparison.OrdinalIgnoreCase))
            .SelectMany(dimension => Children(dimension, "Value").Select(value => value.Value));
        var template = Children(layer, "ResourceURL").Where(url => (string?)url.Attribute("resourceType") == "tile").Select(url => (string?)url.Attribute("template") ?? "").FirstOrDefault() ?? "";
        var dot = template.LastIndexOf('.');
        var extension = dot > template.LastIndexOf('/') && template[(dot + 1)..].All(char.IsAsciiLetterOrDigit) && dot + 1 < template.Length
            ? template[(dot + 1)..] : format == "image/png" ? "png" : format == "image/jpeg" ? "jpg" : "mvt";
        var identifier = Text(layer, "Identifier");
        return new GibsLayer(identifier, Text(layer, "Title") is { Length: > 0 } title ? title : identifier, format, extension, grid, GibsDomain.Parse(times));
    }

    private static IEnumerable<XElement> Children(XElement parent, string name) => parent.Elements().Where(element => element.Name.LocalName == name);

    private static XElement? Child(XElement parent, string name) => Children(parent, name).FirstOrDefault();

    private static string Text(XElement parent, string name) => Child(parent, name)?.Value.Trim() ?? "";

    private static double Number(XElement parent, string name) => Parse(Text(parent, name));

    private static double Parse(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static int Whole(XElement parent, string name) => int.Parse(Text(parent, name), NumberStyles.None, CultureInfo.InvariantCulture);
}
