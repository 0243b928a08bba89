using Curator.Imagery.Scenes;

namespace Curator.Imagery.Gibs;

/// <summary>A set of tiles of one size that is cut out of one level of a layer, at each time.</summary>
/// <param name="Resolution">Second part of the partitions' names: the level's (<c>250m</c>), or the size on the ground (<c>128km</c>).</param>
/// <param name="TileWidth">Pixels.</param>
/// <param name="TileHeight">Pixels.</param>
public sealed record GibsCut(GibsLayer Layer, GibsLevel Level, string Resolution, int TileWidth, int TileHeight)
{
    /// <summary>The tiles, from upper left to lower right; parts that reach over the region are cut off with the boundary <c>pad</c>.</summary>
    internal IReadOnlyList<PixelWindow> Tiles { get; init; } = [];

    /// <summary>The server's tiles under them.</summary>
    internal IReadOnlyList<TileAddress> Sources { get; init; } = [];

    /// <summary>Tiles at each time.</summary>
    public int TileCount => Tiles.Count;

    /// <summary>The server's tiles at each time.</summary>
    public int SourceCount => Sources.Count;
}

/// <summary>A layer's part of a plan.</summary>
/// <param name="Times">A single null for layers without times.</param>
public sealed record GibsLayerPlan(GibsLayer Layer, IReadOnlyList<GibsTime?> Times, IReadOnlyList<GibsCut> Cuts);

/// <summary>What a download will fetch and make.</summary>
/// <param name="SourceTiles">Tiles of the server, each once, over all times.</param>
/// <param name="KnownTiles">Of these, those that are there from earlier.</param>
/// <param name="Tiles">Tiles to be cut, before empty ones are left out.</param>
/// <param name="Bytes">To be fetched, by the server's own averages.</param>
/// <param name="Duration">At the bandwidth that is allowed.</param>
public sealed record GibsPlan(
    IReadOnlyList<GibsLayerPlan> Layers, DownloadOptions Options, long SourceTiles, long KnownTiles, long Tiles, long Bytes, TimeSpan Duration)
{
    /// <summary>From here on the server's people want to know 48 hours ahead.</summary>
    public const long BulkTiles = 1_000_000;

    internal GibsRegion Region { get; init; } = null!;

    internal TileFormat FormatOf(GibsLayer layer) => Options.Format ?? (layer.Format == "image/png" ? TileFormat.Png : TileFormat.Jpeg);
}
