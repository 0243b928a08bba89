using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Curator.Core.Files;
using Curator.Core.Shards;

namespace Curator.Cli.Demo;

/// <summary>The demo's pictures and truth, ready on disk.</summary>
/// <param name="TilesDirectory">Absolute; holds only tiles, named <c>YYYY-MM-DD_S,W,N,E.jpg</c>.</param>
/// <param name="TruthCsv">Absolute; <c>image,label</c> with the tile's file name and yes or no.</param>
/// <param name="IslandsCsv">Absolute; <c>image,island,square_km</c>: one line for each island that an island tile shows whole, by number, with its area.</param>
/// <param name="ExamplePicture">Absolute; one of the tiles.</param>
/// <param name="WorldPicture">Absolute; the whole picture, EPSG:4326, the background of maps.</param>
/// <param name="TileCount">All tiles.</param>
/// <param name="PositiveCount">Island tiles.</param>
/// <param name="IslandCount">Different islands that at least one tile shows whole.</param>
/// <param name="Terms">Where picture and coastlines come from, and their terms; one sentence group each.</param>
internal sealed record DemoData(
    string TilesDirectory,
    string TruthCsv,
    string IslandsCsv,
    string ExamplePicture,
    string WorldPicture,
    int TileCount,
    int PositiveCount,
    int IslandCount,
    IReadOnlyList<string> Terms)
{
    private const string ReceiptName = "demo-data.json";

    /// <summary>
    /// Cuts the tiles and judges them, or finds that this was done before. Tiles appear all at once: they are written to a folder of another name, which is
    /// renamed when complete, so an interrupted run leaves nothing half made. Idempotent; not meant for two processes at once.
    /// </summary>
    /// <param name="packages">The folder <c>demo/</c> after <c>npm ci</c>, or its <c>node_modules</c>.</param>
    /// <param name="outputDirectory">Made when missing.</param>
    /// <exception cref="DemoDataException">The packages are missing or damaged.</exception>
    public static async Task<DemoData> PrepareAsync(
        string packages, string outputDirectory, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var modules = Path.Combine(packages, "node_modules");
        if (!Directory.Exists(modules)) modules = packages;
        var picture = BlueMarble.Find(modules);
        var coastlines = await File.ReadAllBytesAsync(NaturalEarthLand.FindFile(modules), cancellationToken);
        var output = Path.GetFullPath(outputDirectory);
        Directory.CreateDirectory(output);
        var fingerprint = Fingerprint(await File.ReadAllBytesAsync(picture.FilePath, cancellationToken), coastlines);
        return await ReadReceiptAsync(output, picture, fingerprint, cancellationToken)
            ?? await MakeAsync(picture, coastlines, output, fingerprint, progress, cancellationToken);
    }

    private static async Task<DemoData> MakeAsync(
        BlueMarble picture, byte[] coastlines, string output, string fingerprint, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var tiles = DemoTile.All;
        var partial = Path.Combine(output, ".tiles-partial");
        var directory = Path.Combine(output, "tiles");
        File.Delete(Path.Combine(output, ReceiptName));
        foreach (var old in (string[])[partial, directory])
            if (Directory.Exists(old))
                Directory.Delete(old, recursive: true);
        Directory.CreateDirectory(partial);
        await TileCutter.CutAsync(picture.Decode(), tiles, partial, progress, cancellationToken);
        Directory.Move(partial, directory);

        var truth = Judge(coastlines, tiles, progress, cancellationToken);
        var receipt = new Receipt(
            fingerprint, DemoExample.Choose(truth).Tile.FileName, tiles.Count, truth.Count(tile => tile.IsIsland),
            truth.SelectMany(tile => tile.Islands).Select(island => island.Id).Distinct().Count());
        var data = receipt.ToData(output, picture);
        AtomicFile.WriteText(data.TruthCsv, Csv("label", truth.Select(tile => (tile.Tile.FileName, tile.IsIsland ? "yes" : "no"))));
        AtomicFile.WriteText(data.IslandsCsv, Csv("island,square_km", truth.SelectMany(tile =>
            tile.Islands.Select(island => (tile.Tile.FileName, string.Create(CultureInfo.InvariantCulture, $"{island.Id},{island.AreaSquareKm:0}"))))));
        // Last: what names the rest may only exist when the rest does.
        AtomicFile.WriteText(Path.Combine(output, ReceiptName), JsonSerializer.Serialize(receipt, s_json));
        return data;
    }

    private static List<TileTruth> Judge(
        byte[] coastlines, IReadOnlyList<DemoTile> tiles, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var land = NaturalEarthLand.Read(coastlines);
        var mask = LandMask.Rasterise(land.Rings, BlueMarble.Width, BlueMarble.Height, cancellationToken);
        var islands = new IslandTruth(mask, LandComponents.Of(mask, cancellationToken));
        var truth = new List<TileTruth>(tiles.Count);
        foreach (var tile in tiles)
        {
            cancellationToken.ThrowIfCancellationRequested();
            truth.Add(islands.Judge(tile));
            if (truth.Count % 256 == 0 || truth.Count == tiles.Count) progress?.Report(new StageProgress("judge tiles", truth.Count, tiles.Count, "tiles"));
        }
        return truth;
    }

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    private static string Csv(string columns, IEnumerable<(string Image, string Value)> lines)
    {
        // File names hold commas, so they are quoted (RFC 4180).
        var text = new StringBuilder("image,").Append(columns).Append('\n');
        foreach (var (image, value) in lines) text.Append('"').Append(image).Append("\",").Append(value).Append('\n');
        return text.ToString();
    }

    private static string Fingerprint(byte[] picture, byte[] coastlines) =>
        $"plan {DemoPlan.Version}, picture {Convert.ToHexStringLower(SHA256.HashData(picture))}, coastlines {Convert.ToHexStringLower(SHA256.HashData(coastlines))}";

    private static async Task<DemoData?> ReadReceiptAsync(string output, BlueMarble picture, string fingerprint, CancellationToken cancellationToken)
    {
        var path = Path.Combine(output, ReceiptName);
        if (!File.Exists(path)) return null;
        Receipt? receipt;
        try
        {
            receipt = JsonSerializer.Deserialize<Receipt>(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (JsonException)
        {
            return null;
        }
        if (receipt is null || receipt.Fingerprint != fingerprint) return null;
        var data = receipt.ToData(output, picture);
        var whole = File.Exists(data.TruthCsv) && File.Exists(data.IslandsCsv) && File.Exists(data.ExamplePicture)
            && Directory.EnumerateFiles(data.TilesDirectory).Count() == data.TileCount;
        return whole ? data : null;
    }

    /// <summary>What <c>demo-data.json</c> says; written when all the rest is on disk.</summary>
    private sealed record Receipt(string Fingerprint, string Example, int Tiles, int Positives, int Islands)
    {
        public DemoData ToData(string output, BlueMarble picture)
        {
            var tiles = Path.Combine(output, "tiles");
            return new DemoData(
                tiles, Path.Combine(output, "truth.csv"), Path.Combine(output, "islands.csv"), Path.Combine(tiles, Example), picture.FilePath,
                Tiles, Positives, Islands, [BlueMarble.Terms, NaturalEarthLand.Terms]);
        }
    }
}
