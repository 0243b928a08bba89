using Curator.Cli.Demo;

namespace Curator.Cli.Tests.Demo;

public sealed class IslandTruthTests
{
    private static readonly DemoTile s_tile = new(1, 640, 640);

    [Fact]
    public void A_whole_island_in_the_sea_makes_an_island_tile() => Assert.True(IsIsland((670, 670, 4, 4)));

    [Fact]
    public void A_speck_does_not() => Assert.False(IsIsland((670, 670, 5, 3)));

    [Theory]
    [InlineData(642, 642, true)]
    [InlineData(641, 642, false)]
    [InlineData(642, 641, false)]
    [InlineData(697, 697, true)]
    [InlineData(698, 697, false)]
    [InlineData(697, 698, false)]
    public void An_island_needs_two_pixels_to_each_edge(int column, int row, bool isIsland) =>
        Assert.Equal(isIsland, IsIsland((column, row, 5, 5)));

    [Fact]
    public void A_piece_of_a_continent_is_not_an_island() => Assert.False(IsIsland((600, 600, 60, 200)));

    [Fact]
    public void An_islet_off_a_continent_does_not_count_but_a_big_island_does()
    {
        // 20 × 64 = 1,280 pixels of a continent ask for 39 pixels of island.
        (int, int, int, int) coast = (600, 600, 60, 200);

        Assert.False(IsIsland(coast, (670, 670, 19, 2)));
        Assert.True(IsIsland(coast, (670, 670, 13, 3)));
    }

    [Fact]
    public void Other_whole_islands_are_not_other_land()
    {
        Assert.True(IsIsland((645, 645, 50, 20), (670, 690, 4, 4)));
        Assert.Equal(2, Judge(s_tile, (645, 645, 50, 20), (670, 690, 4, 4)).Islands.Count);
    }

    [Fact]
    public void Pixels_are_the_tiles_own_at_every_zoom()
    {
        var zoomed = new DemoTile(4, 512, 512);

        Assert.False(Judge(zoomed, (600, 600, 15, 17)).IsIsland);
        Assert.True(Judge(zoomed, (600, 600, 16, 16)).IsIsland);
        Assert.False(Judge(zoomed, (519, 600, 16, 16)).IsIsland);
        Assert.True(Judge(zoomed, (520, 600, 16, 16)).IsIsland);
    }

    [Theory]
    [InlineData(4090)]
    [InlineData(4092)]
    [InlineData(4096)]
    [InlineData(4100)]
    public void An_island_at_the_antimeridian_is_whole_in_the_tile_across_it(int column)
    {
        var across = new DemoTile(1, 4064, 640);

        Assert.True(Judge(across, (column, 660, 10, 10)).IsIsland);
        Assert.True(across.Box.CrossesAntimeridian);
    }

    [Fact]
    public void The_land_that_the_edge_cuts_is_counted_across_the_antimeridian()
    {
        var across = new DemoTile(1, 4064, 640);

        Assert.False(Judge(across, (4116, 600, 60, 200), (4080, 660, 4, 4)).IsIsland);
    }

    private static bool IsIsland(params (int Column, int Row, int Width, int Height)[] land) => Judge(s_tile, land).IsIsland;

    private static TileTruth Judge(DemoTile tile, params (int Column, int Row, int Width, int Height)[] land)
    {
        var mask = Drawn.Boxes(land);
        return new IslandTruth(mask, LandComponents.Of(mask, CancellationToken.None)).Judge(tile);
    }
}
