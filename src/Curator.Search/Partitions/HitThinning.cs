using Curator.Core.Images;
using Curator.Search.Neighbours;

namespace Curator.Search.Partitions;

/// <summary>Keeps one hit a place and one hit of near-duplicates, nearest first. O(hits · kept).</summary>
internal static class HitThinning
{
    /// <param name="hits">Ascending.</param>
    /// <param name="open">The searched partitions by number; they hold all hits.</param>
    public static List<SearchHit> Keep(IReadOnlyList<SearchHit> hits, SearchQuery query, IReadOnlyDictionary<int, OpenPartition> open)
    {
        var kept = new List<SearchHit>();
        var boxes = new List<BoundingBox>();
        var embeddings = new List<float[]>();
        foreach (var hit in hits)
        {
            if (kept.Count == query.Count) break;
            var partition = open[hit.Image.Partition];
            var box = query.SuppressOverlap is null ? null : partition.Columns.BoxOf(hit.Image.Row);
            if (box is { } place && boxes.Any(other => other.OverlapShare(place) > query.SuppressOverlap)) continue;
            if (query.Distinct is { } distance)
            {
                var embedding = new float[partition.Embeddings.Dimension];
                partition.Embeddings.Read(hit.Image.Row, embedding);
                if (embeddings.Any(other => IsWithin(other, embedding, distance))) continue;
                embeddings.Add(embedding);
            }

            if (box is { } footprint) boxes.Add(footprint);
            kept.Add(hit);
        }

        return kept;
    }

    private static unsafe bool IsWithin(float[] a, float[] b, float distance)
    {
        fixed (float* x = a, y = b) return PairDistance.Of(x, y, a.Length, VectorMetric.Cosine) <= distance;
    }
}
