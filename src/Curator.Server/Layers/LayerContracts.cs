using System.ComponentModel;
using Curator.Imagery.Gibs;
using Curator.Server.Search;

namespace Curator.Server.Layers;

/// <summary>Part of a layer of the imagery server: what a map shows.</summary>
/// <param name="Layer">Identifier: <c>MODIS_Terra_CorrectedReflectance_TrueColor</c>.</param>
/// <param name="Time"><c>2020-09-27</c> or <c>2020-09-27T10:20:00Z</c>; null for the layer's latest, and for layers without times.</param>
/// <param name="Box">Degrees; west is greater than east where it crosses the antimeridian. Needed unless <paramref name="Metres"/> is given.</param>
/// <param name="Metres">In the polar projections, a rectangle of the map in place of the box.</param>
internal sealed record LayerPart(
    [property: Description("Identifier, such as MODIS_Terra_CorrectedReflectance_TrueColor.")] string Layer,
    [property: Description("2020-09-27 or 2020-09-27T10:20:00Z; without it the layer's latest.")] string? Time = null,
    [property: Description("Degrees; west is greater than east where it crosses the antimeridian.")] Box? Box = null,
    [property: Description("The map's: geographic (EPSG:4326), arctic (3413) or antarctic (3031).")] GibsProjection Projection = GibsProjection.Geographic,
    [property: Description("In the polar projections, a rectangle of the map in place of the box.")] MapMetres? Metres = null);

/// <summary>A rectangle of a polar map, metres from the pole.</summary>
internal sealed record MapMetres(double Left, double Bottom, double Right, double Top);

/// <param name="Size">Most pixels along the longer side, 64 to 1,024.</param>
internal sealed record LayerPictureRequest(LayerPart Part, [property: Description("Most pixels along the longer side, 64 to 1,024.")] int Size = 512);

/// <summary>What the imagery server had of a part.</summary>
/// <param name="Picture">A data address (WebP), for an img element.</param>
/// <param name="Time">What it shows; null for layers without times.</param>
/// <param name="Box">What it shows: the box asked for, out to the next pixels. Of a rectangle of a polar map, the smallest box around it.</param>
/// <param name="Resolution">Of the level that it was made from: 1km.</param>
/// <param name="NoDataShare">Share of exactly black pixels, 0 to 1.</param>
/// <param name="MissingTiles">Tiles that could not be had, and are black.</param>
internal sealed record LayerPicture(
    string Layer,
    string? Time,
    Box Box,
    string Resolution,
    int Width,
    int Height,
    [property: Description("Share of black pixels, where nothing was seen.")] double NoDataShare,
    [property: Description("Tiles that could not be had, and are black.")] int MissingTiles,
    int Tiles,
    [property: Description("A data address, for an img element.")] string Picture);
