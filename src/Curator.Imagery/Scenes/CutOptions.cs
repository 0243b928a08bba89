using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Core.Images;
using Curator.Imagery.Geography;

namespace Curator.Imagery.Scenes;

/// <summary>How tiles that are cut are stored.</summary>
public enum CutFormat
{
    /// <summary>JPEG where the scene is RGB of eight bits, else GeoTIFF.</summary>
    Auto,
    Jpeg,
    Png,

    /// <summary>GeoTIFF: all bands and bits, with the place in its tags.</summary>
    Tiff,
}

/// <summary>Where tiles lie below the output folder.</summary>
public enum CutFolders
{
    /// <summary>In one folder a scene.</summary>
    Scene,

    /// <summary>In folders of the MODIS sinusoidal grid, h08v05, by their middle; scenes of a known place only.</summary>
    Modis,
}

/// <summary>How scenes are cut into tiles.</summary>
public sealed record CutOptions
{
    [Description("Pixels of a tile: 512, or 512x256 for width and height.")]
    public string Tile { get; init; } = "512";

    [Range(0, 0.99)]
    [Description("Share of a tile that the next one repeats.")]
    public double Overlap { get; init; } = 0.5;

    [Description("What becomes of tiles that reach over the edge: shift, pad or discard.")]
    public TileBoundary Boundary { get; init; }

    [Range(0, 1.0)]
    [Description("Tiles with a larger share of pixels without data are left out.")]
    public double MaxNodata { get; init; } = 1;

    [Description("Format of the tiles: jpeg, png, tiff (all bands and bits, GeoTIFF); auto is jpeg for RGB and tiff for the rest.")]
    public CutFormat Format { get; init; }

    [Range(1, 100)]
    [Description("JPEG quality.")]
    public int Quality { get; init; } = 92;

    [Description("Day of the scenes, for the names; a date in a scene's name when not given.")]
    public DateOnly? Date { get; init; }

    [Description("South,west,north,east of the scenes in degrees, where they have no tags and no world file.")]
    public string? Bbox { get; init; }

    [Description("Folders of the tiles: scene (one a scene) or modis (h08v05 of the sinusoidal grid).")]
    public CutFolders Folders { get; init; }

    [Description("Write a STAC item beside each tile.")]
    public bool Stac { get; init; }

    [Description("Write TFRecords of the tiles as well, with the names that the GIBS downloader uses.")]
    public bool Tfrecords { get; init; }

    [Description("Delete each scene once all its tiles are there.")]
    public bool RemoveOriginals { get; init; }
}

/// <summary>A tile of a scene.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Footprint">What it shows, in degrees; padding is not part of it. Null where the scene's place is unknown.</param>
/// <param name="Place">Its pixels in the scene's coordinate system; null where unknown.</param>
/// <param name="X">Left edge in the scene, pixels.</param>
/// <param name="Y">Upper edge in the scene, pixels.</param>
/// <param name="NoDataShare">0 to 1, padding included.</param>
/// <param name="Written">False when it was there already.</param>
public sealed record CutTile(string Path, BoundingBox? Footprint, GeoReference? Place, int X, int Y, int Width, int Height, double NoDataShare, bool Written);
