using System.Collections.Concurrent;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Gibs;

/// <summary>A picture that is shown by tiles of which some could not be had.</summary>
internal sealed class MosaicHoleException(TileAddress tile, string detail) : Exception($"tile {tile.Level}/{tile.Row}/{tile.Column}: {detail}")
{
    public TileAddress Tile => tile;
}

/// <summary>
/// One level of one layer at one time as a single huge picture of which any part is copied out, at native pixels. Tiles are decoded when a part needs them and the last ones are kept, so that memory
/// does not grow with the picture. Tiles without a picture are black. Thread-safe.
/// </summary>
internal sealed class GibsMosaic(TileStore store, TileSet set, GibsLevel level)
{
    /// <summary>Decoded tiles that are kept: about 100 MB of 512².</summary>
    private const int KeptTiles = 128;

    private readonly GibsGrid _grid = set.Layer.Grid;
    private readonly TileJournal _journal = store.Journal(set);
    private readonly Lock _gate = new();
    private readonly Dictionary<TileAddress, LinkedListNode<(TileAddress Tile, byte[]? Rgb)>> _kept = [];
    private readonly LinkedList<(TileAddress Tile, byte[]? Rgb)> _order = [];
    private readonly ConcurrentBag<ImageDecoder> _decoders = [];

    /// <summary>Whether tiles that could not be had are black too, in place of an exception.</summary>
    public bool AllowHoles { get; init; }

    /// <summary>The tiles under a window, each once, in reading order. A window may go on beyond the antimeridian.</summary>
    public static IEnumerable<TileAddress> Tiles(GibsGrid grid, GibsLevel level, PixelWindow window) =>
        Pieces(grid, level, window).Select(piece => piece.Tile).Distinct();

    /// <summary>Copies the window out.</summary>
    /// <param name="rgb">Filled with <c>[Height, Width, 3]</c>.</param>
    /// <exception cref="MosaicHoleException">A tile was not fetched, or what is kept of it is spoilt.</exception>
    public void Copy(PixelWindow window, Span<byte> rgb)
    {
        var stride = 3 * level.TileWidth;
        foreach (var piece in Pieces(_grid, level, window))
        {
            var tile = Decoded(piece.Tile);
            for (var row = 0; row < piece.Height; row++)
            {
                var to = rgb.Slice(3 * ((piece.ToY + row) * window.Width + piece.ToX), 3 * piece.Width);
                if (tile is null) to.Clear();
                else tile.AsSpan((piece.FromY + row) * stride + 3 * piece.FromX, 3 * piece.Width).CopyTo(to);
            }
        }
    }

    private readonly record struct Piece(TileAddress Tile, int FromX, int FromY, int ToX, int ToY, int Width, int Height);

    /// <summary>The rectangles, each inside one tile, that a window is made of.</summary>
    private static IEnumerable<Piece> Pieces(GibsGrid grid, GibsLevel level, PixelWindow window)
    {
        var around = grid.Projection == GibsProjection.Geographic ? grid.WorldWidth(level) : int.MaxValue;
        for (var y = window.Y; y < window.Y + window.Height;)
        {
            var row = y / level.TileHeight;
            var height = Math.Min((row + 1) * level.TileHeight, window.Y + window.Height) - y;
            for (var x = window.X; x < window.X + window.Width;)
            {
                var inWorld = x % around;
                var column = inWorld / level.TileWidth;
                // To the tile's end, the window's end, or where the Earth begins anew: coarse levels hang over it.
                var width = Math.Min(Math.Min((column + 1) * level.TileWidth, around) - inWorld, window.X + window.Width - x);
                yield return new Piece(
                    new TileAddress(level.Number, row, column), inWorld - column * level.TileWidth, y - row * level.TileHeight, x - window.X, y - window.Y, width, height);
                x += width;
            }
            y += height;
        }
    }

    private byte[]? Decoded(TileAddress tile)
    {
        lock (_gate)
            if (_kept.TryGetValue(tile, out var node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
                return node.Value.Rgb;
            }
        var rgb = Decode(tile);
        lock (_gate)
        {
            if (_kept.ContainsKey(tile)) return rgb; // Another thread was as quick.
            _kept[tile] = _order.AddFirst((tile, rgb));
            if (_order.Count > KeptTiles)
            {
                _kept.Remove(_order.Last!.Value.Tile);
                _order.RemoveLast();
            }
        }
        return rgb;
    }

    private byte[]? Decode(TileAddress tile)
    {
        try
        {
            return DecodeWhole(tile);
        }
        catch (MosaicHoleException) when (AllowHoles)
        {
            return null;
        }
    }

    private byte[]? DecodeWhole(TileAddress tile)
    {
        var entry = _journal.Find(tile);
        if (entry is null || entry.Status is TileStatus.Failed or TileStatus.OtherTime) throw new MosaicHoleException(tile, entry?.Detail ?? "not fetched");
        if (entry.Status != TileStatus.Done) return null;
        var bytes = store.TryGet(entry.Sha256) ?? throw new MosaicHoleException(tile, "what was kept of it is spoilt");
        if (!_decoders.TryTake(out var decoder)) decoder = new ImageDecoder();
        try
        {
            var result = decoder.Decode(bytes, DecodeOptions.Default);
            return result.Succeeded ? result.Image.Pixels.ToArray() : throw new MosaicHoleException(tile, result.Detail);
        }
        finally
        {
            _decoders.Add(decoder);
        }
    }
}
