namespace Curator.Cli.Demo;

/// <summary>Every number of the demo in one place. Why these: <c>docs/demo.md</c>.</summary>
internal static class DemoPlan
{
    /// <summary>Name of the labeling task.</summary>
    public const string Task = "island";

    /// <summary>What a person is asked about each tile.</summary>
    public const string Question = "Is there a whole island, bigger than a speck?";

    /// <summary>Side of a tile, pixels.</summary>
    public const int TileSide = 64;

    /// <summary>Step between neighbouring tiles, pixels of the tile: half a side, so that what one tile cuts another holds whole.</summary>
    public const int TileStep = TileSide / 2;

    /// <summary>
    /// How many picture pixels make one tile pixel along a side. One zoom cannot hold both Malta and Madagascar whole: tiles are 5.6°, 11.25°
    /// and 22.5° wide.
    /// </summary>
    public static readonly IReadOnlyList<int> Zooms = [1, 2, 4];

    /// <summary>First row of the picture that is tiled: 84.375° north. Nothing but sea lies above, stretched beyond recognition.</summary>
    public const int TopRow = 64;

    /// <summary>
    /// The row below the last one that is tiled: 61.875° south. Antarctica is left out: the picture shows its floating ice shelves as land,
    /// the coastlines do not.
    /// </summary>
    public const int BottomRow = 1_728;

    /// <summary>An island is whole when this many tile pixels of something else lie between it and each edge of the tile.</summary>
    public const int EdgePixels = 2;

    /// <summary>Fewest tile pixels of a visible island: 4×4. Smaller ones are specks in the picture.</summary>
    public const int LeastIslandPixels = 16;

    /// <summary>Least size of the island as a share of the land that the tile cuts: an islet off a continent's coast does not make an island tile.</summary>
    public const double LeastShareOfOtherLand = 0.03;

    /// <summary>What the example shows, for people.</summary>
    public const string ExampleName = "New Caledonia";

    /// <summary>Share of all tiles that may be labeled.</summary>
    public const double LabelBudgetShare = 0.10;

    /// <summary>Minutes of training when nobody says otherwise: the whole demo, with its downloads, shall fit into ten.</summary>
    public const double TrainingMinutes = 2;

    /// <summary>Quality of the tiles' JPEG files, 1 to 100.</summary>
    public const int JpegQuality = 95;

    /// <summary>
    /// The example's island, degrees north: New Caledonia, long and green in the open sea, with no continent in the picture.
    /// </summary>
    public const double ExampleLatitude = -21.3;

    /// <summary>The example island's longitude, degrees east.</summary>
    public const double ExampleLongitude = 165.5;

    /// <summary>Raised whenever any of the above or the cutting changes, so that data of an older plan are made anew.</summary>
    public const int Version = 2;
}
