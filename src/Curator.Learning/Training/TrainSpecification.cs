using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Learning.Encoders;

namespace Curator.Learning.Training;

/// <summary>All that a process needs to do a training, given the workspace: the specification of the shard.</summary>
/// <param name="Partitions">What it learns from, as it was when the training was planned.</param>
internal sealed record TrainSpecification(TrainOptions Options, IReadOnlyList<SeenPartition> Partitions)
{
    /// <summary>Fingerprint of the weights that training begins with; null for random ones.</summary>
    public string? Start { get; init; }

    /// <summary>Name of the <see cref="ImageList"/> to learn from; null for everything.</summary>
    public string? List { get; init; }

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>SHA-256 of the options that decide the result and of the images: how often checkpoints are written and on which device it runs is not among them.</summary>
    [JsonIgnore]
    public string Fingerprint
    {
        get
        {
            var deciding = this with { Options = Options with { CheckpointSeconds = 60, EverySteps = null, Device = "auto" } };
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("train 2|" + deciding.ToJson())));
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static JsonElement SettingsJson(TrainOptions options) => JsonSerializer.SerializeToElement(options, Json);

    public static TrainSpecification Parse(string json) =>
        JsonSerializer.Deserialize<TrainSpecification>(json, Json) ?? throw new JsonException("An empty specification of a training.");
}
