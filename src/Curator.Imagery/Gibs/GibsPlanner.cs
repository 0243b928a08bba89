using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Gibs;

/// <summary>Resolves what was asked into times, levels and tiles, before anything is fetched.</summary>
public static class GibsPlanner
{
    private const int DefaultSide = 256;
    private const int LargestSide = 16_384;
    // The server's published averages: 50 Mbit/s are about 350,000 JPEG or 150,000 PNG tiles an hour.
    private const int JpegBytes = 64_000;
    private const int PngBytes = 150_000;

    /// <summary>Reads the catalogue, the times and what is there already.</summary>
    /// <exception cref="CuratorException">Arguments that do not fit together, no such layer or day, nothing of the region in the grid, or more than the server wants to give unannounced.</exception>
    public static async Task<GibsPlan> PlanAsync(GibsClient client, IReadOnlyList<string> layers, DownloadOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(options);
        var region = Region(options);
        var (tileWidth, tileHeight) = TileSize(options.Tile);
        var sizes = Sizes(options);
        var catalogue = await client.CatalogueAsync(options.Projection, false, cancellationToken);
        var plans = new List<GibsLayerPlan>();
        foreach (var layer in layers.Select(catalogue.Find).DistinctBy(layer => layer.Identifier))
        {
            GibsClient.Pictured(layer);
            var times = await TimesAsync(client, layer, options, cancellationToken);
            var cuts = new List<GibsCut>();
            if (sizes.Count == 0) cuts.Add(Cut(layer, LevelOf(layer.Grid, options.Resolution), null, tileWidth, tileHeight, region, options));
            else foreach (var kilometres in sizes) cuts.Add(Cut(layer, kilometres, tileWidth ?? DefaultSide, region, options));
            plans.Add(new GibsLayerPlan(layer, times, cuts));
        }
        return Counted(client, plans, region, options, cancellationToken);
    }

