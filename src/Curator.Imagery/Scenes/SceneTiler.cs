using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Drawing;

namespace Curator.Imagery.Scenes;

/// <summary>
/// Cuts one large picture with known corners into overlapping tiles whose names tell date and place (<see cref="TileName"/>). A plain
/// cylindrical scene is assumed: rows are parallels, columns meridians, evenly spaced (EPSG:4326). Thread-safe.
/// </summary>
public static class SceneTiler
{
    /// <summary>
    /// Cuts the scene from top left to bottom right and yields each tile that is kept once it is on disk. Tiles appear whole or not at all; those that are
    /// there already are not written again, so a cut that was interrupted is continued by calling this once more, and a folder must belong to one
    /// scene and one set of options.
    /// </summary>
    /// <param name="scenePath">Any format that <see cref="ImageDecoder"/> reads.</param>
    /// <param name="box">What the whole scene shows; may cross the antimeridian.</param>
    /// <param name="date">Day of the scene, for the names.</param>
    /// <exception cref="ImageDecodeException">The scene cannot be read, or ends early; the tiles above the break remain.</exception>
    public static IEnumerable<SceneTile> Cut(
        string scenePath, BoundingBox box, DateOnly date, string outputFolder, TilerOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(scenePath);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TileWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TileHeight, 1);
        if (!(options.Overlap is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(options), options.Overlap, "The overlap must be at least 0 and below 1.");
        if (!(box.North > box.South)) throw new ArgumentException($"The box {box} has no height.", nameof(box));
        return CutCore(scenePath, box, date, Path.GetFullPath(outputFolder), options, cancellationToken);
    }

    private static IEnumerable<SceneTile> CutCore(
        string scenePath, BoundingBox box, DateOnly date, string outputFolder, TilerOptions options, CancellationToken cancellationToken)
    {
        using var scene = SceneReader.Open(scenePath, DecodeOptions.Default);
        Directory.CreateDirectory(outputFolder);
        AtomicFile.RemoveLeftovers(outputFolder);
        var columns = TilePlan.Starts(scene.Width, options.TileWidth, options.Overlap, options.Boundary);
        var rows = TilePlan.Starts(scene.Height, options.TileHeight, options.Overlap, options.Boundary);
        var stride = 3 * scene.Width;
        // The rows under the current line of tiles; lines only move down, so each scene row is read once.
        var window = new byte[(long)stride * Math.Min(options.TileHeight, scene.Height)];
        var tile = new byte[3 * options.TileWidth * options.TileHeight];
        var (top, bottom) = (0, 0);
        foreach (var y in rows)
        {
            var end = Math.Min(y + options.TileHeight, scene.Height);
            MoveWindow(scene, window, stride, ref top, ref bottom, y, end);
            foreach (var x in columns)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var width = Math.Min(options.TileWidth, scene.Width - x);
                var share = Copy(window, stride, x, width, end - y, tile, options);
                if (share > options.MaxNoDataShare) continue;
                var footprint = Footprint(box, scene.Width, scene.Height, x, y, width, end - y);
                var path = Path.Combine(outputFolder, TileName.Format(date, footprint, Decimals(box, scene)) + Extension(options.Format));
                if (!IsWhole(path, options.Format)) Save(path, tile, options);
                yield return new SceneTile(path, footprint, x, y, share);
            }
        }
    }

    private static void MoveWindow(SceneReader scene, byte[] window, int stride, ref int top, ref int bottom, int newTop, int newBottom)
    {
        if (newTop > bottom) // Tiles further apart than they are high do not occur: the step is at most the tile.
            throw new System.Diagnostics.UnreachableException($"rows {bottom} to {newTop} belong to no tile");
        var kept = bottom - newTop;
        window.AsSpan((newTop - top) * stride, kept * stride).CopyTo(window);
        scene.ReadRows(window.AsSpan(kept * stride, (newBottom - bottom) * stride));
        (top, bottom) = (newTop, newBottom);
    }

    /// <summary>Copies one tile out of the window, black where the scene ends. Returns the share of exactly black pixels.</summary>
    private static double Copy(byte[] window, int stride, int x, int width, int height, byte[] tile, TilerOptions options)
    {
        if (width < options.TileWidth || height < options.TileHeight) Array.Clear(tile);
        for (var row = 0; row < height; row++)
            window.AsSpan(row * stride + 3 * x, 3 * width).CopyTo(tile.AsSpan(row * 3 * options.TileWidth));
        long black = 0;
        for (var i = 0; i < tile.Length; i += 3)
            if ((tile[i] | tile[i + 1] | tile[i + 2]) == 0)
                black++;
        return black / (tile.Length / 3.0);
    }

    private static BoundingBox Footprint(BoundingBox box, int sceneWidth, int sceneHeight, int x, int y, int width, int height)
    {
        var across = (box.CrossesAntimeridian ? box.East + 360 - box.West : box.East - box.West) / sceneWidth;
        var down = (box.North - box.South) / sceneHeight;
        var west = box.West + x * across;
        var east = box.West + (x + width) * across;
        // On the antimeridian itself a tile begins at -180 and ends at 180.
        return new BoundingBox(
            box.North - (y + height) * down, west >= 180 ? west - 360 : west, box.North - y * down, east > 180 ? east - 360 : east);
    }

    private static int Decimals(BoundingBox box, SceneReader scene) => (box.North - box.South) / scene.Height < 0.001 ? 6 : 4;

    private static string Extension(TileFormat format) => format == TileFormat.Png ? ".png" : ".jpg";

    /// <summary>Whether the file is there with its end marker: after a power failure a renamed file may be there without its bytes.</summary>
    private static bool IsWhole(string path, TileFormat format)
    {
        if (!File.Exists(path)) return false;
        using var handle = File.OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        Span<byte> end = stackalloc byte[8];
        if (length < end.Length || RandomAccess.Read(handle, end, length - end.Length) != end.Length) return false;
        return format == TileFormat.Png ? end.StartsWith("IEND"u8) : end[6..].SequenceEqual<byte>([0xFF, 0xD9]);
    }

    // No fsync a tile: there may be hundreds of thousands, all can be cut again, and IsWhole finds those that a power failure emptied.
    private static void Save(string path, byte[] tile, TilerOptions options)
    {
        var format = options.Format == TileFormat.Png ? EncodedFormat.Png : EncodedFormat.Jpeg;
        var temporary = AtomicFile.TemporaryName(path);
        File.WriteAllBytes(temporary, ImageEncoder.Encode(tile, options.TileWidth, options.TileHeight, format, options.Quality));
        File.Move(temporary, path, overwrite: true);
    }
}
