using Curator.Search.Indexes;
using Curator.Search.Kernels;

namespace Curator.Search.Partitions;

/// <summary>
/// Which lists of which partitions a query looks at: the nearest of all, wherever they are. A partition of other things than the query's then costs its centroids only, and
/// a thousand partitions are searched nearly as fast as one. How many follows from <see cref="SearchTuning.Probes"/>: as many vectors that may be found are looked at as in so many
/// lists of one index over all rows.
/// </summary>
internal static class ListBudget
{
    /// <summary>Lists by piece of work: keys of distance and number; empty for other kinds.</summary>
    public static ulong[][] Choose(IReadOnlyList<PartitionWork> work, PreparedQuery query, SearchTuning tuning)
    {
        var chosen = new ulong[work.Count][];
        Array.Fill(chosen, []);
        var first = new int[work.Count + 1];
        long rows = 0, admitted = 0;
        for (var w = 0; w < work.Count; w++)
        {
            var withLists = work[w].Kind == WorkKind.Lists;
            first[w + 1] = first[w] + (withLists ? work[w].Index.Lists : 0);
            if (!withLists) continue;
            rows += work[w].Rows;
            admitted += work[w].Admitted;
        }

        var lists = first[^1];
        if (lists == 0) return chosen;
        var wanted = Math.Ceiling(tuning.Probes * Math.Sqrt(rows) * lists / Math.Max(1, admitted));
        var nearest = new NearestReservoir((int)Math.Clamp(wanted, 1, lists));
        for (var w = 0; w < work.Count; w++)
            if (work[w].Kind == WorkKind.Lists)
                work[w].Index.AddLists(query, (uint)first[w], nearest);

        var counts = new int[work.Count];
        var keys = nearest.Sorted();
        foreach (var key in keys) counts[WorkOf(first, key)]++;
        for (var w = 0; w < work.Count; w++)
            if (counts[w] > 0)
                chosen[w] = new ulong[counts[w]];
        Array.Clear(counts);
        foreach (var key in keys)
        {
            var w = WorkOf(first, key);
            chosen[w][counts[w]++] = NearestReservoir.Key(NearestReservoir.DistanceOf(key), NearestReservoir.IdOf(key) - (uint)first[w]);
        }

        return chosen;
    }

    /// <summary>The last piece whose first list is not after the key's.</summary>
    private static int WorkOf(int[] first, ulong key)
    {
        var list = (int)NearestReservoir.IdOf(key);
        int low = 0, high = first.Length - 2;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (first[middle] <= list) low = middle;
            else high = middle - 1;
        }

        return low;
    }
}
