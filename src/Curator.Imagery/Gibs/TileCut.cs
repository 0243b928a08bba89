using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Imagery.Drawing;
using Curator.Imagery.Ingest;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Gibs;

/// <summary>What became of a tile.</summary>
internal enum CutOutcome
{
    Written,
    AlreadyThere,

    /// <summary>Too much of it is empty.</summary>
    LeftOut,

    /// <summary>A tile of the server that it needs could not be had.</summary>
    Incomplete,
}

/// <summary>Cuts one tile after the other out of a mosaic into files. Thread-safe.</summary>
internal sealed class TileCut(GibsCut cut, GibsTime? time, GibsMosaic mosaic, TileStore store, TileSet set, TileFormat format, DownloadOptions options)
{
    private readonly TileJournal _sources = store.Journal(set);
    private readonly GibsGrid _grid = cut.Layer.Grid;

    /// <summary>Makes the tile unless it is there already, made of the same.</summary>
    /// <param name="folder">The journal's.</param>
    /// <exception cref="MosaicHoleException">What is kept of one of the server's tiles is spoilt.</exception>
    public CutOutcome Make(PixelWindow tile, string folder, CutJournal journal)
    {
        var entries = GibsMosaic.Tiles(_grid, cut.Level, tile).Select(_sources.Find).ToList();
        if (entries.Exists(entry => entry is null or { Status: TileStatus.Failed or TileStatus.OtherTime })) return CutOutcome.Incomplete;
        var footprint = _grid.Footprint(cut.Level, tile);
        var file = FileName(tile, footprint);
        var made = Fingerprint(entries!, tile);
        var path = Path.Combine(folder, file);
        if (journal.Find(file) is { } line && line.Made == made && IsThere(line, path)) return line.Sha256 is null ? CutOutcome.LeftOut : CutOutcome.AlreadyThere;
        var (bytes, noData) = Bytes(tile, entries!);
        CutLine New(string? sha256, long size) => new(
            file, time?.Text, [footprint.South, footprint.West, footprint.North, footprint.East], [tile.X, tile.Y, tile.Width, tile.Height], made, sha256, size, Math.Round(noData, 6));
        if (noData > options.MaxNodata)
        {
            File.Delete(path); // of an earlier run that was asked otherwise
            journal.Add(New(null, 0));
            return CutOutcome.LeftOut;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = AtomicFile.TemporaryName(path);
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
        journal.Add(New(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length));
        return CutOutcome.Written;
    }

    private bool IsThere(CutLine line, string path)
    {
        if (line.Sha256 is null) return true;
        if (new FileInfo(path) is not { Exists: true } file || file.Length != line.Bytes) return false;
        return !options.Verify || Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) == line.Sha256;
    }

    private (byte[] Bytes, double NoData) Bytes(PixelWindow tile, List<TileEntry> entries)
    {
        // One of the server's own tiles, whole and in its own format, goes through byte for byte.
        var own = tile.Width == cut.Level.TileWidth && tile.Height == cut.Level.TileHeight && tile.Width == cut.TileWidth && tile.Height == cut.TileHeight && entries.Count == 1;
        if (own && entries[0].HasPicture && format == (cut.Layer.Format == "image/png" ? TileFormat.Png : TileFormat.Jpeg))
            return (store.TryGet(entries[0].Sha256) ?? throw new MosaicHoleException(entries[0].Address, "what was kept of it is spoilt"), entries[0].Status == TileStatus.Blank ? 1 : entries[0].NoData);
        var (width, height) = options.Tile is null && options.Size is null ? (tile.Width, tile.Height) : (cut.TileWidth, cut.TileHeight);
        var rgb = new byte[3 * width * height];
        if ((width, height) == (tile.Width, tile.Height))
        {
            mosaic.Copy(tile, rgb);
        }
        else
        {
            var part = new byte[3 * tile.Width * tile.Height];
            mosaic.Copy(tile, part);
            for (var row = 0; row < tile.Height; row++) part.AsSpan(3 * row * tile.Width, 3 * tile.Width).CopyTo(rgb.AsSpan(3 * row * width));
        }
        var noData = PictureFacts.Of(rgb).NoDataShare;
        if (noData > options.MaxNodata) return ([], noData);
        return (ImageEncoder.Encode(rgb, width, height, format == TileFormat.Png ? EncodedFormat.Png : EncodedFormat.Jpeg, options.Quality), noData);
    }

    /// <summary>The day's folder in a partition's.</summary>
    public static string FolderOf(GibsTime? time) => time is { } at ? $"{at.Day:yyyy-MM-dd}" : "static";

    /// <summary><c>2020-09-27_S,W,N,E.jpg</c>. Polar tiles around the pole may have the same box in degrees: theirs lie in folders of their own.</summary>
    private string FileName(PixelWindow tile, BoundingBox footprint)
    {
        var decimals = cut.Level.PixelSize < 0.001 ? 6 : 4;
        var name = time switch
        {
            null => TileName.Format(footprint, decimals),
            { HasTimeOfDay: true } moment => TileName.Format(moment.Moment, footprint, decimals),
            { } day => TileName.Format(day.Day, footprint, decimals),
        } + (format == TileFormat.Png ? ".png" : ".jpg");
        return _grid.Projection == GibsProjection.Geographic ? name : string.Create(CultureInfo.InvariantCulture, $"x{tile.X}y{tile.Y}/{name}");
    }

    private string Fingerprint(List<TileEntry> entries, PixelWindow tile)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{format} {options.Quality} {options.MaxNodata} {tile} {cut.TileWidth}x{cut.TileHeight}");
        foreach (var entry in entries) text.Append('\n').Append(entry.Status == TileStatus.Done ? entry.Sha256 : "empty");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];
    }
}
