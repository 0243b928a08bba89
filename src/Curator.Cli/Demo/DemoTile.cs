using Curator.Core.Images;
using Curator.Imagery.Scenes;

namespace Curator.Cli.Demo;

/// <summary>One tile of the demo: a square window of the picture, shrunk by its zoom to 64×64 pixels.</summary>
/// <param name="Zoom">Picture pixels per tile pixel along a side: 1, 2 or 4.</param>
/// <param name="Column">Left edge in picture pixels, 0 to width − 1; the window may run on beyond the antimeridian.</param>
/// <param name="Row">Upper edge in picture pixels.</param>
internal readonly record struct DemoTile(int Zoom, int Column, int Row)
{
    /// <summary>Side of the window in picture pixels.</summary>
    public int Side => DemoPlan.TileSide * Zoom;

    /// <summary>What the tile covers; west is greater than east where it crosses the antimeridian.</summary>
    public BoundingBox Box
    {
        get
        {
            var east = ToLongitude(Column + Side);
            return new BoundingBox(ToLatitude(Row + Side), ToLongitude(Column), ToLatitude(Row), east > 180 ? east - 360 : east);
        }
    }

    /// <summary><c>YYYY-MM-DD_S,W,N,E.jpg</c>: date and place of a tile are read back from its name.</summary>
    public string FileName => TileName.Format(BlueMarble.Date, Box) + ".jpg";

    /// <summary>
    /// All tiles of the plan, zoom by zoom, row by row. Each row goes once around the Earth, so that the islands of the antimeridian are seen whole too.
    /// </summary>
    public static IReadOnlyList<DemoTile> All { get; } = [.. Enumerate()];

    private static IEnumerable<DemoTile> Enumerate()
    {
        foreach (var zoom in DemoPlan.Zooms)
            for (var row = DemoPlan.TopRow; row + DemoPlan.TileSide * zoom <= DemoPlan.BottomRow; row += DemoPlan.TileStep * zoom)
                for (var column = 0; column < BlueMarble.Width; column += DemoPlan.TileStep * zoom)
                    yield return new DemoTile(zoom, column, row);
    }

    private static double ToLongitude(int column) => -180 + column * 360.0 / BlueMarble.Width;

    private static double ToLatitude(int row) => 90 - row * 180.0 / BlueMarble.Height;
}
