using System.ComponentModel;
using Curator.Server.Search;

namespace Curator.Server.Places;

/// <summary>Which footprints there are at all.</summary>
/// <param name="Images">With a footprint, those marked hidden, duplicate or vanished left out.</param>
/// <param name="Background">Pictures to lay under them; null unless the server was started with --map-background.</param>
internal sealed record PlacesAbout(
    [property: Description("Images with a footprint.")] long Images,
    long Dated,
    DateOnly? First,
    DateOnly? Last,
    Box? Bounds,
    [property: Description("Pictures of another host to lay under the footprints; null unless the owner allowed it.")] MapBackground? Background);

/// <summary>Tiles of a world map in longitude and latitude (EPSG:4326) as GIBS serves them.</summary>
/// <param name="Url">With {date}, {z}, {y} and {x}.</param>
internal sealed record MapBackground(string Url, string Attribution, int TileSize, int Levels, double FirstResolution);

/// <summary>What lies in a view.</summary>
/// <param name="Total">Images in the view that pass.</param>
/// <param name="Cells">Groups of images; empty when <paramref name="Images"/> has them one by one.</param>
internal sealed record PlacesAnswer(long Total, IReadOnlyList<PlaceCell> Cells, IReadOnlyList<PlacedImage> Images);

/// <summary>Images whose middles lie in one cell of a view.</summary>
/// <param name="Longitude">Mean of the middles.</param>
/// <param name="Found">Of the positive class, by a person or the model.</param>
/// <param name="Answered">By people.</param>
internal sealed record PlaceCell(double Longitude, double Latitude, long Count, long Found, long Answered, Box Bounds);

/// <param name="Value">Its class; null without one.</param>
/// <param name="ByPerson">Whether a person said so, not the model.</param>
internal sealed record PlacedImage(string ImageId, string Picture, Box Box, DateOnly? Day, string? Value, bool ByPerson);

/// <summary>Which images of a task count.</summary>
internal enum PlaceFilter
{
    All,

    /// <summary>Of the positive class.</summary>
    Found,

    /// <summary>With a person's answer.</summary>
    Answered,

    /// <summary>Without one.</summary>
    Open,
}
