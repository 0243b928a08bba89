using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Geography;
using Curator.Imagery.Scenes;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Scenes;

public sealed class SceneCutterTests
{
    [Theory]
    [InlineData(8, 1, 3)]
    [InlineData(16, 1, 7)]
    [InlineData(16, 2, 1)]
    [InlineData(32, 3, 2)]
    [InlineData(64, 3, 1)]
    public void GeoTIFF_tiles_keep_every_band_bit_and_place(int bits, int format, int bands)
    {
        using var folder = new TemporaryFolder();
        const int Width = 70, Height = 50;
        var place = new GeoReference(399_960, 5_200_020, 10, -10, 32633);
        var form = new RasterForm(Width, Height, bands, bits, format);
        var samples = new byte[Width * Height * form.PixelBytes];
        for (var i = 0; i < samples.Length; i++) samples[i] = (byte)(i * 131 % 251 & (bits == 32 ? 63 : 127));
        File.WriteAllBytes(folder["scene_2021-05-06.tif"], GeoTiffWriter.Encode(samples, form, place, -1));
        var tiles = Cut(folder, "scene_2021-05-06.tif", new CutOptions { Tile = "32x24", Overlap = 0.5, Format = CutFormat.Tiff });
        Assert.Equal(16, tiles.Count); // 4 columns of step 16, 4 rows of step 12, the last moved back.
        foreach (var tile in tiles)
        {
            var bytes = File.ReadAllBytes(tile.Path);
            Assert.Null(TiffHeader.TryRead(bytes, out var header, out _));
            Assert.Equal((32, 24, bands, bits, format), (header.Width, header.Height, header.Samples, header.Bits, header.SampleFormat));
            var tags = GeoTags.Read(bytes);
            Assert.Equal((place with { OriginX = 399_960 + 10 * tile.X, OriginY = 5_200_020 - 10 * tile.Y }, -1.0), (tags.Place, tags.NoData));
            using var read = TiffSamples.Open(bytes, header, out _, out _)!;
            var back = new byte[32 * 24 * form.PixelBytes];
            for (var top = 0; top < 24; top += read.RunRows) read.Read(top, [.. Enumerable.Range(0, bands)], back.AsSpan(top * 32 * form.PixelBytes));
            for (var y = 0; y < 24; y++)
                Assert.Equal(samples.AsSpan(((tile.Y + y) * Width + tile.X) * form.PixelBytes, 32 * form.PixelBytes).ToArray(), back.AsSpan(y * 32 * form.PixelBytes, 32 * form.PixelBytes).ToArray());
            Assert.True(TileName.TryParse(tile.Path, out var date, out var box));
            Assert.Equal(new DateOnly(2021, 5, 6), date);
            Assert.InRange(box.West - tile.Footprint!.Value.West, -1e-6, 1e-6);
        }

        Assert.All(Cut(folder, "scene_2021-05-06.tif", new CutOptions { Tile = "32x24", Overlap = 0.5, Format = CutFormat.Tiff }), tile => Assert.False(tile.Written));
    }

    [Theory]
    [InlineData(TileBoundary.Shift, 3, 0)]
    [InlineData(TileBoundary.Pad, 3, 1)]
    [InlineData(TileBoundary.Discard, 2, 0)]
    public void The_last_tile_is_moved_padded_or_dropped(TileBoundary boundary, int columns, int padded)
    {
        using var folder = new TemporaryFolder();
        var rgb = Pictures.Noise(50, 20);
        for (var i = 0; i < rgb.Length; i++) rgb[i] |= 1;
        File.WriteAllBytes(folder["s.png"], Pictures.Png(rgb, 50, 20));
        var tiles = Cut(folder, "s.png", new CutOptions { Tile = "20", Overlap = 0, Boundary = boundary, Format = CutFormat.Png });
        Assert.Equal(columns, tiles.Count);
        Assert.Equal(padded, tiles.Count(tile => tile.NoDataShare == 0.5));
        Assert.Equal(boundary == TileBoundary.Pad ? tiles.Count - 1 : tiles.Count, Cut(folder, "s.png", new CutOptions { Tile = "20", Overlap = 0, Boundary = boundary, Format = CutFormat.Png, MaxNodata = 0.4 }).Count);
    }

    [Fact]
    public void World_files_and_boxes_give_places_and_MODIS_folders()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["s20200815.jpg"], Pictures.Jpeg(Pictures.Rgb(64, 32), 64, 32));
        var boxed = Cut(folder, "s20200815.jpg", new CutOptions { Tile = "32", Overlap = 0, Bbox = "-10,170,0,-170", Folders = CutFolders.Modis });
        Assert.Equal([new BoundingBox(-10, 170, 0, 180), new BoundingBox(-10, -180, 0, -170)], boxed.Select(tile => tile.Footprint));
        Assert.Equal(["h35v09/2020-08-15_-10.0000,0170.0000,000.0000,0180.0000.jpg", "h00v09/2020-08-15_-10.0000,-180.0000,000.0000,-170.0000.jpg"],
            boxed.Select(tile => Path.GetRelativePath(folder["out"], tile.Path)));
        File.WriteAllText(folder["s20200815.jgw"], new GeoReference(10, 50, 0.1, -0.1, null).ToWorldFile());
        Assert.Equal(new BoundingBox(46.8, 10, 50, 13.2), Rounded(Cut(folder, "s20200815.jpg", new CutOptions { Tile = "32", Overlap = 0 })[0].Footprint));
    }

    [Fact]
    public void Pictures_with_opacity_and_sixteen_bits_keep_both()
    {
        using var folder = new TemporaryFolder();
        var samples = new byte[2 * 4 * 40 * 30];
        for (var i = 0; i < samples.Length; i++) samples[i] = (byte)(i * 37 + i / 7);
        File.WriteAllBytes(folder["deep.png"], Pictures.RawPng(40, 30, 6, 16, samples));
        var tile = Cut(folder, "deep.png", new CutOptions { Tile = "16", Overlap = 0, Boundary = TileBoundary.Discard })[0];
        Assert.EndsWith(".tif", tile.Path, StringComparison.Ordinal);
        Assert.Null(TiffHeader.TryRead(File.ReadAllBytes(tile.Path), out var header, out _));
        Assert.Equal((4, 16), (header.Samples, header.Bits));
        Assert.EndsWith(".png", Cut(folder, "deep.png", new CutOptions { Tile = "16", Overlap = 0, Format = CutFormat.Png })[0].Path, StringComparison.Ordinal);
        Assert.Throws<WorkspaceException>(() => Cut(folder, "deep.png", new CutOptions { Tile = "16", Format = CutFormat.Jpeg }));
    }

    private static List<CutTile> Cut(TemporaryFolder folder, string scene, CutOptions options) => [.. SceneCutter.Cut(folder[scene], folder["out"], options, CancellationToken.None)];

    private static BoundingBox? Rounded(BoundingBox? box) =>
        box is { } b ? new BoundingBox(Math.Round(b.South, 9), Math.Round(b.West, 9), Math.Round(b.North, 9), Math.Round(b.East, 9)) : null;
}
