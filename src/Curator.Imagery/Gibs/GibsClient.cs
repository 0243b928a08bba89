using System.Collections.Concurrent;
using Curator.Imagery.Ingest;
using Curator.Imagery.Resizing;

namespace Curator.Imagery.Gibs;

/// <summary>
/// Layers and pictures of a WMTS server with the layout of NASA GIBS. Everything that was fetched is kept under <see cref="GibsOptions.Cache"/> and found there the next time. One client a process
/// is enough: it holds the limits on connections and bandwidth. Thread-safe. (docs/design/gibs.md)
/// </summary>
public sealed class GibsClient : IDisposable
{
    private const int FewestPixels = 16;
    private const int MostPixels = 8192;
    /// <summary>A picture is some tiles; who needs more downloads.</summary>
    private const int MostTilesAPicture = 1024;

    private readonly GibsHttp _http;
    private readonly CatalogueStore _documents;

    public GibsClient(GibsOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        Options = options;
        Clock = clock;
        _http = new GibsHttp(options, clock);
        var folder = Path.Combine(options.CacheFolder(), Core.Names.ToValid($"{_http.Address.Host}-{_http.Address.Port}"));
        _documents = new CatalogueStore(_http, folder, clock);
        Store = new TileStore(folder);
        Fetcher = new TileFetcher(_http, Store, options, clock);
    }

    public GibsOptions Options { get; }

    /// <summary>The server's, with a slash at its end.</summary>
    public Uri Address => _http.Address;

    /// <summary>How old the catalogue is that was last given out, when the server could not be asked; null when it is fresh.</summary>
    public DateTimeOffset? CatalogueFrom => _documents.Stale;

    internal TimeProvider Clock { get; }

    internal TileStore Store { get; }

    internal TileFetcher Fetcher { get; }

    /// <summary>The layers of a projection: from the server, or from disk when it was asked in the last half hour or cannot be reached.</summary>
    /// <exception cref="GibsException">Never fetched, and not to be had now.</exception>
    public Task<GibsCatalogue> CatalogueAsync(GibsProjection projection, bool refresh, CancellationToken cancellationToken) =>
        _documents.CatalogueAsync(projection, refresh, cancellationToken);

