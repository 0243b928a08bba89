using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Search.Kernels;
using Curator.Search.Partitions;

namespace Curator.Search.Clustering;

/// <summary>Images chosen by <see cref="ArchiveFarthestFirst"/>.</summary>
/// <param name="Images">In the order of choice, without the initial ones.</param>
/// <param name="Distances">1 − cos of each, when it was chosen, to the nearest image chosen before; +∞ for a first image without initial ones. Never rises.</param>
/// <param name="Radius">Greatest distance of any image to its nearest chosen or initial one; 0 when there is none.</param>
public sealed record FarthestImages(IReadOnlyList<ImageId> Images, IReadOnlyList<float> Distances, float Radius);

/// <summary>
/// <see cref="FarthestFirst"/> over a whole archive by cosine distance, without holding its embeddings: each choice is one pass over the mapped files, and 4 bytes a row are kept.
/// O(count · images · dimension).
/// </summary>
public static class ArchiveFarthestFirst
{
    private const int BlockRows = 4096;

    /// <summary>Cannot be chosen: hidden, absent or not admitted.</summary>
    private const float Never = -2;
    private const float Chosen = -1;

    /// <param name="count">Images to choose, at most those that are left.</param>
    /// <param name="initial">Count as chosen already (the labeled ones); may be empty, then the first is drawn by <paramref name="seed"/>. Images without an embedding are passed over.</param>
    /// <param name="filter">Images that may be chosen; null for all.</param>
    /// <param name="threads">At most this many, 0 for one a processor; the result does not depend on it. Ties go to the smaller id.</param>
    /// <exception cref="Core.WorkspaceException">Nothing is embedded by the search's encoder.</exception>
    public static async Task<FarthestImages> SelectAsync(
        PartitionedSearch search, int count, IReadOnlyCollection<ImageId> initial, SearchFilter? filter, int seed, int threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Filter = filter }, cancellationToken);
        return await Task.Run(() => Select(plan, search, count, initial, seed, threads, cancellationToken), cancellationToken);
    }

    private static FarthestImages Select(
        SearchPlan plan, PartitionedSearch search, int count, IReadOnlyCollection<ImageId> initial, int seed, int threads, CancellationToken cancellationToken)
    {
        var nearest = new SortedDictionary<int, float[]>();
        long free = 0;
        foreach (var open in plan.Open.Values)
        {
            var distances = nearest[open.Partition.Number] = new float[open.Embeddings.Rows];
            for (long row = 0; row < distances.LongLength; row++)
            {
                var admitted = plan.Admits(open.Partition.Number, row) && !open.Embeddings.IsAbsent(row);
                distances[row] = admitted ? float.PositiveInfinity : Never;
                if (admitted) free++;
            }
        }

        var direction = new float[search.Encoder.Dimension];
        var begun = false;
        foreach (var image in initial)
        {
            if (!plan.Open.TryGetValue(image.Partition, out var open) || image.Row >= open.Embeddings.Rows || open.Embeddings.IsAbsent(image.Row)) continue;
            Choose(image);
            begun = true;
        }

        var images = new List<ImageId>();
        var chosenAt = new List<float>();
        while (images.Count < count && free > 0)
        {
            var (image, distance) = begun ? Farthest(nearest) : (At(nearest, new Random(seed).NextInt64(free)), float.PositiveInfinity);
            Choose(image);
            begun = true;
            images.Add(image);
            chosenAt.Add(distance);
        }

        var radius = nearest.Values.SelectMany(distances => distances).DefaultIfEmpty().Max();
        return new FarthestImages(images, chosenAt, begun ? Math.Max(0, radius) : 0);

        void Choose(ImageId image)
        {
            plan.Open[image.Partition].Embeddings.Read(image.Row, direction);
            Vectors.Normalise(direction);
            foreach (var (number, distances) in nearest) Lower(plan.Open[number].Embeddings, direction, distances, threads, cancellationToken);
            ref var own = ref nearest[image.Partition][image.Row];
            if (own >= 0) free--;
            if (own != Never) own = Chosen;
        }
    }

    /// <summary>Lowers each row's distance to that of the new centre.</summary>
    private static unsafe void Lower(EmbeddingFile embeddings, float[] direction, float[] nearest, int threads, CancellationToken cancellationToken)
    {
        var dimension = embeddings.Dimension;
        RowBlocks.Run(nearest.Length, BlockRows, threads, (first, size) =>
        {
            fixed (float* center = direction)
            {
                if (embeddings.Precision == EmbeddingPrecision.Half)
                {
                    fixed (Half* rows = embeddings.HalfRows(first, size))
                        for (var i = 0; i < size; i++)
                            if (nearest[first + i] > 0)
                                Take(RowKernels.DotAndSquare(rows + ((long)i * dimension), center, dimension), ref nearest[first + i]);
                }
                else
                {
                    fixed (float* rows = embeddings.SingleRows(first, size))
                        for (var i = 0; i < size; i++)
                            if (nearest[first + i] > 0)
                                Take(RowKernels.DotAndSquare(rows + ((long)i * dimension), center, dimension), ref nearest[first + i]);
                }
            }
        }, cancellationToken);

        static void Take((float Dot, float SquaredLength) sums, ref float kept) =>
            kept = Math.Min(kept, Math.Clamp(1 - (sums.Dot / MathF.Sqrt(sums.SquaredLength)), 0, 2));
    }

    private static (ImageId Image, float Distance) Farthest(SortedDictionary<int, float[]> nearest)
    {
        var farthest = default(ImageId);
        var distance = float.NegativeInfinity;
        foreach (var (number, distances) in nearest)
            for (var row = 0; row < distances.Length; row++)
                if (distances[row] > distance)
                    (farthest, distance) = (new ImageId(number, row), distances[row]);
        return (farthest, distance);
    }

    /// <summary>The place-th image that can be chosen.</summary>
    private static ImageId At(SortedDictionary<int, float[]> nearest, long place)
    {
        foreach (var (number, distances) in nearest)
            for (var row = 0; row < distances.Length; row++)
                if (distances[row] >= 0 && place-- == 0)
                    return new ImageId(number, row);
        throw new System.Diagnostics.UnreachableException($"{place} places are missing.");
    }
}
