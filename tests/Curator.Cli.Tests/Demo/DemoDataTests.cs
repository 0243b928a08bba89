using Curator.Cli.Demo;
using Curator.Core.Images;
using Curator.Imagery;
using Curator.Imagery.Decoding;
using Curator.Imagery.Scenes;

namespace Curator.Cli.Tests.Demo;

public sealed class DemoDataTests
{
    [Fact]
    public void Tiles_cover_each_latitude_band_once_around_the_Earth_and_have_their_own_names()
    {
        var tiles = DemoTile.All;

        Assert.Equal([(1, 128 * 51), (2, 64 * 25), (4, 32 * 12)], tiles.GroupBy(tile => tile.Zoom).Select(zoom => (zoom.Key, zoom.Count())));
        Assert.Equal(tiles.Count, tiles.Select(tile => tile.FileName).Distinct().Count());
        Assert.Equal(new BoundingBox(78.75, -180, 84.375, -174.375), tiles[0].Box);
        Assert.Equal("2004-12-01_078.7500,-180.0000,084.3750,-174.3750.jpg", tiles[0].FileName);
        Assert.Equal("2004-12-01_078.7500,0177.1875,084.3750,-177.1875.jpg", tiles[127].FileName);
        Assert.All(tiles, tile => Assert.InRange(tile.Box.South, -61.875, 84.375));
        Assert.All(tiles, tile => Assert.True(TileName.TryParse(tile.FileName, out var date, out var box) && date == BlueMarble.Date && box == tile.Box));
    }

    [Fact]
    public void A_tile_across_the_antimeridian_continues_at_the_left_edge()
    {
        const int width = BlueMarble.Width;
        var pixels = new byte[3 * width * 128];
        for (var i = 0; i < width * 128; i++) (pixels[3 * i], pixels[3 * i + 1]) = ((byte)(i % width), (byte)(i / width));

        var tile = TileCutter.Crop(new RgbImage(width, 128, pixels), new DemoTile(1, 4064, 64)).Rgb.Span;

        for (var y = 0; y < 64; y++)
            for (var x = 0; x < 64; x++)
            {
                Assert.Equal((byte)((4064 + x) % width), tile[3 * (64 * y + x)]);
                Assert.Equal((byte)(64 + y), tile[3 * (64 * y + x) + 1]);
            }
    }

    [Fact]
    public async Task Tiles_truth_and_example_are_made_once_and_found_again()
    {
        using var folder = new TemporaryFolder();
        var made = await DemoData.PrepareAsync(DemoPackages.Directory, folder.FullPath, null, CancellationToken.None);

        var lines = await File.ReadAllLinesAsync(made.TruthCsv);
        Assert.Equal("image,label", lines[0]);
        Assert.Equal(DemoTile.All.Select(tile => $"\"{tile.FileName}\""), lines.Skip(1).Select(line => line[..line.LastIndexOf(',')]));
        Assert.Equal(made.PositiveCount, lines.Count(line => line.EndsWith(",yes", StringComparison.Ordinal)));
        Assert.Equal(8_512, made.TileCount);
        Assert.InRange(made.PositiveCount, made.TileCount * 3 / 100, made.TileCount * 15 / 100);
        Assert.Equal(made.IslandCount, (await File.ReadAllLinesAsync(made.IslandsCsv)).Skip(1).Select(line => line.Split("\",")[1]).Distinct().Count());
        Assert.Contains(lines, line => line == $"\"{Path.GetFileName(made.ExamplePicture)}\",yes");
        var example = new ImageDecoder().DecodeFile(made.ExamplePicture, DecodeOptions.Default).Image;
        Assert.Equal((64, 64), (example?.Width, example?.Height));

        var stamp = File.GetLastWriteTimeUtc(made.ExamplePicture);
        var again = await DemoData.PrepareAsync(Path.GetDirectoryName(DemoPackages.Directory)!, folder.FullPath, null, CancellationToken.None);
        Assert.Equal(made with { Terms = [] }, again with { Terms = [] });
        Assert.Equal(stamp, File.GetLastWriteTimeUtc(made.ExamplePicture));

        File.Delete(made.ExamplePicture);
        await DemoData.PrepareAsync(DemoPackages.Directory, folder.FullPath, null, CancellationToken.None);
        Assert.True(File.Exists(made.ExamplePicture));
    }

    [Fact]
    public async Task An_interrupted_preparation_is_finished_by_the_next_one()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var progress = new Stopper(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => DemoData.PrepareAsync(DemoPackages.Directory, folder.FullPath, progress, stop.Token));
        Assert.False(Directory.Exists(folder["tiles"]));

        var data = await DemoData.PrepareAsync(DemoPackages.Directory, folder.FullPath, null, CancellationToken.None);

        Assert.Equal(data.TileCount, Directory.EnumerateFiles(data.TilesDirectory).Count());
        Assert.False(Directory.Exists(folder[".tiles-partial"]));
    }

    [Fact]
    public async Task Missing_packages_are_named_with_the_way_to_install_them()
    {
        using var folder = new TemporaryFolder();

        var error = await Assert.ThrowsAsync<DemoDataException>(
            () => DemoData.PrepareAsync(folder["nothing"], folder["out"], null, CancellationToken.None));

        Assert.Contains("earth-blue-marble.jpg", error.WhatHappened, StringComparison.Ordinal);
        Assert.Contains("./curator demo", error.NextStep, StringComparison.Ordinal);
    }

    /// <summary>Cancels when the first tiles were cut.</summary>
    private sealed class Stopper(CancellationTokenSource stop) : IProgress<Core.Shards.StageProgress>
    {
        public void Report(Core.Shards.StageProgress value) => stop.Cancel();
    }
}
