using Curator.Cli.Reports;
using Curator.Core.Images;

namespace Curator.Cli.Demo;

/// <summary>What only the run itself knows about itself.</summary>
/// <param name="LabelsUsed">Tiles that a person, or the simulated one, looked at.</param>
/// <param name="IsSimulated">Whether the coastlines answered instead of a person.</param>
/// <param name="ExamplePicture">The user's own example; null for the demo's.</param>
internal sealed record IslandRun(
    int LabelsUsed,
    bool IsSimulated,
    IReadOnlyList<CurvePoint> Curve,
    CurveBand? Baseline,
    IReadOnlyList<StageTime> Stages,
    TimeSpan Total,
    string Command,
    string? ExamplePicture = null);

/// <summary>Puts the demo's run, findings and words together for <see cref="HtmlReport"/>.</summary>
internal static class IslandReport
{
    public static DemoReport Compose(DemoData data, DemoFindings findings, IslandRun run)
    {
        var boxes = DemoTile.All.ToDictionary(tile => tile.FileName, tile => tile.Box);
        PictureGroup Sheet(IReadOnlyList<string> files) => new(
            files.Count, [.. files.Take(HtmlReport.MostPictures).Select(file => new ReportPicture(Path.Combine(data.TilesDirectory, file), ReportMap.Place(boxes[file])))]);
        List<BoundingBox> Boxes(IReadOnlyList<string> files) => [.. files.Select(file => boxes[file])];
        var person = run.IsSimulated ? "A simulated person" : "A person";
        return new DemoReport
        {
            Title = "Every island on Earth",
            Lead = $"From one picture of an island, Curator looked through {HtmlReport.Number(data.TileCount)} tiles of NASA's Blue Marble. " +
                $"{person} answered for {HtmlReport.Number(run.LabelsUsed)} of them.",
            Figures = new ReportFigures(
                data.TileCount, findings.Found.Count, findings.Missed.Count, findings.FalseFinds.Count, run.LabelsUsed,
                findings.F1, findings.Precision, findings.Recall)
            {
                Total = run.Total,
                Things = findings.Islands,
            },
            Example = run.ExamplePicture is { } own
                ? new ReportPicture(own, Path.GetFileName(own))
                : new ReportPicture(data.ExamplePicture, DemoPlan.ExampleName),
            Curve = run.Curve,
            Baseline = run.Baseline,
            Stages = run.Stages,
            Finds = Sheet(findings.Found),
            Misses = Sheet(findings.Missed),
            FalseFinds = Sheet(findings.FalseFinds),
            Map = new WorldMap(data.WorldPicture, Boxes(findings.Found), Boxes(findings.Missed), Boxes(findings.FalseFinds)),
            Definition = Definition,
            Terms = data.Terms,
            Command = run.Command,
        };
    }

    /// <summary>The words of <c>docs/demo.md</c> in short.</summary>
    internal static IReadOnlyList<string> Definition { get; } =
    [
        $"The picture, 4,096×2,048 pixels, was cut into tiles of {DemoPlan.TileSide}×{DemoPlan.TileSide} pixels that overlap by half, at three zooms: 5.6°, 11.25° and 22.5° wide.",
        $"A tile is an island tile when a piece of land lies whole inside it with {DemoPlan.EdgePixels} pixels to spare, covers at least {DemoPlan.LeastIslandPixels} pixels, " +
        $"and has at least {HtmlReport.Percent(DemoPlan.LeastShareOfOtherLand)} of the area of the land that the tile's edge cuts. Natural Earth's coastlines decide; the encoder and the classifier never see them.",
        "Scores are over all tiles, the labeled ones included. An island counts as found when at least one found tile shows it whole. " +
        "Left out: specks below 16 pixels, islands too large for the widest tile such as Greenland and New Guinea, and everything south of 61.9° south.",
    ];
}
