using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core;

namespace Curator.Learning.Encoders;

/// <summary>How an encoder works.</summary>
public enum EncoderKind
{
    /// <summary>Colour and texture statistics, nothing trained.</summary>
    Statistics,

    /// <summary>A network in <c>model.onnx</c>.</summary>
    Onnx,

    /// <summary>A network in <c>model.onnx</c>, joined with the statistics.</summary>
    Joined,
}

/// <summary>One partition that an encoder has seen.</summary>
/// <param name="Name">product/resolution/period.</param>
/// <param name="Fingerprint">Of its manifest at that time.</param>
public sealed record SeenPartition(string Name, long Rows, string Fingerprint);

/// <summary>From what and how an encoder was trained.</summary>
public sealed record EncoderLineage
{
    /// <summary>Images that training drew from.</summary>
    public long Images { get; init; }

    public IReadOnlyList<SeenPartition> Partitions { get; init; } = [];

    /// <summary>The training's options as they were.</summary>
    public JsonElement? Settings { get; init; }

    public int Seed { get; init; }

    public long Steps { get; init; }

    /// <summary>Encoder or file whose weights were the start; null for random weights.</summary>
    public string? From { get; init; }

    /// <summary>Task whose labels were learned; null for learning without labels.</summary>
    public string? Task { get; init; }

    /// <summary>Labeled pictures that were learned from.</summary>
    public int Labels { get; init; }

    /// <summary>Version of Curator.</summary>
    public string Software { get; init; } = "";
}

/// <summary>
/// An encoder's record, <c>encoder.json</c> in its folder: all that is needed to use it rightly and to tell how it came about. Immutable.
/// </summary>
public sealed record EncoderCard
{
    /// <summary>The file's name in the encoder's folder.</summary>
    public const string FileName = "encoder.json";

    /// <summary>The only way of preparing pictures so far: the whole picture resized to S × S with an antialiased triangle filter.</summary>
    public const string Stretch = "stretch";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Of this file's layout.</summary>
    public int Format { get; init; } = 1;

    public required string Name { get; init; }

    /// <summary>From 1.</summary>
    public int Version { get; init; }

    public required EncoderKind Kind { get; init; }

    /// <summary>small-cnn, resnet18, resnet18-small; empty for statistics.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Channels of the network's first stage.</summary>
    public int Width { get; init; }

    /// <summary>Length of an embedding.</summary>
    public required int Dimension { get; init; }

    /// <summary>Side of the pictures it takes, pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Means of the channels that the network subtracts, 0 to 1; part of <c>model.onnx</c>, here for people.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [];

    /// <summary>Standard deviations that it divides by.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = [];

    public string Preprocessing { get; init; } = Stretch;

    /// <summary>Share of the statistics in the squared length of a joined embedding, 0 to 1.</summary>
    public float StatisticsShare { get; init; }

    /// <summary>File name → SHA-256 of its bytes, checked when the encoder is opened.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Classes that <c>head.safetensors</c> tells apart, in its order; empty where there is no head.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    public EncoderLineage? Lineage { get; init; }

    /// <summary>What was measured when it was made: loss, images per second, agreement of ONNX with the trained network …</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary><c>name@version</c>.</summary>
    [JsonIgnore]
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Name}@{Version}");

    /// <summary>SHA-256 of all that decides an embedding's numbers: kind, preprocessing, size and the weights' checksums; not the name.</summary>
    [JsonIgnore]
    public string Fingerprint
    {
        get
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"encoder 1|{Kind}|{Preprocessing}|{ImageSize}|{Dimension}|{StatisticsShare:R}|");
            if (Kind is EncoderKind.Statistics or EncoderKind.Joined) text.Append(CultureInfo.InvariantCulture, $"statistics {StatisticsEncoder.Revision}|");
            if (Files.TryGetValue(OnnxEncoder.FileName, out var model)) text.Append(model);
            if (Files.TryGetValue(Whitening.FileName, out var whitening)) text.Append('|').Append(whitening);
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="CheckpointException">Not a card, or of a newer layout.</exception>
    public static EncoderCard Parse(string json, string path)
    {
        const string next = "Copy the encoder's folder again, or train it again with 'curator train'.";
        EncoderCard? card;
        try
        {
            card = JsonSerializer.Deserialize<EncoderCard>(json, Json);
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"'{path}' is no encoder card: {e.Message}", next, e);
        }
        if (card is null) throw new CheckpointException($"'{path}' is empty.", next);
        if (card.Format != 1) throw new CheckpointException($"'{path}' has layout {card.Format}; this version reads layout 1.", "Update Curator.");
        if (card.ImageSize is < 8 or > 4096 || card.Dimension is < 1 or > 65_536)
            throw new CheckpointException($"'{path}' asks for pictures of {card.ImageSize} pixels and {card.Dimension} dimensions.", next);
        return card;
    }
}
