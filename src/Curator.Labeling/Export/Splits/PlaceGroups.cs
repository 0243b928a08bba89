using Curator.Core.Images;

namespace Curator.Labeling.Export.Splits;

/// <summary>
/// Places that must stay in one part of a split: those that touch, directly or over others. Where everything touches (tiles of one grid), such a group would be the whole set;
/// it is cut into square blocks then, and the images along the cuts are left out later (<see cref="SplitPlanner"/>).
/// </summary>
internal static class PlaceGroups
{
    /// <summary>A group of more than this share of all images is cut.</summary>
    private const double LargestShare = 0.05;

    /// <summary>Blocks wanted, so that each part can get some of everywhere.</summary>
    private const int EnoughBlocks = 100;

    /// <summary>Sides of a block in tiles, at most and at least.</summary>
    private const int MostTiles = 32;
    private const int FewestTiles = 2;

    /// <param name="images">How many images each place has.</param>
    /// <param name="pairs">Places that touch.</param>
    /// <returns>Group of each place, from 0 without gaps, in the order of their first place.</returns>
    public static int[] Of(IReadOnlyList<BoundingBox> places, IReadOnlyList<int> images, IReadOnlyList<(int First, int Second)> pairs)
    {
        var parent = new int[places.Count];
        for (var i = 0; i < parent.Length; i++) parent[i] = i;
        foreach (var (first, second) in pairs)
        {
            int a = Root(parent, first), b = Root(parent, second);
            if (a != b) parent[Math.Max(a, b)] = Math.Min(a, b);
        }
        var sizes = new long[places.Count];
        for (var i = 0; i < parent.Length; i++) sizes[Root(parent, i)] += images[i];
        var most = Math.Max(1, (long)(images.Sum(n => (long)n) * LargestShare));
        var large = Enumerable.Range(0, parent.Length).Where(i => sizes[Root(parent, i)] > most).ToList();
        var edge = large.Count > 0 ? BlockEdge(places, large) : 0;
        var numbers = new Dictionary<(int Root, int X, int Y), int>();
        var groups = new int[places.Count];
        for (var i = 0; i < groups.Length; i++)
        {
            var root = Root(parent, i);
            var (x, y) = sizes[root] > most ? BlockOf(places[i], edge) : (0, 0);
            if (!numbers.TryGetValue((root, x, y), out groups[i])) numbers[(root, x, y)] = groups[i] = numbers.Count;
        }
        return groups;
    }

    /// <summary>The largest block that leaves enough of them, halved from <see cref="MostTiles"/> tiles on; not below <see cref="FewestTiles"/> of all but the largest tiles.</summary>
    private static double BlockEdge(IReadOnlyList<BoundingBox> places, IReadOnlyList<int> large)
    {
        var edges = large.Select(i => PlaceIndex.Edge(places[i])).Order().ToList();
        var tile = Math.Max(edges[(int)(0.95 * (edges.Count - 1))], 1e-9);
        double edge = MostTiles * tile;
        while (edge > FewestTiles * tile && large.Select(i => BlockOf(places[i], edge)).Distinct().Take(EnoughBlocks).Count() < EnoughBlocks) edge /= 2;
        return edge;
    }

    private static (int X, int Y) BlockOf(BoundingBox box, double edge)
    {
        var longitude = box.West + PlaceIndex.Width(box) / 2;
        if (longitude >= 180) longitude -= 360;
        return ((int)Math.Floor((longitude + 180) / edge), (int)Math.Floor(((box.South + box.North) / 2 + 90) / edge));
    }

    private static int Root(int[] parent, int i)
    {
        while (parent[i] != i)
        {
            parent[i] = parent[parent[i]];
            i = parent[i];
        }
        return i;
    }
}