    /// <summary>
    /// The layer's times between two days, both inclusive: from DescribeDomains, since capabilities tell the latest only, or from the capabilities where the server does not describe domains.
    /// Empty for layers without times.
    /// </summary>
    /// <exception cref="GibsException">No catalogue, or no such layer.</exception>
    public async Task<IReadOnlyList<GibsTime>> TimesAsync(GibsLayer layer, DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.Domain.IsTimeless) return [];
        try
        {
            var domain = await _documents.DomainAsync(layer, from, to, cancellationToken);
            if (!domain.IsTimeless) return domain.Between(from, to);
        }
        catch (GibsException)
        {
            // Servers of older versions do not describe domains; the capabilities tell what they can.
        }
        return layer.Domain.Between(from, to);
    }

    /// <summary>Fetches a part of a layer as one picture; from the store where it is there already.</summary>
    /// <exception cref="GibsException">No such layer, no such time, nothing of the box in this projection, or no tile of it could be had.</exception>
    public async Task<GibsPicture> FetchPictureAsync(GibsPictureRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.MaxSide, FewestPixels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.MaxSide, MostPixels);
        var layer = (await CatalogueAsync(request.Projection, false, cancellationToken)).Find(request.Layer);
        Pictured(layer);
        var time = await TimeAsync(layer, request.Time, cancellationToken);
        if (request.Projection != GibsProjection.Geographic && request.Metres is { } metres)
            return await FetchPictureAsync(layer, time, level => layer.Grid.Window(level, metres), request.MaxSide, cancellationToken);
        var region = GibsRegion.Of(request.Box);
        return await FetchPictureAsync(layer, time, region, request.MaxSide, cancellationToken);
    }

    /// <summary>The same for a layer and a time that are known.</summary>
    internal Task<GibsPicture> FetchPictureAsync(GibsLayer layer, GibsTime? time, GibsRegion region, int maxSide, CancellationToken cancellationToken) =>
        FetchPictureAsync(layer, time, level => layer.Grid.Window(level, region), maxSide, cancellationToken);

    /// <param name="windowOf">The pixels of a level that are wanted; null when none is.</param>
    private async Task<GibsPicture> FetchPictureAsync(GibsLayer layer, GibsTime? time, Func<GibsLevel, PixelWindow?> windowOf, int maxSide, CancellationToken cancellationToken)
    {
        var grid = layer.Grid;
        var (level, window) = Coarsest(grid, windowOf, maxSide);
        var set = new TileSet(layer, time);
        var tiles = GibsMosaic.Tiles(grid, level, window).Take(MostTilesAPicture + 1).ToList();
        if (tiles.Count > MostTilesAPicture)
            throw new GibsException($"The picture is made of more than {MostTilesAPicture:N0} tiles.", "Ask for a smaller box, or fewer pixels.");
        var missing = new ConcurrentBag<TileEntry>();
        // Blank and absent tiles are what the server has to say: black. The others are missing.
        await FetchAsync(set, level, tiles, false, true, (_, entry) =>
        {
            if (entry.Status is TileStatus.Failed or TileStatus.OtherTime) missing.Add(entry);
        }, cancellationToken);
        if (missing.Count == tiles.Count)
            throw new GibsException(
                $"No tile of {layer.Identifier}{(time is { } at ? $" at {at}" : "")} could be had there: {missing.First().Detail}.", "Try another date or box; 'curator layers' tells what times a layer has.") { ServerFailed = true };
        var rgb = new byte[checked(3 * window.Width * window.Height)];
        new GibsMosaic(Store, set, level) { AllowHoles = true }.Copy(window, rgb);
        var image = Shrink(new RgbImage(window.Width, window.Height, rgb), maxSide);
        return new GibsPicture(
            image, grid.Footprint(level, window), time, grid.ResolutionName(level), PictureFacts.Of(image.Rgb.Span).NoDataShare, missing.Count, tiles.Count);
    }

    /// <summary>Gets many tiles at a time, as many as the server bears.</summary>
    /// <param name="each">Called for each from any thread.</param>
    internal Task FetchAsync(TileSet set, GibsLevel level, IEnumerable<TileAddress> tiles, bool askAgain, bool verify, Action<TileAddress, TileEntry> each, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            tiles, new ParallelOptions { MaxDegreeOfParallelism = Options.Connections, CancellationToken = cancellationToken },
            async (tile, token) => each(tile, await Fetcher.GetAsync(set, level, tile, askAgain, verify, token)));

    /// <exception cref="GibsException">The layer is none of pictures.</exception>
    internal static void Pictured(GibsLayer layer)
    {
        if (!layer.IsPicture) throw new GibsException($"The tiles of {layer.Identifier} are {layer.Format}, no pictures.", "Choose a layer whose format is JPEG or PNG: 'curator layers WORDS' shows it.");
    }

    public void Dispose()
    {
        Store.Dispose();
        _http.Dispose();
    }

    private async Task<GibsTime?> TimeAsync(GibsLayer layer, GibsTime? wanted, CancellationToken cancellationToken)
    {
        if (layer.Domain.IsTimeless) return null;
        if (wanted is not { } time) return layer.Domain.Last;
        // The capabilities know the latest times, and asking for more costs a request.
        var times = layer.Domain.Between(time.Day, time.Day);
        if (times.Count == 0) times = await TimesAsync(layer, time.Day, time.Day, cancellationToken);
        if (times.Count == 0)
            throw new GibsException($"{layer.Identifier} has no picture of {time.Day:yyyy-MM-dd}.", $"Its first is of {layer.Domain.First} and its last of {layer.Domain.Last}, as far as the server's list tells.");
        if (!time.HasTimeOfDay) return times[0];
        return times.LastOrDefault(known => known <= time) is { Moment.Year: > 1 } before ? before : times[0];
    }

    private static (GibsLevel Level, PixelWindow Window) Coarsest(GibsGrid grid, Func<GibsLevel, PixelWindow?> windowOf, int maxSide)
    {
        (GibsLevel Level, PixelWindow Window)? chosen = null;
        foreach (var level in grid.Levels)
        {
            if (windowOf(level) is not { } window) continue;
            chosen = (level, window);
            if (Math.Max(window.Width, window.Height) >= maxSide) break;
        }
        return chosen ?? throw Outside(grid);
    }

    internal static GibsException Outside(GibsGrid grid) => new(
        $"Nothing of the region lies in the {grid.Projection.ToString().ToLowerInvariant()} grid.", "Choose another --projection, or a region on this side of the Earth.");

    private static RgbImage Shrink(RgbImage image, int maxSide)
    {
        var longer = Math.Max(image.Width, image.Height);
        if (longer <= maxSide) return image;
        var (width, height) = (Math.Max(1, (int)Math.Round(image.Width * (double)maxSide / longer)), Math.Max(1, (int)Math.Round(image.Height * (double)maxSide / longer)));
        var small = new byte[3 * width * height];
        new Resizer().Resize(image.Rgb.Span, image.Width, image.Height, small, width, height);
        return new RgbImage(width, height, small);
    }
}
