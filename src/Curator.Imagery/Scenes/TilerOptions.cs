using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Core.Images;

namespace Curator.Imagery.Scenes;

/// <summary>What becomes of the tile that reaches over the scene's right or lower edge.</summary>
public enum TileBoundary
{
    /// <summary>It is moved back until it lies inside; it overlaps its neighbour more. A scene smaller than a tile is padded.</summary>
    Shift,

    /// <summary>It keeps its place and is filled up with black.</summary>
    Pad,

    /// <summary>It is left out.</summary>
    Discard,
}

/// <summary>How tiles are stored.</summary>
public enum TileFormat
{
    Jpeg,
    Png,
}

/// <summary>How a scene is cut.</summary>
public sealed record TilerOptions
{
    [Range(1, 16_384)]
    [Description("Width of a tile, pixels.")]
    public int TileWidth { get; init; } = 512;

    [Range(1, 16_384)]
    [Description("Height of a tile, pixels.")]
    public int TileHeight { get; init; } = 512;

    [Range(0, 0.99)]
    [Description("Share of a tile that the next one repeats; the step is the whole part of size × (1 − overlap).")]
    public double Overlap { get; init; } = 0.5;

    [Description("What becomes of tiles that reach over the edge: shift, pad or discard.")]
    public TileBoundary Boundary { get; init; }

    [Range(0, 1.0)]
    [Description("Tiles with a larger share of exactly black pixels are left out.")]
    public double MaxNoDataShare { get; init; } = 1;

    [Description("Format of the tiles: jpeg or png.")]
    public TileFormat Format { get; init; }

    [Range(1, 100)]
    [Description("JPEG quality.")]
    public int Quality { get; init; } = 92;
}

/// <summary>A tile that was cut.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Footprint">The part of the Earth that it shows, exactly; the name has it rounded. Padding is not part of it.</param>
/// <param name="X">Left edge in the scene, pixels.</param>
/// <param name="Y">Upper edge in the scene, pixels.</param>
/// <param name="NoDataShare">Share of exactly black pixels, padding included, 0 to 1.</param>
public sealed record SceneTile(string Path, BoundingBox Footprint, int X, int Y, double NoDataShare);
