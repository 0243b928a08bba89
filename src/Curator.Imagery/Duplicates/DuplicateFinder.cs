using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery.Hashing;

namespace Curator.Imagery.Duplicates;

/// <summary>
/// Finds pictures that are copies of one another over the whole project: same bytes, or perceptual hashes of 64 bits that are near (all pairs, exact) and of 256 bits
/// that confirm it. Groups are the connected parts of the pairs. Only marks; no file is touched. Cost: one pass over the manifests, one read of each candidate picture.
/// </summary>
public static class DuplicateFinder
{
    /// <summary>Of pictures with one 64-bit hash, so many different ones are compared with all others; more than that are featureless in effect.</summary>
    private const int MostLeaders = 64;

    /// <summary>Searches; changes nothing. The same project gives the same report, whatever the number of processors.</summary>
    public static async Task<DuplicateReport> FindAsync(
        Workspace workspace, DuplicateOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        var all = await Candidates.LoadAsync(workspace, options.Featureless, cancellationToken);
        var sets = new UnionFind(all.Count);
        var copies = new HashSet<int>();
        var firstOf = new Dictionary<UInt128, int>(all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            if (firstOf.TryAdd(all.Contents[i], i)) continue;
            sets.Union(firstOf[all.Contents[i]], i);
            copies.Add(i); // The same pixels as another: comparing that one is enough.
        }
        long comparisons = 0, unreadable = 0;
        ConcurrentDictionary<int, ulong[]> fine = [];
        if (!options.ExactOnly)
        {
            var looked = Enumerable.Range(0, all.Count).Where(i => !copies.Contains(i) && !all.Featureless[i]).ToList();
            var entries = await EntriesAsync(workspace, all, looked, options, progress, cancellationToken);
            unreadable = looked.Count - entries.DistinctImages;
            var involved = new HashSet<int>();
            comparisons = entries.CollectInvolved(options.Radius, involved, cancellationToken);
            var sources = await all.SourcesAsync(workspace, involved, cancellationToken);
            fine = FineHashes.Compute(sources, options.Turned ? LowFrequencies.Forms : 1, progress, cancellationToken);
            unreadable += involved.Count - fine.Count;
            var reduced = entries.Reduce(fine, MostLeaders, options.FineRadius, (a, b) => sets.Union(a, b));
            reduced.VisitPairs(options.Radius, (a, b) =>
            {
                if (HashEntries.FineDistance(fine, a, b) <= options.FineRadius) sets.Union(a.Image, b.Image);
            }, cancellationToken);
        }
        var groups = await GroupsAsync(workspace, all, sets, fine, options, cancellationToken);
        var featureless = Enumerable.Range(0, all.Count).Where(i => all.Featureless[i]).Select(i => all.Ids[i]).ToList();
        return new DuplicateReport(all.Count, groups, featureless, unreadable, comparisons);
    }

    /// <summary>
    /// Marks the duplicates of a report in the catalog and takes earlier such marks away, so that marks always follow from one report. Marked pictures are left out of
    /// training, search, labeling and the finished set; <see cref="ClearAsync"/> brings them back.
    /// </summary>
    public static async Task MarkAsync(Workspace workspace, DuplicateReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        var wanted = report.Groups.SelectMany(group => group.Duplicates).Select(duplicate => duplicate.Image).ToHashSet();
        var marked = await MarkedAsync(workspace, cancellationToken);
        await workspace.Catalog.SetImageStateAsync([.. wanted.Except(marked).Order()], ImageState.Duplicate, cancellationToken);
        await workspace.Catalog.SetImageStateAsync([.. marked.Except(wanted).Order()], null, cancellationToken);
    }

    /// <summary>Takes all marks away and returns how many there were.</summary>
    public static async Task<int> ClearAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var marked = await MarkedAsync(workspace, cancellationToken);
        await workspace.Catalog.SetImageStateAsync(marked, null, cancellationToken);
        return marked.Count;
    }

    private static async Task<HashSet<ImageId>> MarkedAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var marked = new HashSet<ImageId>();
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
            foreach (var (row, state) in await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken))
                if (state == ImageState.Duplicate)
                    marked.Add(new ImageId(partition.Number, row));
        return marked;
    }

    private static async Task<HashEntries> EntriesAsync(
        Workspace workspace, Candidates all, List<int> looked, DuplicateOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        if (!options.Turned) return new HashEntries([.. looked.Select(i => new HashEntry(all.Hashes[i], i, 0))]);
        var turned = FineHashes.ComputeTurned(await all.SourcesAsync(workspace, looked, cancellationToken), progress, cancellationToken);
        return new HashEntries([.. looked.Where(turned.ContainsKey).SelectMany(i => turned[i].Select((hash, form) => new HashEntry(hash, i, form)))]);
    }

    private static async Task<IReadOnlyList<DuplicateGroup>> GroupsAsync(
        Workspace workspace, Candidates all, UnionFind sets, ConcurrentDictionary<int, ulong[]> fine, DuplicateOptions options, CancellationToken cancellationToken)
    {
        var members = new Dictionary<int, List<int>>();
        for (var i = 0; i < all.Count; i++)
        {
            var root = sets.Find(i);
            if (!members.TryGetValue(root, out var list)) members.Add(root, list = []);
            list.Add(i);
        }
        var groups = members.Values.Where(group => group.Count > 1).ToList();
        var sources = await all.SourcesAsync(workspace, [.. groups.SelectMany(group => group)], cancellationToken);
        return
        [
            .. groups.Select(group =>
            {
                var kept = options.Keep == KeepPolicy.First
                    ? group.Min()
                    : group.OrderByDescending(i => all.Sizes[i].Pixels).ThenByDescending(i => all.Sizes[i].Bytes).ThenBy(i => i).First();
                var others = group.Where(i => i != kept).Order().Select(i =>
                {
                    var (kind, bits) = Describe(all, fine, kept, i, options.FineRadius);
                    return new Duplicate(all.Ids[i], sources[i].Path, kind, bits);
                });
                return new DuplicateGroup(all.Ids[kept], sources[kept].Path, [.. others]);
            }).OrderBy(group => group.Kept),
        ];
    }

    private static (DuplicateKind, int Bits) Describe(Candidates all, ConcurrentDictionary<int, ulong[]> fine, int kept, int other, int fineRadius)
    {
        if (all.Contents[kept] == all.Contents[other]) return (DuplicateKind.Exact, 0);
        if (!fine.TryGetValue(kept, out var left) || !fine.TryGetValue(other, out var right)) return (DuplicateKind.Linked, 0);
        var straight = FineHash.Distance(left, right);
        if (straight <= fineRadius) return (DuplicateKind.Near, straight);
        var best = straight;
        for (var form = 1; form < right.Length / FineHash.Words; form++) best = Math.Min(best, FineHash.Distance(left, right.AsSpan(form * FineHash.Words)));
        return best <= fineRadius ? (DuplicateKind.Turned, best) : (DuplicateKind.Linked, straight);
    }
}
