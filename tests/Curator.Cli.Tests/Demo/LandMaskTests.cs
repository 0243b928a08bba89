using Curator.Cli.Demo;

namespace Curator.Cli.Tests.Demo;

public sealed class LandMaskTests
{
    /// <summary>The literal even-odd rule for one point: an edge counts when the point's height lies on it and the point lies right of it.</summary>
    private static bool IsInside(IEnumerable<GeoPoint[]> rings, double x, double y, int width, int height)
    {
        var inside = false;
        foreach (var ring in rings)
            for (var turn = -2; turn <= 2; turn++)
                for (var i = 1; i < ring.Length; i++)
                {
                    var a = LandMask.ToPixels(ring[i - 1], width, height);
                    var b = LandMask.ToPixels(ring[i], width, height);
                    if (a.Y <= y == b.Y <= y) continue;
                    var (upper, lower) = a.Y < b.Y ? (a, b) : (b, a);
                    if (LandMask.CrossingX(upper, lower, y) <= x + turn * width) inside = !inside;
                }
        return inside;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Pixels_equal_the_literal_even_odd_rule_at_their_centres(int seed)
    {
        var random = new Random(seed);
        var rings = new List<GeoPoint[]>();
        for (var i = 0; i < 6; i++)
        {
            // Wild, self-crossing rings, some of them over the antimeridian, some with corners on pixel centres.
            var points = Enumerable.Range(0, 9).Select(_ => new GeoPoint(random.Next(-72, 73) * 2.5 + 60 * (seed % 3), random.Next(-35, 36) * 2.5)).ToList();
            points.Add(points[0]);
            rings.Add([.. points]);
        }

        var mask = LandMask.Rasterise(rings, 144, 72, CancellationToken.None);

        for (var row = 0; row < mask.Height; row++)
            for (var column = 0; column < mask.Width; column++)
                Assert.Equal(IsInside(rings, column + 0.5, row + 0.5, 144, 72), mask[column, row]);
    }

    [Fact]
    public void A_box_covers_exactly_the_pixels_whose_centres_it_holds()
    {
        GeoPoint[] box = [new(-170, 80), new(-150, 80), new(-150, 60), new(-170, 60), new(-170, 80)];

        var mask = LandMask.Rasterise([box], 36, 18, CancellationToken.None);

        for (var row = 0; row < 18; row++)
            for (var column = 0; column < 36; column++)
                Assert.Equal(column is 1 or 2 && row is 1 or 2, mask[column, row]);
    }

    [Fact]
    public void The_areas_of_all_pixels_add_up_to_the_sphere()
    {
        var mask = LandMask.Of(40, 20, new bool[800]);

        Assert.Equal(510.0656e6, mask.PixelAreasSquareKm().Sum() * 40, 510.0656e6 * 1e-6);
    }

    [Fact]
    public async Task Land_of_the_real_coastlines_has_the_known_area()
    {
        var land = NaturalEarthLand.Read(await File.ReadAllBytesAsync(NaturalEarthLand.FindFile(DemoPackages.Directory)));
        var mask = LandMask.Rasterise(land.Rings, BlueMarble.Width, BlueMarble.Height, CancellationToken.None);

        var areas = mask.PixelAreasSquareKm();
        var rastered = Enumerable.Range(0, mask.Height).Sum(row => mask.Row(row).Count(true) * areas[row]);

        // 148.94 million square kilometres less what these coastlines leave out: Antarctica's floating ice shelves (1.56) and the Caspian Sea (0.37) make 147.0.
        Assert.Equal(147.0e6, land.AreaSquareKm, 1.47e6);
        Assert.Equal(land.AreaSquareKm, rastered, land.AreaSquareKm * 0.002);
        Assert.Equal(4_062, land.Rings.Count);
    }

    [Theory]
    [InlineData(18.1, -77.3, true)] // Jamaica
    [InlineData(-16.8, -179.95, true)] // Taveuni, on the antimeridian
    [InlineData(71.2, 180, true)] // Wrangel Island, on the antimeridian
    [InlineData(-89.9, 10, true)] // the South Pole
    [InlineData(42, 51, false)] // the Caspian Sea, a hole
    [InlineData(89.9, 10, false)] // the North Pole
    [InlineData(-17, 100, false)] // the ocean at the height of Taveuni: nothing is smeared along the row
    public async Task Known_places_are_land_or_sea(double latitude, double longitude, bool isLand)
    {
        var land = NaturalEarthLand.Read(await File.ReadAllBytesAsync(NaturalEarthLand.FindFile(DemoPackages.Directory)));
        var mask = LandMask.Rasterise(land.Rings, BlueMarble.Width, BlueMarble.Height, CancellationToken.None);

        var (x, y) = LandMask.ToPixels(new GeoPoint(longitude, latitude), mask.Width, mask.Height);

        Assert.Equal(isLand, mask[(int)x, (int)y]);
    }
}
