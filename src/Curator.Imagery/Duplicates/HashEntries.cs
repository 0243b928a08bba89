using System.Collections.Concurrent;
using Curator.Imagery.Hashing;

namespace Curator.Imagery.Duplicates;

/// <summary>One 64-bit hash of one form of one picture.</summary>
/// <param name="Image">Position among the candidates.</param>
/// <param name="Form">0 for the picture as it is, to 7: <see cref="LowFrequencies.Turn"/>.</param>
internal readonly record struct HashEntry(ulong Hash, int Image, int Form);

/// <summary>Hashes sorted, equal ones together, so that pairs are looked for among different hashes only.</summary>
internal sealed class HashEntries
{
    private readonly HashEntry[] _entries;
    private readonly ulong[] _hashes;
    private readonly int[] _starts;

    public HashEntries(HashEntry[] entries)
    {
        _entries = [.. entries.OrderBy(entry => entry.Hash).ThenBy(entry => entry.Image).ThenBy(entry => entry.Form)];
        _starts = [.. Enumerable.Range(0, _entries.Length).Where(i => i == 0 || _entries[i].Hash != _entries[i - 1].Hash), _entries.Length];
        _hashes = [.. _starts.Take(_starts.Length - 1).Select(start => _entries[start].Hash)];
    }

    public int DistinctImages => _entries.Where(entry => entry.Form == 0).Count();

    /// <summary>Adds every picture whose hash equals or is within the radius of another's; returns the comparisons made.</summary>
    public long CollectInvolved(int radius, HashSet<int> involved, CancellationToken cancellationToken)
    {
        for (var i = 1; i < _entries.Length; i++)
            if (_entries[i].Hash == _entries[i - 1].Hash && _entries[i].Image != _entries[i - 1].Image)
                (_, _) = (involved.Add(_entries[i - 1].Image), involved.Add(_entries[i].Image));
        return HammingPairs.Find(_hashes, radius, pair =>
        {
            for (var a = _starts[pair.First]; a < _starts[pair.First + 1]; a++) involved.Add(_entries[a].Image);
            for (var b = _starts[pair.Second]; b < _starts[pair.Second + 1]; b++) involved.Add(_entries[b].Image);
        }, cancellationToken);
    }

    /// <summary>Calls <paramref name="visit"/> for pairs of different pictures with different hashes within the radius, one of them as it is.</summary>
    public void VisitPairs(int radius, Action<HashEntry, HashEntry> visit, CancellationToken cancellationToken) =>
        HammingPairs.Find(_hashes, radius, pair =>
        {
            for (var a = _starts[pair.First]; a < _starts[pair.First + 1]; a++)
                for (var b = _starts[pair.Second]; b < _starts[pair.Second + 1]; b++)
                    if (_entries[a].Image != _entries[b].Image && (_entries[a].Form == 0 || _entries[b].Form == 0))
                        visit(_entries[a], _entries[b]);
        }, cancellationToken);

    /// <summary>
    /// Merges pictures with equal hashes that the fine hash confirms, and keeps one of each such cluster: a hash that ten thousand pictures share then costs ten thousand
    /// fine comparisons and not their square. Pictures without a fine hash are left out.
    /// </summary>
    public HashEntries Reduce(ConcurrentDictionary<int, ulong[]> fine, int mostLeaders, int fineRadius, Action<int, int> merge)
    {
        var kept = new List<HashEntry>();
        for (var group = 0; group + 1 < _starts.Length; group++)
        {
            var leaders = new List<HashEntry>();
            for (var i = _starts[group]; i < _starts[group + 1]; i++)
            {
                var entry = _entries[i];
                if (!fine.ContainsKey(entry.Image)) continue;
                var leader = leaders.FindIndex(other => other.Image != entry.Image && FineDistance(fine, other, entry) <= fineRadius);
                if (leader >= 0) merge(leaders[leader].Image, entry.Image);
                else if (leaders.Count < mostLeaders) leaders.Add(entry);
            }
            kept.AddRange(leaders);
        }
        return new HashEntries([.. kept]);
    }

    public static int FineDistance(ConcurrentDictionary<int, ulong[]> fine, HashEntry left, HashEntry right) =>
        fine.TryGetValue(left.Image, out var a) && fine.TryGetValue(right.Image, out var b)
            ? FineHash.Distance(a.AsSpan(left.Form * FineHash.Words), b.AsSpan(right.Form * FineHash.Words))
            : FineHash.Bits;
}
