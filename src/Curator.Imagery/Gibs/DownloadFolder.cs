using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core.Files;

namespace Curator.Imagery.Gibs;

/// <summary>What lies in a folder of downloaded tiles and how it came there: <c>download.json</c> in each partition's folder.</summary>
/// <param name="Product">First part of the partition's name: the layer.</param>
/// <param name="Resolution">Second part.</param>
/// <param name="Period">Third part: <c>2020-09</c>.</param>
public sealed record DownloadReceipt(string Product, string Resolution, string Period)
{
    public string Kind { get; init; } = DownloadFolder.Kind;

    public string Tool { get; init; } = "";

    public string Server { get; init; } = "";

    public string Layer { get; init; } = "";

    public string Title { get; init; } = "";

    public string Projection { get; init; } = "";

    /// <summary>Tile matrix set and level that the pixels are of.</summary>
    public string Grid { get; init; } = "";

    public int Level { get; init; }

    /// <summary>Degrees or metres a pixel.</summary>
    public double PixelSize { get; init; }

    /// <summary>South, west, north, east of the region.</summary>
    public double[] Box { get; init; } = [];

    public string? Region { get; init; }

    public DownloadOptions? Options { get; init; }

    public IReadOnlyList<string> Times { get; init; } = [];

    public long Tiles { get; init; }

    public long LeftOut { get; init; }

    public long Incomplete { get; init; }

    public DateTimeOffset FinishedAt { get; init; }

    public string Acknowledgement { get; init; } = "";
}

/// <summary>Folders that downloads made, so that <c>add</c> knows their product, resolution and period. </summary>
public static class DownloadFolder
{
    /// <summary>In the folder that a download was told to write to.</summary>
    internal const string Marker = ".curator-downloads";

    /// <summary>In each partition's folder.</summary>
    internal const string ReceiptName = "download.json";

    internal const string Kind = "curator-download";
    private const int Levels = 3;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// The partitions of downloaded tiles in a folder: itself, or those below when it or a folder above it was made by downloads. Empty for any other folder.
    /// </summary>
    public static IReadOnlyList<(string Folder, DownloadReceipt Receipt)> Find(string root)
    {
        root = Path.GetFullPath(root);
        if (!Directory.Exists(root)) return [];
        if (TryRead(root) is { } own) return [(root, own)];
        var above = root;
        for (var i = 0; i < Levels && above is not null && !File.Exists(Path.Combine(above, Marker)); i++) above = Path.GetDirectoryName(above);
        if (above is null || !File.Exists(Path.Combine(above, Marker))) return [];
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Levels, IgnoreInaccessible = true };
        return [.. Directory.EnumerateDirectories(root, "*", options).Order(StringComparer.Ordinal).Select(folder => (folder, TryRead(folder)!)).Where(pair => pair.Item2 is not null)];
    }

    internal static void Write(string folder, DownloadReceipt receipt) => AtomicFile.WriteText(Path.Combine(folder, ReceiptName), JsonSerializer.Serialize(receipt, Format));

    private static DownloadReceipt? TryRead(string folder)
    {
        try
        {
            var path = Path.Combine(folder, ReceiptName);
            return File.Exists(path) && JsonSerializer.Deserialize<DownloadReceipt>(File.ReadAllText(path), Format) is { Kind: Kind, Product.Length: > 0, Resolution.Length: > 0, Period.Length: > 0 } receipt
                ? receipt : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
