using Curator.Search.Clustering;
using Curator.Search.Layout;
using Curator.Search.Neighbours;

namespace Curator.Search.Tests.Clustering;

public sealed class DensityClustersTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(1, 120, 5, 3, 1.5f)]
    [InlineData(2, 150, 8, 5, 3f)]
    [InlineData(3, 90, 4, 2, 4f)]
    [InlineData(4, 200, 12, 8, 2.2f)]
    public void With_all_neighbours_the_clusters_are_those_of_the_literal_algorithm(int seed, int n, int minClusterSize, int minSamples, float spread)
    {
        var rows = new MatrixRows(Gaussians.Clusters(n, 6, 5, spread, seed), 6);
        var table = ListedNeighbours.Nearest(rows, rows, n - 1, new ListedOptions(), 2, null, None);
        var found = DensityClusters.Find(table, minClusterSize, minSamples, None);
        var expected = Literally(table, minClusterSize, minSamples);
        Assert.Equal(expected.Select(cluster => cluster is null), found.Assignments.Select(cluster => cluster == -1));
        // Numbers differ; the partition is the same.
        var pairs = expected.Zip(found.Assignments).Where(pair => pair.First is not null).Distinct().ToList();
        Assert.Equal(pairs.Count, pairs.Select(pair => pair.First).Distinct().Count());
        Assert.Equal(pairs.Count, pairs.Select(pair => pair.Second).Distinct().Count());
        Assert.Equal(found.Sizes, found.Assignments.Where(cluster => cluster >= 0).CountBy(cluster => cluster).OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void A_sparse_graph_finds_dense_groups_and_leaves_what_lies_between_them_alone()
    {
        var rows = Gaussians.Clusters(1000, 16, 4, 0.6f, 1);
        Gaussians.Rows(60, 16, 9).Select(value => value * 10).ToArray().CopyTo(rows, 940 * 16);
        var matrix = new MatrixRows(rows, 16);
        var table = ListedNeighbours.Nearest(matrix, matrix, 15, new ListedOptions(), 2, null, None);
        var found = DensityClusters.Find(table, 20, 5, None);
        Assert.Equal(4, found.Sizes.Length);
        Assert.InRange(Enumerable.Range(0, 940).Count(i => found.Assignments[i] == found.Assignments[i % 4]), 900, 940);
        Assert.InRange(Enumerable.Range(940, 60).Count(i => found.Assignments[i] == -1), 50, 60);
    }

    [Fact]
    public void Equal_rows_and_few_rows_are_no_trouble()
    {
        var same = new MatrixRows(Enumerable.Repeat(1f, 40).ToArray(), 2);
        var table = ListedNeighbours.Nearest(same, same, 5, new ListedOptions(), 1, null, None);
        Assert.Equal(20, DensityClusters.Find(table, 5, 3, None).Assignments.Length);
        Assert.Empty(DensityClusters.Find(new NeighbourTable(0, 0, [], []), 5, 3, None).Assignments);
        Assert.Equal([-1], DensityClusters.Find(new NeighbourTable(1, 0, [], []), 5, 3, None).Assignments);
    }

    /// <summary>Top down, by cutting the longest edge of a part's spanning tree again and again (Campello et al. 2013, §3.2 and §5): a name for each row's cluster, null for noise.</summary>
    private static string?[] Literally(NeighbourTable table, int minClusterSize, int minSamples)
    {
        var n = table.Count;
        var distances = new double[n, n];
        for (var i = 0; i < n; i++)
            for (var e = 0; e < table.K; e++)
                distances[i, table.RowsOf(i)[e]] = Math.Sqrt(2.0 * table.DistancesOf(i)[e]);
        var core = Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Select(j => distances[i, j]).Order().ElementAt(minSamples - 1)).ToArray();
        var labels = new string?[n];
        Best([.. Enumerable.Range(0, n)], 0, "r", isRoot: true, out var chosen);
        foreach (var (name, members) in chosen)
            foreach (var i in members)
                labels[i] = name;
        return labels;

        double Reach(int i, int j) => Math.Max(distances[i, j], Math.Max(core[i], core[j]));

        // The stability of the best choice of clusters in this part, itself included.
        double Best(List<int> members, double birth, string name, bool isRoot, out List<(string Name, List<int> Members)> best)
        {
            var own = 0.0;
            var all = members.ToList();
            while (true)
            {
                var (length, left, right) = Cut(members);
                var density = 1 / length;
                if (left.Count >= minClusterSize && right.Count >= minClusterSize)
                {
                    own += members.Count * (density - birth);
                    var below = Best(left, density, name + "l", false, out var first) + Best(right, density, name + "r", false, out var second);
                    best = isRoot || below > own ? [.. first, .. second] : [(name, all)];
                    return isRoot ? below : Math.Max(below, own);
                }

                var (large, small) = left.Count >= right.Count ? (left, right) : (right, left);
                own += (large.Count >= minClusterSize ? small.Count : members.Count) * (density - birth);
                if (large.Count < minClusterSize)
                {
                    best = isRoot ? [] : [(name, all)];
                    return isRoot ? 0 : own;
                }

                members = large;
            }
        }

        (double Length, List<int> Left, List<int> Right) Cut(List<int> members)
        {
            // Prim's tree, then the part on either side of its longest edge.
            var inTree = new List<int> { members[0] };
            var edges = new List<(int A, int B, double Length)>();
            var rest = members.Skip(1).ToHashSet();
            while (rest.Count > 0)
            {
                var edge = inTree.SelectMany(a => rest.Select(b => (A: a, B: b, Length: Reach(a, b)))).MinBy(candidate => candidate.Length);
                edges.Add(edge);
                inTree.Add(edge.B);
                rest.Remove(edge.B);
            }

            var longest = edges.MaxBy(edge => edge.Length);
            edges.Remove(longest);
            var left = new HashSet<int> { longest.A };
            for (var grown = true; grown;)
            {
                grown = false;
                foreach (var edge in edges)
                    if (left.Contains(edge.A) != left.Contains(edge.B))
                        grown |= left.Add(edge.A) | left.Add(edge.B);
            }

            return (longest.Length, [.. members.Where(left.Contains)], [.. members.Where(i => !left.Contains(i))]);
        }
    }
}
