namespace Curator.Cli.Demo;

/// <summary>Chooses the picture that the demo searches for when the user brings none.</summary>
internal static class DemoExample
{
    /// <summary>
    /// The island tile of zoom 1 whose middle lies nearest to the example island of <see cref="DemoPlan"/>, in degrees; ties go to the earlier tile.
    /// </summary>
    /// <exception cref="DemoDataException">There is no island tile at all: the coastlines are not the Earth's.</exception>
    public static TileTruth Choose(IEnumerable<TileTruth> truth) =>
        truth.Where(tile => tile.IsIsland && tile.Tile.Zoom == 1).MinBy(tile => Distance(tile.Tile))
            ?? throw new DemoDataException("No tile shows an island, so there is no example to search for.");

    private static double Distance(DemoTile tile)
    {
        var box = tile.Box;
        var east = box.CrossesAntimeridian ? box.East + 360 : box.East;
        return double.Hypot((box.South + box.North) / 2 - DemoPlan.ExampleLatitude, (box.West + east) / 2 - DemoPlan.ExampleLongitude);
    }
}
