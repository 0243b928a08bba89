using System.Globalization;
using System.Text;
using Curator.Core.Images;
using Curator.Imagery.Thumbnails;

namespace Curator.Cli.Reports;

/// <summary>
/// Draws tiles on a picture of the Earth as inline SVG: one unit a degree. Found, missed and false tiles differ in shape as well as in colour.
/// </summary>
internal static class ReportMap
{
    private const int PictureWidth = 1_440;

    public static string Render(WorldMap map, Thumbnailer thumbnails)
    {
        var jpeg = thumbnails.Jpeg(map.WorldPicture, PictureWidth, 82);
        var svg = new StringBuilder(
            "<figure class=\"map\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"World map, scrolls sideways\">" +
            $"<svg viewBox=\"-180 -85 360 147\" role=\"img\" aria-label=\"World map with {map.Found.Count} found, {map.Missed.Count} missed and {map.FalseFinds.Count} false tiles\">\n" +
            $"<image x=\"-180\" y=\"-90\" width=\"360\" height=\"180\" preserveAspectRatio=\"none\" href=\"{HtmlReport.DataUri(jpeg)}\"/>\n");
        Marks(svg, "found", map.Found, (x, y, r) => $"<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"");
        Marks(svg, "missed", map.Missed, (x, y, r) => $"<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"");
        Marks(svg, "false", map.FalseFinds, (x, y, r) => $"<path transform=\"translate({x} {y}) scale({r})\" d=\"M-1-1 1 1M-1 1 1-1\"");
        return svg.Append(
            "</svg></div>\n<figcaption class=\"legend\">" +
            $"<span class=\"found\">found {HtmlReport.Number(map.Found.Count)}</span><span class=\"missed\">missed {HtmlReport.Number(map.Missed.Count)}</span>" +
            $"<span class=\"false\">false {HtmlReport.Number(map.FalseFinds.Count)}</span><span>a larger mark is a larger tile</span></figcaption></figure>\n").ToString();
    }

    private static void Marks(StringBuilder svg, string kind, IReadOnlyList<BoundingBox> boxes, Func<string, string, string, string> shape)
    {
        svg.Append($"<g class=\"{kind}\">\n");
        foreach (var box in boxes)
        {
            var width = box.CrossesAntimeridian ? box.East + 360 - box.West : box.East - box.West;
            var middle = box.West + width / 2;
            if (middle > 180) middle -= 360;
            var latitude = (box.South + box.North) / 2;
            svg.Append(shape(Number(middle), Number(-latitude), Number(0.5 * Math.Sqrt(width)))).Append("><title>")
                .Append(kind).Append(": ").Append(Place(latitude, middle)).Append("</title></").Append(kind == "false" ? "path" : "circle").Append(">\n");
        }
        svg.Append("</g>\n");
    }

    /// <summary><c>18.1°N 77.3°W</c>: the middle of a tile in words.</summary>
    public static string Place(BoundingBox box)
    {
        var east = box.CrossesAntimeridian ? box.East + 360 : box.East;
        var middle = (box.West + east) / 2;
        return Place((box.South + box.North) / 2, middle > 180 ? middle - 360 : middle);
    }

    private static string Place(double latitude, double longitude) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Math.Abs(latitude):0.0}°{(latitude < 0 ? 'S' : 'N')} {Math.Abs(longitude):0.0}°{(longitude < 0 ? 'W' : 'E')}");

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
