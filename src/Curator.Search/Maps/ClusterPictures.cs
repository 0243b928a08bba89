using System.Numerics.Tensors;
using Curator.Search.Clustering;
using Curator.Search.Kernels;
using Curator.Search.Layout;

namespace Curator.Search.Maps;

/// <summary>Chooses the pictures that show what a cluster is: the one nearest to its mean direction, then always the one least like those chosen (farthest-first), among members near the middle.</summary>
internal static class ClusterPictures
{
    /// <summary>A cluster.</summary>
    public const int Count = 9;

    private const int Considered = 400;

    /// <param name="clusters">Cluster of each row, −1 for none.</param>
    /// <returns>[clusterCount × <see cref="Count"/>] rows, −1 where a cluster has fewer.</returns>
    public static int[] Choose(VectorRows rows, int[] clusters, int clusterCount, CancellationToken cancellationToken)
    {
        var members = new List<int>[clusterCount];
        for (var c = 0; c < clusterCount; c++) members[c] = [];
        for (var row = 0; row < clusters.Length; row++)
            if (clusters[row] >= 0)
                members[clusters[row]].Add(row);
        var chosen = new int[clusterCount * Count];
        Array.Fill(chosen, -1);
        RowBlocks.Run(clusterCount, 1, 0, (cluster, _) =>
        {
            var found = Of(rows, members[cluster], cancellationToken);
            found.CopyTo(chosen.AsSpan(cluster * Count));
        }, cancellationToken);
        return chosen;
    }

    private static int[] Of(VectorRows rows, List<int> members, CancellationToken cancellationToken)
    {
        if (members.Count == 0) return [];
        var d = rows.Dimension;
        int[] considered = [.. Enumerable.Range(0, Math.Min(Considered, members.Count)).Select(i => members[(int)((((2L * i) + 1) * members.Count) / (2L * Math.Min(Considered, members.Count)))])];
        var matrix = new float[considered.Length * d];
        rows.Read(considered, matrix);
        var middle = new float[d];
        for (var i = 0; i < considered.Length; i++) TensorPrimitives.Add(middle, matrix.AsSpan(i * d, d), middle);
        Vectors.Normalise(middle);
        // The outer fifth are odd ones, of which farthest-first would choose nothing but.
        var order = Enumerable.Range(0, considered.Length).OrderByDescending(i => TensorPrimitives.Dot<float>(matrix.AsSpan(i * d, d), middle)).ThenBy(i => i).ToArray();
        order = order[..Math.Max(Math.Min(Count, order.Length), order.Length * 4 / 5)];
        var near = new float[order.Length * d];
        for (var i = 0; i < order.Length; i++) matrix.AsSpan(order[i] * d, d).CopyTo(near.AsSpan(i * d));
        var others = FarthestFirst.Select(near, d, Math.Min(Count, order.Length) - 1, [0], VectorMetric.Cosine, 1, 1, cancellationToken).Rows;
        return [considered[order[0]], .. others.Select(row => considered[order[row]])];
    }
}
