using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Search.Layout;

namespace Curator.Search.Maps;

/// <summary>Points of a partition on a map.</summary>
/// <param name="Rows">Of the embeddings when the map was made; later ones are not on it.</param>
/// <param name="Points">Those of them that have an embedding.</param>
/// <param name="Embeddings">Fingerprint of the embeddings.</param>
public sealed record MapPartition(int Number, long Rows, int Points, string Embeddings);

/// <summary>The metadata of a map file.</summary>
/// <param name="Encoder">Name and version.</param>
/// <param name="Partitions">By number: the order of the points.</param>
/// <param name="Clusters">By k-means.</param>
/// <param name="Groups">By density.</param>
/// <param name="Representatives">Point numbers kept for each cluster and group.</param>
/// <param name="Placed">Points that were put among the others and moved none.</param>
/// <param name="Step">Steps done: below <paramref name="Steps"/> the file is a preview.</param>
/// <param name="Quality">Null in a preview.</param>
public sealed record MapInfo(
    string Encoder, MapOptions Options, IReadOnlyList<MapPartition> Partitions, int Clusters, int Groups, int Representatives, long Placed, int Step, int Steps, LayoutQuality? Quality)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    [JsonIgnore]
    public int Points => Partitions.Sum(partition => partition.Points);

    [JsonIgnore]
    public bool IsFinished => Step == Steps;

    [JsonIgnore]
    internal long PositionsOffset => Align(4L * Points);

    [JsonIgnore]
    internal long ClustersOffset => Align(PositionsOffset + (8L * Points));

    [JsonIgnore]
    internal long GroupsOffset => Align(ClustersOffset + (4L * Points));

    [JsonIgnore]
    internal long RepresentativesOffset => Align(GroupsOffset + (4L * Points));

    [JsonIgnore]
    internal long PayloadLength => RepresentativesOffset + (4L * Representatives * (Clusters + Groups));

    internal string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Null where the numbers cannot be, or do not fit the payload.</summary>
    internal static MapInfo? Parse(string metadata, long payloadLength)
    {
        try
        {
            var info = JsonSerializer.Deserialize<MapInfo>(metadata, s_json);
            if (info is not { Encoder: not null, Options: not null, Partitions: not null, Clusters: >= 0 and <= 1 << 24, Groups: >= 0 and <= 1 << 28, Representatives: >= 0 and <= 1024 }) return null;
            long points = 0;
            foreach (var partition in info.Partitions)
            {
                if (partition is not { Points: >= 0, Rows: >= 0, Embeddings: not null } || partition.Points > partition.Rows) return null;
                points += partition.Points;
            }

            return points <= int.MaxValue / 2 && info.PayloadLength == payloadLength ? info : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static long Align(long offset) => (offset + 63) / 64 * 64;
}
