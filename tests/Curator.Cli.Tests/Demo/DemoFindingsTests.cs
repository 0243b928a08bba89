using Curator.Cli.Demo;
using Curator.Cli.Reports;

namespace Curator.Cli.Tests.Demo;

public sealed class DemoFindingsTests
{
    [Fact]
    public async Task Finds_misses_and_false_finds_are_told_apart_and_islands_counted_once()
    {
        using var folder = new TemporaryFolder();
        var data = Small(folder, out var names);

        var findings = await DemoFindings.ScoreAsync(data, [names[0], names[1], names[4]], CancellationToken.None);

        Assert.Equal([names[1], names[0]], findings.Found); // the larger island first
        Assert.Equal([names[2]], findings.Missed);
        Assert.Equal([names[4]], findings.FalseFinds);
        Assert.Equal(new CountedThings("islands", 2, 3), findings.Islands);
        Assert.Equal((2 / 3.0, 2 / 3.0, 2 / 3.0), (findings.Precision, findings.Recall, findings.F1));
    }

    [Fact]
    public async Task Nothing_found_scores_zero_and_not_a_division_by_zero()
    {
        using var folder = new TemporaryFolder();

        var findings = await DemoFindings.ScoreAsync(Small(folder, out _), [], CancellationToken.None);

        Assert.Equal((0.0, 0.0, 0.0), (findings.Precision, findings.Recall, findings.F1));
    }

    [Fact]
    public async Task A_picture_that_is_no_tile_is_refused()
    {
        using var folder = new TemporaryFolder();

        var error = await Assert.ThrowsAsync<DemoDataException>(() => DemoFindings.ScoreAsync(Small(folder, out _), ["holiday.jpg"], CancellationToken.None));

        Assert.Contains("holiday.jpg", error.WhatHappened, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_says_what_was_found_and_by_which_rule()
    {
        using var folder = new TemporaryFolder();
        var data = Small(folder, out var names);
        var findings = await DemoFindings.ScoreAsync(data, [names[0], names[1], names[4]], CancellationToken.None);

        var report = IslandReport.Compose(data, findings, new IslandRun(1, IsSimulated: true, [], null, [], TimeSpan.FromSeconds(1), "./curator demo --simulate"));

        Assert.Equal((2L, 1L, 1L, 1L), (report.Figures.Found, report.Figures.Missed, report.Figures.FalseFinds, report.Figures.LabelsUsed));
        Assert.Equal(2, report.Finds.Pictures.Count);
        Assert.Equal("81.6°N 174.4°W", report.Finds.Pictures[0].Caption);
        Assert.Contains("simulated", report.Lead, StringComparison.Ordinal);
        Assert.Contains(report.Definition, paragraph => paragraph.Contains("16 pixels", StringComparison.Ordinal) && paragraph.Contains("3.0 %", StringComparison.Ordinal));
    }

    /// <summary>Five tiles: three show islands, the second shows the first one's island and a larger one.</summary>
    private static DemoData Small(TemporaryFolder folder, out string[] names)
    {
        var tiles = DemoTile.All.Take(5).Select(tile => tile.FileName).ToArray();
        names = tiles;
        File.WriteAllLines(folder["truth.csv"], tiles.Select((tile, i) => $"\"{tile}\",{(i < 3 ? "yes" : "no")}").Prepend("image,label"));
        File.WriteAllLines(folder["islands.csv"], ["image,island,square_km", $"\"{tiles[0]}\",7,500", $"\"{tiles[1]}\",9,900", $"\"{tiles[1]}\",7,500", $"\"{tiles[2]}\",8,100"]);
        return new DemoData(folder.FullPath, folder["truth.csv"], folder["islands.csv"], folder[tiles[0]], folder["world.jpg"], 5, 3, 3, ["terms"]);
    }
}
