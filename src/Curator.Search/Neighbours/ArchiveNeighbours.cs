using System.Runtime.CompilerServices;
using Curator.Core.Images;
using Curator.Search.Kernels;

namespace Curator.Search.Neighbours;

/// <summary>Neighbours of some consecutive rows of a partition, in all partitions. Flat arrays; no object a row.</summary>
/// <param name="Count">Rows from <paramref name="FirstRow"/> on.</param>
/// <param name="Lengths">Neighbours found of each row; 0 for images without an embedding.</param>
/// <param name="Images">[Count × K], ascending by distance.</param>
/// <param name="Distances">[Count × K], 1 − cos.</param>
public sealed record NeighbourBlock(Partition Partition, long FirstRow, int Count, int K, int[] Lengths, ImageId[] Images, float[] Distances);

/// <summary>Two images whose embeddings are close.</summary>
/// <param name="First">The smaller id.</param>
/// <param name="Distance">1 − cos, 0 to 2.</param>
public readonly record struct SimilarPair(ImageId First, ImageId Second, float Distance);

/// <summary>
/// Neighbours of all images, streamed: a block of rows at a time is looked up in all partitions, through their indexes where there are any. Memory does not grow
/// with the archive. Results do not depend on the number of threads.
/// </summary>
public static class ArchiveNeighbours
{
    private const int BlockRows = 1024;

    /// <summary>The k-NN graph: for every image its k nearest others.</summary>
    /// <param name="filter">Images that count, on both sides; null for all.</param>
    /// <param name="threads">At most this many, 0 for one a processor.</param>
    public static async IAsyncEnumerable<NeighbourBlock> GraphAsync(
        PartitionedSearch search, int k, SearchFilter? filter, int threads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        var scope = new SearchQuery { Positives = [], Filter = filter };
        using var plan = await search.PlanAsync(scope, cancellationToken);
        foreach (var open in plan.Open.Values)
        {
            for (long first = 0; first < open.Embeddings.Rows; first += BlockRows)
            {
                var count = (int)Math.Min(BlockRows, open.Embeddings.Rows - first);
                var block = new NeighbourBlock(open.Partition, first, count, k, new int[count], new ImageId[count * k], new float[count * k]);
                var start = first;
                await Task.Run(
                    () => RowBlocks.Run(count, 8, threads, (from, size) =>
                    {
                        for (var i = from; i < from + size; i++)
                        {
                            var direction = new float[open.Embeddings.Dimension];
                            open.Embeddings.Read(start + i, direction);
                            if (Vectors.Normalise(direction) == 0 || !plan.Admits(open.Partition.Number, start + i)) continue;
                            var self = new ImageId(open.Partition.Number, start + i);
                            foreach (var hit in plan.Run(search.Prepare(direction), k + 1, cancellationToken))
                            {
                                if (hit.Image == self || block.Lengths[i] == k) continue;
                                var place = (i * k) + block.Lengths[i]++;
                                block.Images[place] = hit.Image;
                                block.Distances[place] = hit.Distance;
                            }
                        }
                    }, cancellationToken),
                    cancellationToken);
                yield return block;
            }
        }
    }

    /// <summary>All pairs of images within a distance, each once; where an image has more than <paramref name="maxPerImage"/> such neighbours, its nearest.</summary>
    /// <param name="distance">1 − cos, 0 to 2; 0.01 is near-identical with most encoders.</param>
    public static async IAsyncEnumerable<SimilarPair> PairsAsync(
        PartitionedSearch search, float distance, int maxPerImage, SearchFilter? filter, int threads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var block in GraphAsync(search, maxPerImage, filter, threads, cancellationToken))
        {
            for (var i = 0; i < block.Count; i++)
            {
                var image = new ImageId(block.Partition.Number, block.FirstRow + i);
                for (var j = i * block.K; j < (i * block.K) + block.Lengths[i] && block.Distances[j] <= distance; j++)
                {
                    // Seen from its smaller image, each pair once. It is missed only when that image has more than maxPerImage nearer ones.
                    if (image < block.Images[j]) yield return new SimilarPair(image, block.Images[j], block.Distances[j]);
                }
            }
        }
    }
}
