using System.Numerics.Tensors;
using Curator.Core.Images;
using Curator.Search.Kernels;

namespace Curator.Search.Maps;

/// <summary>Which points of a cluster, or of the whole map, are shown beside one.</summary>
public enum MapOrder
{
    Nearest,
    Farthest,
    Random,
}

/// <summary>The views that the first interactive t-SNE had: nearest, farthest and random pictures of a cluster or of all, by embedding, not by place on the map.</summary>
public static class MapNeighbours
{
    /// <param name="search">Of the map's encoder.</param>
    /// <param name="point">Left out of the result.</param>
    /// <param name="within">Whether a point counts; asked once a point.</param>
    /// <param name="count">Points at most.</param>
    /// <returns>Points with their distance 1 − cos: ascending, descending, or in the order of drawing. O(points that count · dimension).</returns>
    public static async Task<IReadOnlyList<(int Point, float Distance)>> FindAsync(
        PartitionedSearch search, MapFile map, int point, Func<int, bool> within, MapOrder order, int count, int seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(within);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [] }, cancellationToken);
        return await Task.Run(Find, cancellationToken);

        IReadOnlyList<(int Point, float Distance)> Find()
        {
            var candidates = new List<int>();
            for (var other = 0; other < map.Count; other++)
                if (other != point && within(other) && map.Image(other) is var image && plan.Open.ContainsKey(image.Partition) && plan.Admits(image.Partition, image.Row))
                    candidates.Add(other);
            if (order == MapOrder.Random)
            {
                var random = new Random(seed);
                for (var i = 0; i < Math.Min(count, candidates.Count); i++)
                {
                    var drawn = random.Next(i, candidates.Count);
                    (candidates[i], candidates[drawn]) = (candidates[drawn], candidates[i]);
                }

                candidates.RemoveRange(Math.Min(count, candidates.Count), Math.Max(0, candidates.Count - count));
            }

            var direction = new float[search.Encoder.Dimension];
            Read(map.Image(point), direction);
            var distances = new float[candidates.Count];
            RowBlocks.Run(candidates.Count, 2048, 0, (first, size) =>
            {
                var row = new float[direction.Length];
                for (var i = first; i < first + size; i++)
                {
                    Read(map.Image(candidates[i]), row);
                    distances[i] = Math.Clamp(1 - TensorPrimitives.Dot<float>(row, direction), 0, 2);
                }
            }, cancellationToken);
            var found = Enumerable.Range(0, candidates.Count).Select(i => (Point: candidates[i], Distance: distances[i]));
            return order switch
            {
                MapOrder.Nearest => [.. found.OrderBy(pair => pair.Distance).ThenBy(pair => pair.Point).Take(count)],
                MapOrder.Farthest => [.. found.OrderByDescending(pair => pair.Distance).ThenBy(pair => pair.Point).Take(count)],
                _ => [.. found],
            };
        }

        void Read(ImageId image, float[] row)
        {
            plan.Open[image.Partition].Embeddings.Read(image.Row, row);
            Vectors.Normalise(row);
        }
    }
}
