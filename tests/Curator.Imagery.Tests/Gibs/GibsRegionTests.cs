using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Gibs;

namespace Curator.Imagery.Tests.Gibs;

/// <summary>Boxes and polygons.</summary>
public sealed class GibsRegionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private GibsRegion Read(string json)
    {
        var path = _folder["region.geojson"];
        File.WriteAllText(path, json);
        return GibsRegion.FromGeoJson(path);
    }

    [Fact]
    public void A_polygon_with_a_hole_holds_what_lies_between()
    {
        var region = Read("""
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":
              {"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]}},
              {"type":"Feature","properties":null,"geometry":null}]}
            """);
        Assert.Equal(new BoundingBox(0, 0, 10, 10), region.Bounds);
        Assert.True(region.Contains(2, 2));
        Assert.False(region.Contains(5, 5));
        Assert.False(region.Contains(11, 5));
        Assert.True(region.Overlaps(new BoundingBox(9, 9, 20, 20)));
        Assert.False(region.Overlaps(new BoundingBox(4.5, 4.5, 5.5, 5.5)));
        Assert.False(region.Overlaps(new BoundingBox(11, 0, 12, 10)));
        Assert.False(region.Overlaps(new BoundingBox(10, 0, 12, 10))); // only touches
        Assert.True(region.Overlaps(new BoundingBox(-5, -5, 20, 20)));
    }

    [Fact]
    public void Overlap_with_a_polygon_is_that_of_many_points()
    {
        var region = Read("""{"type":"Polygon","coordinates":[[[0,0],[8,1],[9,9],[3,5],[1,9],[0,0]]]}""");
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var (south, west) = (random.NextDouble() * 12 - 2, random.NextDouble() * 12 - 2);
            var box = new BoundingBox(south, west, south + 0.2 + 3 * random.NextDouble(), west + 0.2 + 3 * random.NextDouble());
            var points = 0;
            for (var y = 0; y < 60; y++)
                for (var x = 0; x < 60; x++)
                    if (region.Contains(box.South + (box.North - box.South) * (y + 0.5) / 60, box.West + (box.East - box.West) * (x + 0.5) / 60))
                        points++;
            // Slivers between the points may be missed by the count, never the other way round.
            if (points > 0) Assert.True(region.Overlaps(box), $"{box} holds {points} points");
            if (!region.Overlaps(box)) Assert.Equal(0, points);
        }
    }

    [Fact]
    public void Two_halves_at_the_antimeridian_are_one_region_across_it()
    {
        var region = Read("""
            {"type":"MultiPolygon","coordinates":[[[[176,-20],[180,-20],[180,-12],[176,-12],[176,-20]]],[[[-180,-20],[-178,-20],[-178,-12],[-180,-12],[-180,-20]]]]}
            """);
        Assert.Equal(new BoundingBox(-20, 176, -12, -178), region.Bounds);
        Assert.True(region.Overlaps(new BoundingBox(-15, 179, -14, -179)));
        Assert.False(region.Overlaps(new BoundingBox(-15, 0, -14, 10)));
    }

    [Fact]
    public void A_box_across_the_antimeridian_overlaps_both_sides()
    {
        var region = GibsRegion.Of(new BoundingBox(-20, 176, -12, -178));
        Assert.True(region.Overlaps(new BoundingBox(-15, 177, -14, 178)));
        Assert.True(region.Overlaps(new BoundingBox(-15, -179.5, -14, -179)));
        Assert.False(region.Overlaps(new BoundingBox(-15, -178, -14, 170)));
        Assert.True(region.Contains(-15, 179.9) && region.Contains(-15, -179.9) && !region.Contains(-15, 0));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("""{"type":"Point","coordinates":[1,2]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[500000,0],[500000,10],[0,0]]]}""")]
    public void What_is_no_polygon_in_degrees_is_refused(string json) => Assert.Throws<WorkspaceException>(() => Read(json));
}
