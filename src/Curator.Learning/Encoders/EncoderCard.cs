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

    /// <summary>Embeddings that were made elsewhere and taken in; there is nothing here that could make more.</summary>
    Imported,

    /// <summary>A network of other software in <c>model.onnx</c>, with its own preprocessing: <see cref="EncoderCard.Input"/>.</summary>
    Foreign,
}

/// <summary>How numbers of several places become one vector.</summary>
public enum Pooling
{
    /// <summary>The output is one vector a picture.</summary>
    None,

    /// <summary>[N, T, D]: the first token's.</summary>
    First,

    /// <summary>[N, T, D] or [N, D, H, W]: the mean over the places.</summary>
    Mean,
}

/// <summary>What an imported network takes and gives.</summary>
/// <param name="Input">Name of its picture input.</param>
/// <param name="Output">Name of the output that is the embedding.</param>
/// <param name="ChannelsFirst">[N, 3, S, S], else [N, S, S, 3].</param>
/// <param name="BlueFirst">Channels in the order blue, green, red.</param>
/// <param name="Batch">Pictures that it takes at once; 0 for any number.</param>
public sealed record ImportedInput(string Input, string Output, bool ChannelsFirst, bool BlueFirst, int Batch, Pooling Pooling);

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

    /// <summary>The whole picture resized to S × S with an antialiased triangle filter.</summary>
    public const string Stretch = "stretch";

    /// <summary>The same, after parts without data were filled: <see cref="Imagery.Gaps.GapFill"/>.</summary>
    public const string FillAndStretch = "fill-stretch";

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

    /// <summary>small-cnn, resnet18, resnet18-small …; empty for statistics.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Channels of the network's first stage.</summary>
    public int Width { get; init; }

    /// <summary>Length of an embedding.</summary>
    public required int Dimension { get; init; }

    /// <summary>Side of the pictures it takes, pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Means of the channels that the network subtracts, 0 to 1; part of <c>model.onnx</c> and here for people, unless the network is imported.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [];

    /// <summary>Standard deviations that it divides by.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = [];

    public string Preprocessing { get; init; } = Stretch;

    /// <summary>C of the pictures that it takes: 3 for RGB, else the number of its bands.</summary>
    [JsonIgnore]
    public int Channels => Preparation.Of(Preprocessing).Channels;

    /// <summary>Length of what a network contributes: all of it but for a joined encoder.</summary>
    [JsonIgnore]
    internal int LearnedDimension => Kind == EncoderKind.Joined ? Dimension - Statistics.StatisticsExtractor.Dimension : Dimension;

    /// <summary>Whether its network is one of ours with its weights and whitening beside it, so that libtorch can run it.</summary>
    [JsonIgnore]
    internal bool HasOwnNetwork => Networks.Architectures.Find(Architecture) is not null && Files.ContainsKey(NetworkWeights.FileName) && Files.ContainsKey(Whitening.NetworkFileName);

    /// <summary>Of an imported network; null for others.</summary>
    public ImportedInput? Input { get; init; }

    /// <summary>Share of the statistics in the squared length of a joined embedding, 0 to 1.</summary>
    public float StatisticsShare { get; init; }

    /// <summary>File name → SHA-256 of its bytes, checked when the encoder is opened.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>SHA-256 of the file that imported embeddings came from; empty for other kinds.</summary>
    public string ImportedFrom { get; init; } = "";

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
            if (Kind == EncoderKind.Imported) return ImportedFrom;
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"encoder 1|{Kind}|{Preprocessing}|{ImageSize}|{Dimension}|{StatisticsShare:R}|");
            if (Kind is EncoderKind.Statistics or EncoderKind.Joined) text.Append(CultureInfo.InvariantCulture, $"statistics {StatisticsEncoder.Revision}|");
            if (Input is { } input) text.Append(CultureInfo.InvariantCulture, $"{input}|{string.Join(' ', Mean)}|{string.Join(' ', Deviation)}|");
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
        if (Preparation.TryParse(card.Preprocessing) is null) throw new CheckpointException($"'{path}' wants its pictures prepared by '{card.Preprocessing}', which is not known.", "Update Curator.");
        if (card.ImageSize is < 8 or > 4096 || card.Dimension is < 1 or > 65_536)
            throw new CheckpointException($"'{path}' asks for pictures of {card.ImageSize} pixels and {card.Dimension} dimensions.", next);
        return card;
    }
}
