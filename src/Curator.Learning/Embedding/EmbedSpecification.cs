using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Learning.Encoders;

namespace Curator.Learning.Embedding;

/// <summary>A shard of embedding: some rows of one partition by one encoder.</summary>
/// <param name="Encoder"><c>name@version</c>.</param>
/// <param name="Fingerprint">Of the part file: SHA-256 over the encoder's fingerprint, the precision, the computation and the rows' content hashes.</param>
/// <param name="Computation">How libtorch runs the network; null for ONNX Runtime, or without a network.</param>
internal sealed record EmbedSpecification(int Partition, string Encoder, long FirstRow, int Rows, EmbeddingPrecision Precision, int Threads, string Fingerprint, NetworkComputation? Computation = null)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>The shard's id: partition, encoder, place, and the start of the fingerprint, so that other inputs are another shard.</summary>
    [JsonIgnore]
    public string ShardId => FormattableString.Invariant($"{ShardPrefix(Partition, Encoder)}{FirstRow / Cache.PixelPart.Rows:D5}.{Fingerprint[..12]}");

    /// <summary>What the ids of one partition and encoder begin with.</summary>
    public static string ShardPrefix(int partition, string encoder) => FormattableString.Invariant($"{partition}.{encoder.Replace('@', '-')}.");

    /// <summary>Where the shard's rows lie until they are sealed.</summary>
    public string PartPath(Workspace workspace) => Path.Combine(workspace.WorkDirectory("embed"), ShardId + ".part");

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static EmbedSpecification Parse(string json) =>
        JsonSerializer.Deserialize<EmbedSpecification>(json, Json) ?? throw new JsonException("An empty specification of an embedding.");
}
