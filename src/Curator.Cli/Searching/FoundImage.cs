using System.Text.Json.Serialization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Search;

namespace Curator.Cli.Searching;

/// <summary>A hit with what is known of the image, as it is printed.</summary>
/// <param name="Query">What was asked with; null when there was one query only.</param>
/// <param name="Rank">From 1.</param>
/// <param name="Distance">1 − cos, 0 to 2.</param>
/// <param name="Path">Of the source file.</param>
internal sealed record FoundImage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Query,
    int Rank,
    string Id,
    float Distance,
    string Path,
    string Product,
    string Resolution,
    string Period,
    DateTimeOffset? TakenAt,
    BoundingBox? Footprint)
{
    public static async Task<IReadOnlyList<FoundImage>> OfAsync(Workspace workspace, string? query, IReadOnlyList<SearchHit> hits, CancellationToken cancellationToken)
    {
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number);
        var found = new FoundImage[hits.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var (image, distance) = hits[i];
            var record = await workspace.GetImageAsync(image, cancellationToken);
            var partition = partitions[image.Partition];
            found[i] = new FoundImage(
                query, i + 1, image.ToString(), distance, record.Uri, partition.Product, partition.Resolution, partition.Period, record.TakenAt, record.Footprint);
        }

        return found;
    }
}