    /// <summary>Reads south,west,north,east.</summary>
    /// <exception cref="WorkspaceException">It is no box.</exception>
    public static BoundingBox Box(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var sides = new double[4];
        var good = parts.Length == 4;
        for (var i = 0; good && i < 4; i++)
            good = double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out sides[i]) && Math.Abs(sides[i]) <= (i % 2 == 0 ? 90 : 180);
        if (!good || sides[0] >= sides[2] || sides[1] == sides[3])
            throw new WorkspaceException($"--bbox is '{text}', no box.", "Write south,west,north,east in degrees, for example --bbox=-20,175,-12,-178 (a box across the antimeridian).");
        return new BoundingBox(sides[0], sides[1], sides[2], sides[3]);
    }

    private static GibsRegion Region(DownloadOptions options) => (options.Bbox, options.Region) switch
    {
        ({ } box, null) => GibsRegion.Of(Box(box)),
        (null, { } file) => GibsRegion.FromGeoJson(file),
        (null, null) => throw new WorkspaceException("No region was given.", "Give --bbox=SOUTH,WEST,NORTH,EAST or --region FILE.geojson; the whole Earth is --bbox=-90,-180,90,180."),
        _ => throw new WorkspaceException("--bbox and --region were given together.", "Give one of them."),
    };

    private static async Task<IReadOnlyList<GibsTime?>> TimesAsync(GibsClient client, GibsLayer layer, DownloadOptions options, CancellationToken cancellationToken)
    {
        if (layer.Domain.IsTimeless) return [null];
        if (options.From is not { } from)
            throw new WorkspaceException($"{layer.Identifier} has pictures from {layer.Domain.First} to {layer.Domain.Last}; no day was given.", "Give --from and, for more than one day, --to.");
        var to = options.To ?? from;
        if (to < from) throw new WorkspaceException($"--to ({to:yyyy-MM-dd}) is before --from ({from:yyyy-MM-dd}).", "Exchange them.");
        var times = await client.TimesAsync(layer, from, to, cancellationToken);
        if (times.Count == 0)
            throw new GibsException(
                $"{layer.Identifier} has no picture from {from:yyyy-MM-dd} to {to:yyyy-MM-dd}.", $"Its first is of {layer.Domain.First} and its last of {layer.Domain.Last}, as far as the server's list tells.");
        return [.. (options.Every is { } every ? GibsDomain.Thin(times, every) : times).Select(time => (GibsTime?)time)];
    }

    private static GibsLevel LevelOf(GibsGrid grid, string? resolution)
    {
        if (resolution is null) return grid.Levels[^1];
        if (!GibsGrid.TryParseMetres(resolution, out var metres))
            throw new WorkspaceException($"--resolution is '{resolution}', no size of a pixel.", "Write 250m, 1km or 31.25m.");
        // Names are round: 1km is 978 m on the equator and 1,024 m in the polar grids.
        return grid.Levels.FirstOrDefault(level => grid.MetresPerPixel(level) <= metres * 1.03) ?? grid.Levels[^1];
    }

    /// <summary>Tiles of a size on the ground: of the coarsest level whose tiles have the pixels that were asked for, at native pixels.</summary>
    private static GibsCut Cut(GibsLayer layer, double kilometres, int leastPixels, GibsRegion region, DownloadOptions options)
    {
        var grid = layer.Grid;
        var level = grid.Levels.FirstOrDefault(level => Side(level) >= leastPixels) ?? grid.Levels[^1];
        var side = Side(level);
        if (side is < 16 or > LargestSide)
            throw new WorkspaceException(
                $"A tile of {kilometres:0.###} km has {side} pixels in {layer.Identifier}, whose finest resolution is {layer.Resolution}.", $"Choose another --size, or --tile up to {LargestSide}.");
        return Cut(layer, level, kilometres.ToString("0.###", CultureInfo.InvariantCulture) + "km", side, side, region, options);

        int Side(GibsLevel of) => (int)Math.Round(kilometres * 1000 / grid.MetresPerPixel(of));
    }

    private static GibsCut Cut(GibsLayer layer, GibsLevel level, string? resolution, int? width, int? height, GibsRegion region, DownloadOptions options)
    {
        var grid = layer.Grid;
        var window = grid.Window(level, region) ?? throw GibsClient.Outside(grid);
        Bulk(TilesUnder(level, window), options);
        if (width is null && options.Overlap > 0) throw new WorkspaceException("--overlap needs tiles of our own.", "Give --tile 512 or --size too.");
        var windows = width is null ? Aligned(grid, level, window) : Own(window, width.Value, height!.Value, options);
        var tiles = windows.Where(tile => Shows(grid, level, tile, region)).ToList();
        // Tiles are listed in reading order, so neighbours repeat: only what is new is kept.
        var sources = new HashSet<TileAddress>();
        foreach (var tile in tiles) sources.UnionWith(GibsMosaic.Tiles(grid, level, tile));
        return new GibsCut(layer, level, resolution ?? grid.ResolutionName(level), width ?? level.TileWidth, height ?? level.TileHeight)
        {
            Tiles = tiles,
            Sources = [.. sources.OrderBy(tile => tile.Row).ThenBy(tile => tile.Column)],
        };
    }

    /// <summary>The server's own tiles, without what hangs over the Earth's edge.</summary>
    private static IEnumerable<PixelWindow> Aligned(GibsGrid grid, GibsLevel level, PixelWindow window) => GibsMosaic.Tiles(grid, level, window).Select(tile =>
    {
        var (x, y) = (tile.Column * level.TileWidth, tile.Row * level.TileHeight);
        return new PixelWindow(x, y, Math.Min(level.TileWidth, grid.WorldWidth(level) - x), Math.Min(level.TileHeight, grid.WorldHeight(level) - y));
    });

    private static IEnumerable<PixelWindow> Own(PixelWindow window, int width, int height, DownloadOptions options)
    {
        var columns = TilePlan.Starts(window.Width, width, options.Overlap, options.Boundary);
        foreach (var y in TilePlan.Starts(window.Height, height, options.Overlap, options.Boundary))
            foreach (var x in columns)
                yield return new PixelWindow(window.X + x, window.Y + y, Math.Min(width, window.Width - x), Math.Min(height, window.Height - y));
    }

    private static bool Shows(GibsGrid grid, GibsLevel level, PixelWindow tile, GibsRegion region)
    {
        if (grid.Projection == GibsProjection.Geographic) return region.Overlaps(grid.Footprint(level, tile));
        // Polar tiles are no boxes in degrees: a mesh of places tells, and a region inside the tile by its outline.
        const int steps = 16;
        for (var i = 0; i <= steps; i++)
            for (var j = 0; j <= steps; j++)
            {
                var (latitude, longitude) = grid.Place(level, tile.X + tile.Width * (double)i / steps, tile.Y + tile.Height * (double)j / steps);
                if (region.Contains(latitude, longitude)) return true;
            }
        return region.Outline.Any(point =>
        {
            var (x, y) = grid.Pixel(level, point.Latitude, point.Longitude);
            return x > tile.X && x < tile.X + tile.Width && y > tile.Y && y < tile.Y + tile.Height;
        });
    }

    private static GibsPlan Counted(GibsClient client, List<GibsLayerPlan> plans, GibsRegion region, DownloadOptions options, CancellationToken cancellationToken)
    {
        long sources = 0, known = 0, bytes = 0, tiles = 0;
        foreach (var plan in plans)
        {
            var addresses = plan.Cuts.SelectMany(cut => cut.Sources).ToHashSet();
            sources += (long)addresses.Count * plan.Times.Count;
            tiles += plan.Cuts.Sum(cut => (long)cut.Tiles.Count) * plan.Times.Count;
            long there = 0;
            foreach (var time in plan.Times)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var set = new TileSet(plan.Layer, time);
                var journal = client.Store.Journal(set);
                there += addresses.Count(tile => journal.Find(tile) is { } entry && client.Fetcher.IsEnough(entry, options.AskAgain));
                client.Store.Release(set);
            }
            known += there;
            bytes += ((long)addresses.Count * plan.Times.Count - there) * (plan.Layer.Format == "image/png" ? PngBytes : JpegBytes);
        }
        if (tiles == 0) throw new GibsException("No tile lies in the region.", "Choose a larger region, smaller tiles, or another --boundary.");
        Bulk(sources - known, options);
        return new GibsPlan(plans, options, sources, known, tiles, bytes, TimeSpan.FromSeconds(bytes * 8 / (client.Options.Bandwidth * 1e6))) { Region = region };
    }

    /// <summary>The server asks to be told ahead of more than a million tiles a day.</summary>
    private static void Bulk(long tiles, DownloadOptions options)
    {
        if (tiles <= GibsPlan.BulkTiles || options.Coordinated) return;
        throw new GibsException(
            $"This asks for {tiles:N0} tiles, and the server's people want to know of more than {GibsPlan.BulkTiles:N0} a day 48 hours ahead.",
            "Choose fewer days, a smaller region or a coarser --resolution; or write to support@earthdata.nasa.gov first and give --coordinated.");
    }

    private static long TilesUnder(GibsLevel level, PixelWindow window) =>
        (long)(window.Width / level.TileWidth + 1) * (window.Height / level.TileHeight + 1);

    private static (int? Width, int? Height) TileSize(string? text)
    {
        if (text is null) return (null, null);
        var parts = text.Split('x', '×');
        if (parts.Length is 1 or 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var height) && width is >= 16 and <= LargestSide && height is >= 16 and <= LargestSide)
            return (width, height);
        throw new WorkspaceException($"--tile is '{text}', no size.", $"Write 256 or 512x256, from 16 to {LargestSide} pixels.");
    }

    private static List<double> Sizes(DownloadOptions options)
    {
        if (options.Size is null) return [];
        if (options.Resolution is not null) throw new WorkspaceException("--size and --resolution were given together.", "Give one: --size chooses the level by itself.");
        var sizes = new List<double>();
        foreach (var part in options.Size.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var number = part.EndsWith("km", StringComparison.OrdinalIgnoreCase) ? part[..^2] : part;
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var size) || !(size > 0))
                throw new WorkspaceException($"--size holds '{part}', no number of kilometres.", "Write --size 128 or --size 128,256,500,1000.");
            if (!sizes.Contains(size)) sizes.Add(size);
        }
        return sizes;
    }
}
