using CsCheck;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Scenes;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Scenes;

public sealed class SceneTilerTests
{
    private static readonly DateOnly Date = new(2020, 9, 27);
    private static readonly BoundingBox Box = new(10, 20, 20, 40);

    private static List<SceneTile> Cut(string scene, string output, TilerOptions options, BoundingBox? box = null) =>
        [.. SceneTiler.Cut(scene, box ?? Box, Date, output, options, TestContext.Current.CancellationToken)];

    [Fact]
    public void Tiles_are_the_very_pixels_of_the_scene()
    {
        using var folder = new TemporaryFolder();
        const int Width = 230, Height = 117;
        var rgb = Pictures.Noise(Width, Height);
        File.WriteAllBytes(folder["scene.png"], Pictures.Png(rgb, Width, Height));
        foreach (var boundary in Enum.GetValues<TileBoundary>())
        {
            var options = new TilerOptions { TileWidth = 64, TileHeight = 40, Overlap = 0.25, Boundary = boundary, Format = TileFormat.Png };
            var tiles = Cut(folder["scene.png"], folder[boundary.ToString()], options);
            Assert.Equal(Directory.GetFiles(folder[boundary.ToString()]).Order(), tiles.Select(t => t.Path).Order());
            foreach (var tile in tiles)
            {
                var image = new ImageDecoder().DecodeFile(tile.Path, DecodeOptions.Default).Image!;
                Assert.Equal((64, 40), (image.Width, image.Height));
                for (var y = 0; y < 40; y++)
                    for (var x = 0; x < 64; x++)
                    {
                        var inside = tile.X + x < Width && tile.Y + y < Height;
                        Assert.True(inside || boundary == TileBoundary.Pad);
                        var expected = inside ? rgb.AsSpan(3 * ((tile.Y + y) * Width + tile.X + x), 3) : [0, 0, 0];
                        Assert.True(expected.SequenceEqual(image.Pixels.Span.Slice(3 * (y * 64 + x), 3)));
                    }
            }
        }
    }

    [Theory]
    [InlineData(100, 40, 0.0, TileBoundary.Shift, "0 40 60")]
    [InlineData(100, 40, 0.0, TileBoundary.Pad, "0 40 80")]
    [InlineData(100, 40, 0.0, TileBoundary.Discard, "0 40")]
    [InlineData(100, 40, 0.5, TileBoundary.Shift, "0 20 40 60")]
    [InlineData(100, 50, 0.0, TileBoundary.Pad, "0 50")]
    [InlineData(30, 40, 0.5, TileBoundary.Shift, "0")]
    [InlineData(30, 40, 0.5, TileBoundary.Pad, "0")]
    [InlineData(30, 40, 0.5, TileBoundary.Discard, "")]
    [InlineData(5, 2, 0.99, TileBoundary.Shift, "0 1 2 3")]
    public void Tiles_begin_where_the_boundary_mode_says(int size, int tile, double overlap, TileBoundary boundary, string expected) =>
        Assert.Equal(expected, string.Join(' ', TilePlan.Starts(size, tile, overlap, boundary)));

    [Fact]
    public void Shift_and_pad_cover_every_pixel_and_shift_never_leaves_the_scene() =>
        Gen.Select(Gen.Int[1, 500], Gen.Int[1, 120], Gen.Double[0, 0.99]).Sample((size, tile, overlap) =>
        {
            foreach (var boundary in (TileBoundary[])[TileBoundary.Shift, TileBoundary.Pad])
            {
                var starts = TilePlan.Starts(size, tile, overlap, boundary);
                var reached = 0;
                foreach (var start in starts)
                {
                    Assert.True(start <= reached);
                    if (boundary == TileBoundary.Shift && size >= tile) Assert.True(start + tile <= size);
                    reached = start + tile;
                }
                Assert.True(reached >= size);
                Assert.Equal(starts.Distinct().Order(), starts);
            }
        });

