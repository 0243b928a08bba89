using System.Numerics;

namespace Curator.Imagery.Duplicates;

/// <summary>A pair of positions, <c>First &lt; Second</c>, and the number of bits in which their hashes differ.</summary>
public readonly record struct HashPair(int First, int Second, int Distance);

/// <summary>
/// All pairs of 64-bit hashes within a Hamming radius. Multi-index hashing: of four bands of sixteen bits, at least one differs in at most ⌊radius/4⌋ bits, so
/// only hashes in the same or such a neighbouring bucket of some band are compared. Source: M. Norouzi, A. Punjani, D. Fleet, "Fast Exact Search in Hamming Space
/// with Multi-Index Hashing", 2014, section 3. Exact. Cost for n random hashes at radius 7: about n²/1,900 comparisons in all; memory 12 bytes a hash.
/// </summary>
public static class HammingPairs
{
    private const int Bands = 4;
    private const int BandBits = 16;
    private const int Buckets = 1 << BandBits;

    /// <summary>The largest radius that is searched this way.</summary>
    public const int MaxRadius = 15;

    /// <summary>Calls <paramref name="found"/> once for each pair, in no particular order, and returns how many comparisons were made.</summary>
    /// <param name="hashes">Equal hashes are pairs too: a thousand equal ones are half a million pairs, so callers merge those first.</param>
    /// <param name="radius">0 to <see cref="MaxRadius"/> bits.</param>
    public static long Find(ReadOnlySpan<ulong> hashes, int radius, Action<HashPair> found, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(radius, MaxRadius);
        ArgumentNullException.ThrowIfNull(found);
        var bandRadius = radius / Bands;
        var masks = Masks(bandRadius);
        var starts = new int[Buckets + 1];
        var ordered = new ulong[hashes.Length];
        var positions = new int[hashes.Length];
        long comparisons = 0;
        for (var band = 0; band < Bands; band++)
        {
            Sort(hashes, band, starts, ordered, positions);
            for (var bucket = 0; bucket < Buckets; bucket++)
            {
                if ((bucket & 1023) == 0) cancellationToken.ThrowIfCancellationRequested();
                if (starts[bucket] == starts[bucket + 1]) continue;
                foreach (var mask in masks)
                {
                    var other = bucket ^ mask;
                    if (other < bucket) continue; // That pair of buckets was looked at from the other side.
                    for (var i = starts[bucket]; i < starts[bucket + 1]; i++)
                    {
                        var hash = ordered[i];
                        var first = mask == 0 ? i + 1 : starts[other];
                        var end = starts[other + 1];
                        comparisons += end - first;
                        for (var j = first; j < end; j++)
                        {
                            var difference = hash ^ ordered[j];
                            var distance = BitOperations.PopCount(difference);
                            if (distance > radius || SeenInEarlierBand(difference, band, bandRadius)) continue;
                            var (a, b) = (positions[i], positions[j]);
                            found(a < b ? new HashPair(a, b, distance) : new HashPair(b, a, distance));
                        }
                    }
                }
            }
        }
        return comparisons;
    }

    private static bool SeenInEarlierBand(ulong difference, int band, int bandRadius)
    {
        for (var earlier = 0; earlier < band; earlier++)
            if (BitOperations.PopCount(difference >> (earlier * BandBits) & (Buckets - 1)) <= bandRadius)
                return true;
        return false;
    }

    /// <summary>Counting sort by a band's sixteen bits.</summary>
    private static void Sort(ReadOnlySpan<ulong> hashes, int band, int[] starts, ulong[] ordered, int[] positions)
    {
        var shift = band * BandBits;
        Array.Clear(starts);
        foreach (var hash in hashes) starts[(int)(hash >> shift & (Buckets - 1)) + 1]++;
        for (var bucket = 0; bucket < Buckets; bucket++) starts[bucket + 1] += starts[bucket];
        var next = new int[Buckets];
        Array.Copy(starts, next, Buckets);
        for (var i = 0; i < hashes.Length; i++)
        {
            var at = next[(int)(hashes[i] >> shift & (Buckets - 1))]++;
            ordered[at] = hashes[i];
            positions[at] = i;
        }
    }

    /// <summary>All differences of at most so many bits, the empty one first.</summary>
    private static int[] Masks(int bits) => [.. Enumerable.Range(0, Buckets).Where(mask => BitOperations.PopCount((uint)mask) <= bits)];
}
