using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Gibs;

/// <summary>What times a partition of downloaded tiles holds.</summary>
public enum DownloadPeriod
{
    All,
    Year,
    Month,
    Day,
}

/// <summary>What to download, and how it is cut.</summary>
public sealed record DownloadOptions
{
    [Description("First day; not for layers without times.")]
    public DateOnly? From { get; init; }

    [Description("Last day, inclusive; the first day when not given.")]
    public DateOnly? To { get; init; }

    [Description("South,west,north,east in degrees, for example --bbox=-20,175,-12,-178; may cross the antimeridian.")]
    public string? Bbox { get; init; }

    [Description("A GeoJSON file with polygons in place of --bbox; tiles that none of them overlaps are left out.")]
    public string? Region { get; init; }

    [Description("Grid: geographic (EPSG:4326), arctic (EPSG:3413) or antarctic (EPSG:3031).")]
    public GibsProjection Projection { get; init; }

    [Description("Size of a pixel, such as 1km: the coarsest level at least as fine is fetched. The layer's finest when not given.")]
    public string? Resolution { get; init; }

    [Description("Sides of the tiles on the ground in km, several with commas: 128,256,500,1000 makes a set of tiles of each.")]
    public string? Size { get; init; }

    [Description("Pixels of a tile, 256 or 512x256; the server's own tiles, byte for byte, when not given. With --size, the least pixels along a side.")]
    public string? Tile { get; init; }

    [Range(0, 0.99)]
    [Description("Share of a tile that the next one repeats.")]
    public double Overlap { get; init; }

    [Description("What becomes of tiles that reach over the region's edge: shift, pad or discard.")]
    public TileBoundary Boundary { get; init; }

    [Range(0, 1.0)]
    [Description("Tiles with a larger share of black pixels are left out.")]
    public double MaxNodata { get; init; } = 0.99;

    [Description("Format of the tiles: jpeg or png; the layer's own when not given.")]
    public TileFormat? Format { get; init; }

    [Range(1, 100)]
    [Description("JPEG quality of tiles that are cut.")]
    public int Quality { get; init; } = 92;

    [Description("Of several times a day, those at least so far apart: 3h.")]
    public TimeSpan? Every { get; init; }

    [Description("Times that go into one partition: all, year, month or day.")]
    public DownloadPeriod Period { get; init; } = DownloadPeriod.Month;

    [Description("Ask again for tiles that the server called blank or absent before.")]
    public bool AskAgain { get; init; }

    [Description("Read everything that is there, and fetch or cut anew what is spoilt.")]
    public bool Verify { get; init; }

    [Description("More than a million tiles: the download was announced to the server's people 48 hours ahead.")]
    public bool Coordinated { get; init; }
}