    [Fact]
    public void Footprints_lie_where_the_pixels_lie_and_names_tell_them()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["scene.png"], Pictures.Png(Pictures.Noise(200, 100), 200, 100));
        var tiles = Cut(folder["scene.png"], folder["out"], new TilerOptions { TileWidth = 50, TileHeight = 50, Overlap = 0 });
        Assert.Equal(8, tiles.Count);
        Assert.Equal(new BoundingBox(15, 20, 20, 25), tiles[0].Footprint);
        Assert.Equal(new BoundingBox(10, 35, 15, 40), tiles[^1].Footprint);
        foreach (var tile in tiles)
        {
            Assert.True(TileName.TryParse(tile.Path, out var date, out var box));
            Assert.Equal((Date, tile.Footprint), (date, box));
        }
    }

    [Fact]
    public void A_scene_over_the_antimeridian_gives_tiles_on_both_sides_and_one_across()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["scene.png"], Pictures.Png(Pictures.Noise(90, 30), 90, 30));
        var tiles = Cut(folder["scene.png"], folder["out"], new TilerOptions { TileWidth = 30, TileHeight = 30, Overlap = 0.5 }, new BoundingBox(0, 165, 10, -165));
        Assert.Equal(
            [(165, 175), (170, 180), (175, -175), (-180, -170), (-175, -165)],
            tiles.Select(t => ((int)Math.Round(t.Footprint.West), (int)Math.Round(t.Footprint.East))));
        Assert.True(tiles[2].Footprint.CrossesAntimeridian);
    }

    [Fact]
    public void Tiles_with_too_much_no_data_are_left_out()
    {
        using var folder = new TemporaryFolder();
        var rgb = Pictures.Rgb(100, 50);
        for (var y = 0; y < 50; y++) rgb.AsSpan(3 * (y * 100 + 70), 3 * 30).Clear(); // The right 30 columns.
        File.WriteAllBytes(folder["scene.png"], Pictures.Png(rgb, 100, 50));
        var tiles = Cut(folder["scene.png"], folder["out"], new TilerOptions { TileWidth = 50, TileHeight = 50, Overlap = 0, MaxNoDataShare = 0.5 });
        Assert.Equal([0], tiles.Select(t => t.X));
        tiles = Cut(folder["scene.png"], folder["all"], new TilerOptions { TileWidth = 50, TileHeight = 50, Overlap = 0, MaxNoDataShare = 0.6 });
        Assert.Equal([0, 0.6], tiles.Select(t => t.NoDataShare));
    }

    [Fact]
    public void Cutting_again_writes_nothing_and_mends_what_is_missing_or_cut_short()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["scene.jpg"], Pictures.Jpeg(Pictures.Rgb(300, 200), 300, 200));
        var options = new TilerOptions { TileWidth = 64, TileHeight = 64 };
        var first = Cut(folder["scene.jpg"], folder["out"], options);
        var bytes = first.ToDictionary(t => t.Path, t => File.ReadAllBytes(t.Path));
        var old = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        foreach (var tile in first) File.SetLastWriteTimeUtc(tile.Path, old);
        File.Delete(first[3].Path);
        File.WriteAllBytes(first[5].Path, bytes[first[5].Path][..100]);
        File.WriteAllBytes(first[7].Path, []);
        Assert.Equal(first, Cut(folder["scene.jpg"], folder["out"], options));
        foreach (var (path, content) in bytes) Assert.Equal(content, File.ReadAllBytes(path));
        Assert.Equal(3, first.Count(t => File.GetLastWriteTimeUtc(t.Path) != old));
        Assert.Equal(first.Count, Directory.GetFiles(folder["out"]).Length);
    }

    [Fact]
    public void Streamed_jpeg_equals_the_whole_picture()
    {
        using var folder = new TemporaryFolder();
        var jpeg = Pictures.Jpeg(Pictures.Rgb(203, 151), 203, 151, 90);
        File.WriteAllBytes(folder["scene.jpg"], jpeg);
        var whole = new ImageDecoder().Decode(jpeg, DecodeOptions.Default).Image!.Pixels.ToArray();
        using var reader = SceneReader.Open(folder["scene.jpg"], DecodeOptions.Default);
        var rows = new byte[3 * 203 * 151];
        for (var y = 0; y < 151; y += 10) reader.ReadRows(rows.AsSpan(3 * 203 * y, 3 * 203 * Math.Min(10, 151 - y)));
        Assert.Equal(whole, rows);
    }

    [Fact]
    public void A_scene_cut_short_is_an_error()
    {
        using var folder = new TemporaryFolder();
        var jpeg = Pictures.Jpeg(Pictures.Noise(300, 300), 300, 300);
        File.WriteAllBytes(folder["scene.jpg"], jpeg[..(jpeg.Length / 2)]);
        var error = Assert.Throws<ImageDecodeException>(() => Cut(folder["scene.jpg"], folder["out"], new TilerOptions { TileWidth = 64, TileHeight = 64 }));
        Assert.Equal(ImageProblem.Truncated, error.Problem);
        Assert.Equal(ImageProblem.Missing, Assert.Throws<ImageDecodeException>(() => Cut(folder["absent.jpg"], folder["out"], new TilerOptions())).Problem);
    }

    [Fact]
    public void Blue_marble_is_cut_into_the_whole_world()
    {
        var scene = TestData.Shared("gibs/onearth/bluemarble_small/bluemarble_small.jpg");
        using var folder = new TemporaryFolder();
        var tiles = Cut(scene, folder["out"], new TilerOptions { TileWidth = 512, TileHeight = 512, Overlap = 0 }, new BoundingBox(-90, -180, 90, 180));
        Assert.Equal(16 * 8, tiles.Count);
        Assert.Equal(new BoundingBox(67.5, -180, 90, -157.5), tiles[0].Footprint);
        Assert.Equal(180, tiles[15].Footprint.East);
        Assert.True(TileName.TryParse(tiles[15].Path, out _, out var box));
        Assert.Equal(tiles[15].Footprint, box);
    }
}
