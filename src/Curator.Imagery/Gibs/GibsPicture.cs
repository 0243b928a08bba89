using Curator.Core.Images;

namespace Curator.Imagery.Gibs;

/// <summary>Which part of a layer is wanted as one picture.</summary>
/// <param name="Layer">Identifier: <c>MODIS_Terra_CorrectedReflectance_TrueColor</c>.</param>
/// <param name="Box">Degrees; may cross the antimeridian.</param>
public sealed record GibsPictureRequest(string Layer, BoundingBox Box)
{
    /// <summary>The day, or a time of a sub-daily layer; of composites, any day that one covers. Null for the latest, and for layers without times.</summary>
    public GibsTime? Time { get; init; }

    public GibsProjection Projection { get; init; }

    /// <summary>In the polar projections, a rectangle of the grid in place of the box: what a map of that projection shows. Null for the box.</summary>
    public GibsMetres? Metres { get; init; }

    /// <summary>Most pixels along the longer side, 16 to 8,192; the coarsest level that has as many is fetched and made smaller.</summary>
    public int MaxSide { get; init; } = 1024;
}

/// <summary>A rectangle of a polar grid, metres from the pole.</summary>
public readonly record struct GibsMetres(double Left, double Bottom, double Right, double Top);

/// <summary>Part of a layer as one picture.</summary>
/// <param name="Footprint">What it shows, in degrees: the box that was asked for, out to the next pixels.</param>
/// <param name="Time">The time that it shows; null for layers without times.</param>
/// <param name="Resolution">Name of the level that it was made from: <c>1km</c>.</param>
/// <param name="NoDataShare">Share of exactly black pixels, 0 to 1.</param>
/// <param name="MissingTiles">Tiles that could not be had, and are black.</param>
/// <param name="Tiles">All tiles under it.</param>
public sealed record GibsPicture(RgbImage Image, BoundingBox Footprint, GibsTime? Time, string Resolution, double NoDataShare, int MissingTiles, int Tiles);
