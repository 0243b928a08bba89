using System.Text.RegularExpressions;
using System.Xml.Linq;
using Curator.Cli.Reports;
using Curator.Core.Images;
using Curator.Imagery;
using Curator.Imagery.Thumbnails;

namespace Curator.Cli.Tests.Demo;

public sealed class HtmlReportTests
{
    [Fact]
    public void A_full_report_is_well_formed_and_loads_nothing_from_elsewhere()
    {
        using var folder = new TemporaryFolder();

        var html = HtmlReport.Render(Full(folder));

        Assert.DoesNotMatch(new Regex("https?:|//[a-z]|@import|url\\(|<script|<link|<iframe", RegexOptions.IgnoreCase), WithoutPictures(html));
        Assert.All(Regex.Matches(html, "(?:src|href)=\"([^\"]*)\"").Select(match => match.Groups[1].Value), uri => Assert.StartsWith("data:image/jpeg;base64,", uri));
        var root = Parse(html);
        Assert.Equal("Every <island> & more", root.Descendants("h1").Single().Value);
        Assert.All(root.Descendants("img"), image => Assert.NotEqual("", image.Attribute("alt")?.Value));
        Assert.All(root.Descendants("svg"), drawing => Assert.NotEqual("", drawing.Attribute("aria-label")?.Value));
        var ids = root.Descendants().Select(element => element.Attribute("id")?.Value).OfType<string>().ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Every_headline_number_is_there()
    {
        using var folder = new TemporaryFolder();

        var figures = Parse(HtmlReport.Render(Full(folder))).Descendants("dl").Single().Elements("div")
            .Select(figure => (figure.Element("dt")!.Value, figure.Descendants("b").Single().Value));

        Assert.Equal(
            [
                ("islands found", "170"), ("pictures found", "350"), ("missed", "34"), ("false finds", "21"), ("F1", "0.927"), ("labels used", "851"),
                ("looking saved", "90 %"), ("whole run", "5 min 02 s"),
            ],
            figures);
    }

    [Fact]
    public void A_report_without_truth_and_places_says_only_what_is_known()
    {
        var root = Parse(HtmlReport.Render(new DemoReport
        {
            Title = "River", Lead = "One picture.", Figures = new ReportFigures(1_000, 40, null, null, 100, null, null, null),
        }));

        Assert.Equal(["pictures found", "labels used", "looking saved"], root.Descendants("dl").Single().Descendants("dt").Select(name => name.Value));
        Assert.Empty(root.Descendants("svg"));
        Assert.Empty(root.Descendants("h2"));
    }

    [Fact]
    public void The_map_puts_marks_at_the_middle_of_their_tiles_even_across_the_antimeridian()
    {
        using var folder = new TemporaryFolder();
        var map = new WorldMap(Picture(folder), [new BoundingBox(10, 20, 14, 24)], [new BoundingBox(-8, 178, -4, -178)], [new BoundingBox(0, 177, 4, -179)]);

        var drawing = XElement.Parse(ReportMap.Render(map, new Thumbnailer()));

        Assert.Equal([("22", "-12", "1"), ("180", "6", "1")], drawing.Descendants("circle").Select(mark =>
            (mark.Attribute("cx")!.Value, mark.Attribute("cy")!.Value, mark.Attribute("r")!.Value)));
        Assert.Equal("translate(179 -2) scale(1)", drawing.Descendants("path").Single().Attribute("transform")!.Value);
        Assert.Equal("6.0°S 180.0°E", ReportMap.Place(map.Missed[0]));
    }

    [Fact]
    public void The_curve_runs_from_the_bottom_left_to_the_top_right()
    {
        var curve = ReportCurve.Render([new CurvePoint(0, 0, 0, 0), new CurvePoint(1_000, 1, 1, 1)], null);

        var line = XElement.Parse("<all>" + curve + "</all>").Descendants("polyline").Single(element => element.Attribute("class")!.Value == "f1");

        Assert.Equal("36,230 418,14", line.Attribute("points")!.Value);
    }

    [Fact]
    public void A_picture_that_has_vanished_is_said_and_the_rest_shown()
    {
        using var folder = new TemporaryFolder();
        var report = Full(folder) with { Misses = new PictureGroup(2, [new(folder["gone.jpg"], "gone"), new(Picture(folder), "here")]) };

        var missed = Parse(HtmlReport.Render(report)).Descendants("section").Single(section => section.Attribute("id")?.Value == "missed");

        Assert.Equal("cannot be read", Assert.Single(missed.Descendants("span"), span => span.Attribute("class")?.Value == "unreadable").Value);
        Assert.Single(missed.Descendants("img"));
    }

    [Fact]
    public void A_long_contact_sheet_is_cut_and_says_so()
    {
        using var folder = new TemporaryFolder();
        var picture = new ReportPicture(Picture(folder), "one of many");
        var report = Full(folder) with { Finds = new PictureGroup(1_234, [.. Enumerable.Repeat(picture, HtmlReport.MostPictures + 5)]) };

        var found = Parse(HtmlReport.Render(report)).Descendants("section").Single(section => section.Attribute("id")?.Value == "found");

        Assert.Equal(HtmlReport.MostPictures, found.Descendants("img").Count());
        Assert.Contains("934 more", found.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_replaces_the_file_at_once()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["report.html"], "old");

        HtmlReport.Write(folder["report.html"], Full(folder));

        Assert.StartsWith("<!doctype html>", File.ReadAllText(folder["report.html"]), StringComparison.Ordinal);
        Assert.Equal(["picture.jpg", "report.html"], Directory.EnumerateFiles(folder.FullPath).Select(Path.GetFileName).Order());
    }

    private static DemoReport Full(TemporaryFolder folder)
    {
        var picture = new ReportPicture(Picture(folder), "18.1°N 77.3°W \"quoted\" <tag>");
        return new DemoReport
        {
            Title = "Every <island> & more",
            Lead = "One picture.",
            Figures = new ReportFigures(8_512, 350, 34, 21, 851, 0.927, 0.943, 0.911)
            {
                Total = TimeSpan.FromSeconds(302), Things = new CountedThings("islands", 170, 179),
            },
            Example = picture,
            Curve = [new(100, 0.5, 0.6, 0.4), new(851, 0.927, 0.943, 0.911)],
            Baseline = new CurveBand("random picks", [new(100, 0.3, 0.2, 0.4), new(851, 0.5, 0.4, 0.6)]),
            Stages = [new("train", TimeSpan.FromSeconds(170), "4,096 tiles"), new("classify", TimeSpan.FromSeconds(0.4), "")],
            Finds = new PictureGroup(350, [picture, picture]),
            Misses = new PictureGroup(34, [picture]),
            FalseFinds = new PictureGroup(21, [picture]),
            Map = new WorldMap(picture.Path, [new(0, 0, 5, 5)], [new(10, 10, 15, 15)], [new(20, 20, 25, 25)]),
            Definition = ["An island is <whole>."],
            Terms = ["NASA & Natural Earth"],
            Command = "./curator demo --simulate",
        };
    }

    private static string Picture(TemporaryFolder folder)
    {
        var path = folder["picture.jpg"];
        if (!File.Exists(path)) File.WriteAllBytes(path, new Thumbnailer().Jpeg(new RgbImage(8, 4, new byte[8 * 4 * 3]), 8));
        return path;
    }

    private static string WithoutPictures(string html) => Regex.Replace(html, "base64,[A-Za-z0-9+/=]*", "");

    /// <summary>HTML as XML: void elements are closed first; anything not well formed then fails.</summary>
    private static XElement Parse(string html) =>
        XElement.Parse(Regex.Replace(html.Replace("<!doctype html>", "", StringComparison.Ordinal), "<(meta|img)([^>]*)>", "<$1$2/>"));
}
