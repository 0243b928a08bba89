using Curator.Search.Kernels;
using Curator.Search.Neighbours;

namespace Curator.Search.Layout;

/// <summary>A symmetric weighted graph in compressed form: the edges of point i are entries Starts[i] to Starts[i + 1], ascending by point.</summary>
internal sealed record NeighbourGraph(int[] Starts, int[] Points, float[] Weights)
{
    public int Count => Starts.Length - 1;

    /// <summary>Joins each edge i → j of a k-NN table with j → i.</summary>
    /// <param name="weights">[Count × K], of the table's entries; those of repeated neighbours must be 0.</param>
    /// <param name="join">Weight of the undirected edge from the two directed ones, 0 where there is none. Symmetric, and positive unless both are 0.</param>
    public static NeighbourGraph Join(NeighbourTable table, float[] weights, Func<float, float, float> join, int threads, CancellationToken cancellationToken)
    {
        var (n, k) = (table.Count, table.K);
        var (ownPoints, ownWeights) = (new int[weights.Length], new float[weights.Length]);
        RowBlocks.Run(n, 1024, threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++)
            {
                table.Rows.AsSpan(i * k, k).CopyTo(ownPoints.AsSpan(i * k));
                weights.AsSpan(i * k, k).CopyTo(ownWeights.AsSpan(i * k));
                ownPoints.AsSpan(i * k, k).Sort(ownWeights.AsSpan(i * k, k));
            }
        }, cancellationToken);
        // Edges that come in, by their target; walking sources in order leaves each target's sources ascending.
        var incoming = new int[n + 1];
        foreach (var point in table.Rows) incoming[point + 1]++;
        for (var i = 0; i < n; i++) incoming[i + 1] = checked(incoming[i + 1] + incoming[i]);
        var next = incoming[..n].ToArray();
        var (inPoints, inWeights) = (new int[weights.Length], new float[weights.Length]);
        for (var i = 0; i < n; i++)
        {
            for (var e = i * k; e < (i + 1) * k; e++)
            {
                var place = next[ownPoints[e]]++;
                (inPoints[place], inWeights[place]) = (i, ownWeights[e]);
            }
        }

        var starts = new int[n + 1];
        RowBlocks.Run(n, 1024, threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++) starts[i + 1] = Merge(i, [], []);
        }, cancellationToken);
        for (var i = 0; i < n; i++) starts[i + 1] = checked(starts[i + 1] + starts[i]);
        var (points, joined) = (new int[starts[n]], new float[starts[n]]);
        RowBlocks.Run(n, 1024, threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++) Merge(i, points.AsSpan(starts[i]), joined.AsSpan(starts[i]));
        }, cancellationToken);
        return new NeighbourGraph(starts, points, joined);

        int Merge(int i, Span<int> toPoints, Span<float> toWeights)
        {
            int a = i * k, aEnd = a + k, b = incoming[i], bEnd = incoming[i + 1], found = 0;
            while (a < aEnd || b < bEnd)
            {
                var point = Math.Min(a < aEnd ? ownPoints[a] : int.MaxValue, b < bEnd ? inPoints[b] : int.MaxValue);
                float outward = 0, inward = 0;
                for (; a < aEnd && ownPoints[a] == point; a++) outward += ownWeights[a];
                for (; b < bEnd && inPoints[b] == point; b++) inward += inWeights[b];
                if (outward == 0 && inward == 0) continue;
                if (!toPoints.IsEmpty) (toPoints[found], toWeights[found]) = (point, join(outward, inward));
                found++;
            }

            return found;
        }
    }
}
