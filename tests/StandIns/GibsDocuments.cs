using System.Globalization;
using System.Text;

namespace Curator.Tests.StandIns;

/// <summary>A layer of the stand-in.</summary>
/// <param name="Grid">Name of a tile matrix set: <c>250m</c>.</param>
/// <param name="Levels">Levels of that set.</param>
/// <param name="Periods">ISO 8601 periods; none for a layer without times.</param>
internal sealed record StandInLayer(string Identifier, string Title, bool Png, string Grid, int Levels, params string[] Periods);

/// <summary>Documents in the server's form.</summary>
internal static class GibsDocuments
{
    private const double MetresPerDegree = 111_319.49079327358;

    /// <summary>Capabilities of one projection.</summary>
    /// <param name="projection"><c>epsg4326</c>, <c>epsg3413</c> or <c>epsg3031</c>.</param>
    public static string Capabilities(string projection, IReadOnlyList<StandInLayer> layers)
    {
        var text = new StringBuilder("""
            <?xml version="1.0" encoding="UTF-8"?>
            <Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">
            <ows:ServiceIdentification><ows:Title xml:lang="en">Stand-in for NASA Global Imagery Browse Services</ows:Title></ows:ServiceIdentification>
            <Contents>

            """);
        foreach (var layer in layers)
        {
            var (type, extension) = layer.Png ? ("image/png", "png") : ("image/jpeg", "jpeg");
            var time = layer.Periods.Length == 0 ? "" : "{Time}/";
            text.Append(CultureInfo.InvariantCulture, $"<Layer><ows:Title xml:lang=\"en\">{layer.Title}</ows:Title><ows:Identifier>{layer.Identifier}</ows:Identifier><Style isDefault=\"true\"><ows:Identifier>default</ows:Identifier></Style><Format>{type}</Format>");
            if (layer.Periods.Length > 0)
                text.Append(CultureInfo.InvariantCulture, $"<Dimension><ows:Identifier>Time</ows:Identifier><ows:UOM>ISO8601</ows:UOM><Default>{layer.Periods[^1].Split('/')[1]}</Default>{string.Concat(layer.Periods.TakeLast(100).Select(period => $"<Value>{period}</Value>"))}</Dimension>");
            text.Append(CultureInfo.InvariantCulture, $"<TileMatrixSetLink><TileMatrixSet>{layer.Grid}</TileMatrixSet></TileMatrixSetLink><ResourceURL format=\"{type}\" resourceType=\"tile\" template=\"https://gibs.earthdata.nasa.gov/wmts/{projection}/best/{layer.Identifier}/default/{time}{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}.{extension}\"/></Layer>\n");
        }
        foreach (var set in layers.Select(layer => (layer.Grid, layer.Levels)).Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"<TileMatrixSet><ows:Identifier>{set.Grid}</ows:Identifier>\n");
            for (var z = 0; z < set.Levels; z++)
            {
                var (denominator, corner, columns, rows) = Matrix(projection, z);
                text.Append(CultureInfo.InvariantCulture, $"<TileMatrix><ows:Identifier>{z}</ows:Identifier><ScaleDenominator>{denominator:R}</ScaleDenominator><TopLeftCorner>{corner}</TopLeftCorner><TileWidth>512</TileWidth><TileHeight>512</TileHeight><MatrixWidth>{columns}</MatrixWidth><MatrixHeight>{rows}</MatrixHeight></TileMatrix>\n");
            }
            text.Append("</TileMatrixSet>\n");
        }
        return text.Append("</Contents></Capabilities>").ToString();
    }

    /// <summary>Columns and rows of a level.</summary>
    public static (double Denominator, string Corner, int Columns, int Rows) Matrix(string projection, int z) => projection == "epsg4326"
        ? (0.5625 / Math.Pow(2, z) * MetresPerDegree / 0.00028, "-180 90", (int)Math.Ceiling(1.25 * Math.Pow(2, z)), (int)Math.Ceiling(0.625 * Math.Pow(2, z)))
        : (8192 / Math.Pow(2, z) / 0.00028, "-4194304 4194304", 2 << z, 2 << z);

    /// <summary>A page of a layer's times.</summary>
    /// <param name="next">Address of the next page; null on the last.</param>
    public static string Domains(IReadOnlyList<string> periods, string? next) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Domains xmlns="http://demo.geo-solutions.it/share/wmts-multidim/wmts_multi_dimensional.xsd" xmlns:ows="http://www.opengis.net/ows/1.1" version="1.1">
          <SpaceDomain><BoundingBox CRS="urn:ogc:def:crs:OGC:2:84" minx="-180" miny="-90" maxx="180" maxy="90"/></SpaceDomain>
          <DimensionDomain><ows:Identifier>time</ows:Identifier><Domain>{string.Join(',', periods)}</Domain><Size>{periods.Count}</Size></DimensionDomain>
          {(next is null ? "" : $"<NextPage>{next.Replace("&", "&amp;", StringComparison.Ordinal)}</NextPage>")}
        </Domains>
        """;

    public static string Exception(string code, string text) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <ExceptionReport xmlns="http://www.opengis.net/ows/1.1" version="1.1.0" xml:lang="en">
          <Exception exceptionCode="{code}" locator="TIME"><ExceptionText>{text}</ExceptionText></Exception>
        </ExceptionReport>
        """;
}
