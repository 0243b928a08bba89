using Curator.Search.Neighbours;

namespace Curator.Search.Clustering;

/// <summary>Clusters by density.</summary>
/// <param name="Assignments">Cluster of each row, −1 for rows that belong to none. Clusters are numbered by falling size.</param>
/// <param name="Sizes">Rows in each.</param>
internal sealed record DensityResult(int[] Assignments, int[] Sizes);

/// <summary>
/// HDBSCAN* (Campello, Moulavi and Sander 2013) on a k-NN graph: the least spanning forest of the graph by mutual reachability, its tree of merges condensed to clusters of a least size, and of these the
/// most stable ones (excess of mass). Where the graph falls apart, parts are joined at an infinite distance. The literal algorithm looks at all pairs; with k at least the neighbours that a core distance
/// needs, only merges between parts that share no graph edge are lost. O(n k log n) time, 24 bytes an edge.
/// </summary>
internal static class DensityClusters
{
    private const float Nearest = 1e-6f;

    /// <param name="table">Distances 1 − cos; rows repeated at the end are passed over.</param>
    /// <param name="minClusterSize">Rows that make a cluster, at least 2.</param>
    /// <param name="minSamples">The core distance of a row is that to so manyth neighbour, itself counted; at most K + 1.</param>
    public static DensityResult Find(NeighbourTable table, int minClusterSize, int minSamples, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minClusterSize, 2);
        if (table.Count == 0) return new DensityResult([], []);
        var merges = Merges(table, Math.Clamp(minSamples - 2, 0, Math.Max(0, table.K - 1)), cancellationToken);
        return Choose(Condense(merges, table.Count, minClusterSize, cancellationToken), table.Count);
    }

    /// <summary>Kruskal's algorithm: node n + m joins two nodes at a distance. Ties by the edge's place in the table.</summary>
    private static List<Merge> Merges(NeighbourTable table, int coreNeighbour, CancellationToken cancellationToken)
    {
        var (n, k) = (table.Count, table.K);
        var core = new float[n];
        if (k > 0)
            for (var i = 0; i < n; i++) core[i] = Length(table.Distances[(i * k) + coreNeighbour]);
        var lengths = new float[table.Rows.Length];
        var order = new int[lengths.Length];
        for (var e = 0; e < order.Length; e++)
        {
            order[e] = e;
            lengths[e] = Math.Max(Length(table.Distances[e]), Math.Max(core[e / k], core[table.Rows[e]]));
        }

        // A stable order: equal lengths stay in the order of the table.
        var keys = new ulong[order.Length];
        for (var e = 0; e < keys.Length; e++) keys[e] = Kernels.NearestReservoir.Key(lengths[e], (uint)e);
        Array.Sort(keys, order);
        cancellationToken.ThrowIfCancellationRequested();
        var parents = new int[n];
        var nodes = new int[n];
        for (var i = 0; i < n; i++) (parents[i], nodes[i]) = (i, i);
        var merges = new List<Merge>(n);
        foreach (var e in order)
        {
            int a = Root(e / k), b = Root(table.Rows[e]);
            if (a != b) Join(a, b, lengths[e]);
        }

        for (var i = 1; i < n; i++)
            if (Root(i) is var part && Root(0) is var first && part != first)
                Join(first, part, float.PositiveInfinity);
        return merges;

        int Root(int i)
        {
            while (parents[i] != i) i = parents[i] = parents[parents[i]];
            return i;
        }

        void Join(int a, int b, float length)
        {
            var size = Size(nodes[a]) + Size(nodes[b]);
            merges.Add(new Merge(nodes[a], nodes[b], length, size));
            // The smaller root stays, so that trees are the same whoever asks.
            parents[Math.Max(a, b)] = Math.Min(a, b);
            nodes[Math.Min(a, b)] = n + merges.Count - 1;
        }

        int Size(int node) => node < n ? 1 : merges[node - n].Size;
    }

    /// <summary>On unit vectors: √(2 (1 − cos)).</summary>
    private static float Length(float distance) => MathF.Max(MathF.Sqrt(2 * distance), Nearest);

    private static Condensed Condense(List<Merge> merges, int n, int minClusterSize, CancellationToken cancellationToken)
    {
        var condensed = new Condensed(n);
        condensed.Add(parent: -1, birth: 0);
        var open = new Stack<(int Node, int Cluster)>();
        open.Push((n + merges.Count - 1, 0));
        while (open.TryPop(out var next))
        {
            var (node, cluster) = next;
            if (node < n)
            {
                condensed.Points[node] = cluster;
                continue;
            }

            if ((node & 0xffff) == 0) cancellationToken.ThrowIfCancellationRequested();
            var merge = merges[node - n];
            var density = 1.0 / merge.Length;
            var (left, right) = (Size(merge.Left), Size(merge.Right));
            if (left >= minClusterSize && right >= minClusterSize)
            {
                condensed.Leave(cluster, density, left + right);
                open.Push((merge.Left, condensed.Add(cluster, density)));
                open.Push((merge.Right, condensed.Add(cluster, density)));
                continue;
            }

            // What is too small to be a cluster falls out of it here; the rest, if it is large enough, stays the same cluster.
            foreach (var (child, size) in ((int, int)[])[(merge.Left, left), (merge.Right, right)])
            {
                if (size >= minClusterSize) open.Push((child, cluster));
                else condensed.Fall(child, cluster, density, size, merges);
            }
        }

        return condensed;

        int Size(int node) => node < n ? 1 : merges[node - n].Size;
    }

    /// <summary>Excess of mass: a cluster is taken when it is more stable than its best descendants together; never the root.</summary>
    private static DensityResult Choose(Condensed condensed, int n)
    {
        var count = condensed.Parents.Count;
        var best = condensed.Stabilities.ToArray();
        var below = new double[count];
        var taken = new bool[count];
        for (var c = count - 1; c > 0; c--)
        {
            taken[c] = best[c] >= below[c];
            below[condensed.Parents[c]] += Math.Max(best[c], below[c]);
        }

        var labels = new int[count];
        labels[0] = -1;
        for (var c = 1; c < count; c++)
        {
            var parent = labels[condensed.Parents[c]];
            labels[c] = parent >= 0 ? parent : taken[c] ? c : -1;
        }

        var sizes = new int[count];
        var firsts = new int[count];
        for (var i = n - 1; i >= 0; i--)
        {
            if (labels[condensed.Points[i]] is not (>= 0 and var label)) continue;
            sizes[label]++;
            firsts[label] = i;
        }

        var order = Enumerable.Range(0, count).Where(c => sizes[c] > 0).OrderByDescending(c => sizes[c]).ThenBy(c => firsts[c]).ToArray();
        var numbers = new int[count];
        for (var rank = 0; rank < order.Length; rank++) numbers[order[rank]] = rank;
        var assignments = new int[n];
        for (var i = 0; i < n; i++) assignments[i] = labels[condensed.Points[i]] is >= 0 and var label ? numbers[label] : -1;
        return new DensityResult(assignments, [.. order.Select(c => sizes[c])]);
    }

    /// <param name="Left">A row below n, else n plus the number of an earlier merge.</param>
    private readonly record struct Merge(int Left, int Right, float Length, int Size);

    /// <summary>The condensed tree: parents come before their children.</summary>
    private sealed class Condensed(int n)
    {
        private readonly List<double> _births = [];
        private readonly Stack<int> _falling = new();

        public List<int> Parents { get; } = [];

        /// <summary>Σ over rows of (density at which the row leaves − density at which the cluster begins).</summary>
        public List<double> Stabilities { get; } = [];

        /// <summary>Cluster that each row left last.</summary>
        public int[] Points { get; } = new int[n];

        public int Add(int parent, double birth)
        {
            Parents.Add(parent);
            _births.Add(birth);
            Stabilities.Add(0);
            return Parents.Count - 1;
        }

        public void Leave(int cluster, double density, int rows) => Stabilities[cluster] += (density - _births[cluster]) * rows;

        public void Fall(int node, int cluster, double density, int rows, List<Merge> merges)
        {
            Leave(cluster, density, rows);
            _falling.Push(node);
            while (_falling.TryPop(out var next))
            {
                if (next < n)
                {
                    Points[next] = cluster;
                    continue;
                }

                _falling.Push(merges[next - n].Left);
                _falling.Push(merges[next - n].Right);
            }
        }
    }
}
