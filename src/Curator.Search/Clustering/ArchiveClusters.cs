using System.Runtime.CompilerServices;
using Curator.Core.Images;

namespace Curator.Search.Clustering;

/// <summary>Clusters of some consecutive rows of a partition.</summary>
/// <param name="Clusters">One a row from <paramref name="FirstRow"/> on; −1 for images without an embedding.</param>
/// <param name="Distances">To the centroid: Euclidean, or 1 − cos when spherical.</param>
public sealed record ClusterBlock(Partition Partition, long FirstRow, int[] Clusters, float[] Distances);

/// <summary>Assigns every embedded image of an archive to the nearest of given centroids, streaming over partitions.</summary>
public static class ArchiveClusters
{
    private const int BlockRows = 16_384;

    /// <summary>All rows of all embedded partitions, in order. Hidden images are assigned too.</summary>
    /// <param name="centroids">[k × dimension], from <see cref="KMeans.Train"/> on an <see cref="EmbeddingSample"/>.</param>
    public static async IAsyncEnumerable<ClusterBlock> AssignAsync(
        PartitionedSearch search, float[] centroids, KMeansOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Without = [] }, cancellationToken);
        foreach (var open in plan.Open.Values)
        {
            var dimension = open.Embeddings.Dimension;
            for (long first = 0; first < open.Embeddings.Rows; first += BlockRows)
            {
                var rows = new float[Math.Min(BlockRows, open.Embeddings.Rows - first) * dimension];
                open.Embeddings.Read(first, rows);
                var block = new ClusterBlock(open.Partition, first, new int[rows.Length / dimension], new float[rows.Length / dimension]);
                await Task.Run(() => KMeans.Assign(rows, dimension, centroids, block.Clusters, block.Distances, options, cancellationToken), cancellationToken);
                for (var i = 0; i < block.Clusters.Length; i++)
                    if (!rows.AsSpan(i * dimension, dimension).ContainsAnyExcept(0f))
                        block.Clusters[i] = -1;
                yield return block;
            }
        }
    }
}
