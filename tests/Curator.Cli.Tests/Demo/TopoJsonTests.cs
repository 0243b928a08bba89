using System.Text;
using Curator.Cli.Demo;

namespace Curator.Cli.Tests.Demo;

public sealed class TopoJsonTests
{
    // Two squares that share the arc from (10, 0) to (10, 10): arc 0 is the shared side, 1 the rest of the left square, 2 the rest of the right one.
    private const string Squares =
        """
        {"type":"Topology","transform":{"scale":[10,5],"translate":[0,0]},
         "arcs":[[[1,0],[0,2]],[[1,2],[-1,0],[0,-2],[1,0]],[[1,0],[1,0],[0,2],[-1,0]]],
         "objects":{"land":{"type":"GeometryCollection","geometries":[
           {"type":"Polygon","arcs":[[0,1]]},{"type":"MultiPolygon","arcs":[[[2,-1]]]}]}}}
        """;

    [Fact]
    public void Steps_are_added_up_and_shared_arcs_are_stitched_forwards_and_backwards()
    {
        var polygons = TopoJson.ReadPolygons(Encoding.UTF8.GetBytes(Squares), "land");

        Assert.Equal(2, polygons.Count);
        Assert.Equal([new(10, 0), new(10, 10), new(0, 10), new(0, 0), new(10, 0)], Assert.Single(polygons[0]));
        Assert.Equal([new(10, 0), new(20, 0), new(20, 10), new(10, 10), new(10, 0)], Assert.Single(polygons[1]));
    }

    [Theory]
    [InlineData("\"Topology\"", "\"FeatureCollection\"", "type is not Topology")]
    [InlineData("[[0,1]]", "[[0,7]]", "names arc 7 of 3")]
    [InlineData("[[0,1]]", "[[0]]", "not closed")]
    [InlineData("[[0,1]]", "[[1,1]]", "does not begin where")]
    [InlineData("[[0,1]]", "[]", "has no ring")]
    [InlineData("\"MultiPolygon\"", "\"LineString\"", "LineString")]
    [InlineData("[[1,0],[0,2]]", "[[1,0],[0,200]]", "not on the Earth")]
    [InlineData("[[1,0],[0,2]]", "[[1,0],[0]]", "1 numbers instead of 2")]
    [InlineData("[[1,0],[0,2]]", "[[1,0]]", "at least 2")]
    [InlineData("[[1,0],[0,2]]", "[[1,0],[0,2.5]]", "expected")]
    [InlineData("\"land\"", "\"sea\"", "expected")]
    [InlineData("}}}", "", "expected")]
    public void A_damaged_topology_is_refused_with_the_reason(string from, string to, string reason)
    {
        var damaged = Encoding.UTF8.GetBytes(Squares.Replace(from, to, StringComparison.Ordinal));

        var error = Assert.Throws<DemoDataException>(() => TopoJson.ReadPolygons(damaged, "land"));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("./curator demo", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_over_the_antimeridian_becomes_continuous()
    {
        GeoPoint[] ring = [new(179, 0), new(-179, 0), new(-179, 2), new(179, 2), new(179, 0)];

        Assert.Equal([new(179, 0), new(181, 0), new(181, 2), new(179, 2), new(179, 0)], NaturalEarthLand.MakeContinuous(ring));
    }

    [Fact]
    public void A_ring_around_the_Earth_is_closed_over_its_pole()
    {
        GeoPoint[] ring = [new(0, -70), new(120, -65), new(-120, -70), new(0, -70)];

        var closed = NaturalEarthLand.MakeContinuous(ring);

        Assert.Equal([new(0, -70), new(120, -65), new(240, -70), new(360, -70), new(360, -90), new(0, -90), new(0, -70)], closed);
    }
}
