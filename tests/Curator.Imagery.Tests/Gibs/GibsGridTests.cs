using Curator.Core.Images;
using Curator.Imagery.Gibs;
using Curator.Tests.StandIns;

namespace Curator.Imagery.Tests.Gibs;

/// <summary>Where pixels lie.</summary>
public sealed class GibsGridTests
{
    internal static GibsGrid Grid(GibsProjection projection, string name = "250m", int levels = 9)
    {
        var text = GibsDocuments.Capabilities(projection.Code(), [new StandInLayer("L", "L", false, name, levels, "2020-01-01/2020-12-31/P1D")]);
        return GibsCatalogue.Parse(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), projection).Layers.Single().Grid;
    }

    [Fact]
    public void Levels_halve_from_the_coarsest_and_are_named_from_the_finest()
    {
        var grid = Grid(GibsProjection.Geographic);
        Assert.Equal(0.5625, grid.Levels[0].PixelSize);
        Assert.Equal(0.002197265625, grid.Levels[8].PixelSize);
        Assert.Equal((320, 160), (grid.Levels[8].Columns, grid.Levels[8].Rows));
        Assert.Equal(163_840, grid.WorldWidth(grid.Levels[8]));
        Assert.Equal(["64km", "32km", "16km", "8km", "4km", "2km", "1km", "500m", "250m"], grid.Levels.Select(grid.ResolutionName));
        Assert.Equal(["62.5m", "31.25m"], Grid(GibsProjection.Geographic, "31.25m", 12).Levels.TakeLast(2).Select(level => Grid(GibsProjection.Geographic, "31.25m", 12).ResolutionName(level)));
    }

    [Fact]
    public void A_window_holds_the_box_to_the_next_pixel_and_tells_its_footprint()
    {
        var grid = Grid(GibsProjection.Geographic);
        var level = grid.Levels[8];
        // Row and column of a place by the published formula: floor((90 − lat)·2^z / 288), floor((180 + lon)·2^z / 288).
        var window = grid.Window(level, GibsRegion.Of(new BoundingBox(36.1, -122.7, 38.2, -120.3)))!.Value;
        Assert.Equal(((int)Math.Floor((180 - 122.7) * 256 / 288), (int)Math.Floor((90 - 38.2) * 256 / 288)), (window.X / 512, window.Y / 512));
        var footprint = grid.Footprint(level, window);
        Assert.InRange(footprint.South, 36.1 - level.PixelSize, 36.1);
        Assert.InRange(footprint.West, -122.7 - level.PixelSize, -122.7);
        Assert.InRange(footprint.North, 38.2, 38.2 + level.PixelSize);
        Assert.InRange(footprint.East, -120.3, -120.3 + level.PixelSize);
        Assert.Equal(window, grid.Window(level, GibsRegion.Of(footprint)));
    }

    [Fact]
    public void A_box_across_the_antimeridian_goes_on_at_the_other_side()
    {
        var grid = Grid(GibsProjection.Geographic);
        foreach (var level in grid.Levels)
        {
            var box = new BoundingBox(-20, 170, -10, -175);
            var window = grid.Window(level, GibsRegion.Of(box))!.Value;
            Assert.InRange(window.Width * level.PixelSize, 15, 15 + 2 * level.PixelSize);
            var tiles = GibsMosaic.Tiles(grid, level, window).ToList();
            Assert.Equal(tiles.Distinct(), tiles);
            Assert.All(tiles, tile => Assert.InRange(tile.Column, 0, level.Columns - 1));
            Assert.Contains(tiles, tile => tile.Column == 0);
            Assert.True(grid.Footprint(level, window).CrossesAntimeridian);
        }
    }

    [Theory]
    [InlineData(0, 2, 1)] // 640 × 320 pixels: the grid hangs over
    [InlineData(2, 5, 3)]
    [InlineData(3, 10, 5)]
    public void The_whole_earth_is_every_tile_once(int number, int columns, int rows)
    {
        var grid = Grid(GibsProjection.Geographic);
        var level = grid.Levels[number];
        var window = grid.Window(level, GibsRegion.Of(new BoundingBox(-90, -180, 90, 180)))!.Value;
        Assert.Equal((0, 0, 640 << number, 320 << number), (window.X, window.Y, window.Width, window.Height));
        Assert.Equal(columns * rows, GibsMosaic.Tiles(grid, level, window).Count());
        Assert.Equal(new BoundingBox(-90, -180, 90, 180), grid.Footprint(level, window));
    }

    [Fact]
    public void Polar_coordinates_are_those_of_the_geodetic_tables()
    {
        // IOGP Guidance Note 7-2, Polar Stereographic (variant B): Australian Antarctic, 75°S 120°E, whose middle meridian is 70°E, false origin 6,000,000.
        var (x, y) = PolarStereographic.Antarctic.Forward(-75, 120 - 70);
        Assert.Equal(7_255_380.79 - 6_000_000, x, 0.01);
        Assert.Equal(7_053_389.56 - 6_000_000, y, 0.01);
        for (var latitude = 45.0; latitude < 90; latitude += 7.3)
            for (var longitude = -179.0; longitude < 180; longitude += 31)
            {
                var north = PolarStereographic.Arctic.Forward(latitude, longitude);
                var (back, across) = PolarStereographic.Arctic.Inverse(north.X, north.Y);
                Assert.Equal(latitude, back, 9);
                Assert.Equal(longitude, across, 9);
                var south = PolarStereographic.Antarctic.Forward(-latitude, longitude);
                (back, across) = PolarStereographic.Antarctic.Inverse(south.X, south.Y);
                Assert.Equal(-latitude, back, 9);
                Assert.Equal(longitude, across, 9);
            }
        Assert.Equal(0, PolarStereographic.Arctic.Forward(90, 12).X, 1e-6);
    }

    [Fact]
    public void A_polar_window_holds_the_box_and_its_footprint_knows_the_pole()
    {
        var grid = Grid(GibsProjection.Arctic, "250m", 6);
        var level = grid.Levels[2];
        var box = new BoundingBox(70, -50, 80, -20);
        var window = grid.Window(level, GibsRegion.Of(box))!.Value;
        for (var i = 0; i <= 10; i++)
            for (var j = 0; j <= 10; j++)
            {
                var (x, y) = grid.Pixel(level, 70 + i, -50 + 3 * j);
                Assert.InRange(x, window.X - 1e-6, window.X + window.Width + 1e-6);
                Assert.InRange(y, window.Y - 1e-6, window.Y + window.Height + 1e-6);
            }
        var footprint = grid.Footprint(level, window);
        Assert.True(footprint.South <= 70 && footprint.North >= 80 && footprint.West <= -50 && footprint.East >= -20, footprint.ToString());
        var middle = grid.Footprint(level, new PixelWindow(2048 - 100, 2048 - 100, 200, 200));
        Assert.Equal((90, -180, 180), (middle.North, middle.West, middle.East));
        Assert.Null(grid.Window(level, GibsRegion.Of(new BoundingBox(-60, 0, -50, 10))));
        // Across 180°: the footprint does not go around the Earth.
        var (px, py) = grid.Pixel(level, 75, 180);
        var seam = grid.Footprint(level, new PixelWindow((int)px - 20, (int)py - 20, 40, 40));
        Assert.True(seam.CrossesAntimeridian);
        Assert.InRange(seam.East + 360 - seam.West, 0.1, 20);
    }

    [Theory]
    [InlineData("250m", 250)]
    [InlineData("1.5km", 1500)]
    [InlineData("31.25m", 31.25)]
    [InlineData("500", 500)]
    public void Resolutions_are_read(string text, double metres)
    {
        Assert.True(GibsGrid.TryParseMetres(text, out var read));
        Assert.Equal(metres, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("0km")]
    public void Other_texts_are_no_resolution(string text) => Assert.False(GibsGrid.TryParseMetres(text, out _));
}
