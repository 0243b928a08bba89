namespace Curator.Cli.Demo;

/// <summary>What the coastlines say about one tile.</summary>
/// <param name="Islands">The islands that lie whole inside and are big enough to see, largest first; empty where the tile is no island tile.</param>
internal sealed record TileTruth(DemoTile Tile, IReadOnlyList<LandComponent> Islands)
{
    /// <summary>Whether this is an island tile.</summary>
    public bool IsIsland => Islands.Count > 0;
}

/// <summary>
/// The definition of an island tile, from coastlines alone:
/// <list type="number">
/// <item>a connected piece of land lies whole inside the tile, with <see cref="DemoPlan.EdgePixels"/> tile pixels to spare on each side;</item>
/// <item>it covers at least <see cref="DemoPlan.LeastIslandPixels"/> tile pixels, so that a person can see it;</item>
/// <item>and at least <see cref="DemoPlan.LeastShareOfOtherLand"/> of the area of the land that the tile's edge cuts, so that it is a subject of the picture and
/// not an islet off somebody's coast.</item>
/// </list>
/// Lakes count as land, as in the coastlines. Whether the island lies alone or in an archipelago does not matter. Immutable; thread-safe.
/// </summary>
internal sealed class IslandTruth(LandMask mask, LandComponents components)
{
    /// <summary>Judges one tile. Cost: O(components + window pixels).</summary>
    public TileTruth Judge(DemoTile tile)
    {
        var margin = DemoPlan.EdgePixels * tile.Zoom;
        var area = (double)(tile.Zoom * tile.Zoom);
        var whole = new List<LandComponent>();
        foreach (var component in components.All)
            if (Holds(tile, component, margin))
                whole.Add(component);
        if (whole.Count == 0) return new TileTruth(tile, []);
        var otherLand = (CountLand(tile) - whole.Sum(component => component.Pixels)) / area;
        var least = Math.Max(DemoPlan.LeastIslandPixels, DemoPlan.LeastShareOfOtherLand * otherLand);
        return new TileTruth(
            tile,
            [.. whole.Where(component => component.Pixels / area >= least).OrderByDescending(component => component.AreaSquareKm)]);
    }

    private bool Holds(DemoTile tile, LandComponent component, int margin)
    {
        if (component.Top < tile.Row + margin || component.Bottom > tile.Row + tile.Side - margin) return false;
        // Either may run on beyond the antimeridian, so the component is tried one turn to the left and to the right as well.
        for (var turn = -mask.Width; turn <= mask.Width; turn += mask.Width)
            if (component.Left + turn >= tile.Column + margin && component.Right + turn <= tile.Column + tile.Side - margin)
                return true;
        return false;
    }

    private int CountLand(DemoTile tile)
    {
        var count = 0;
        for (var row = tile.Row; row < tile.Row + tile.Side; row++)
        {
            var pixels = mask.Row(row);
            var inside = Math.Min(tile.Column + tile.Side, mask.Width);
            count += pixels[tile.Column..inside].Count(true);
            count += pixels[..(tile.Column + tile.Side - inside)].Count(true);
        }
        return count;
    }
}
