using System.Numerics;
using CsCheck;
using Curator.Imagery.Duplicates;

namespace Curator.Imagery.Tests.Duplicates;

public sealed class HammingPairsTests
{
    private static HashPair[] Oracle(ulong[] hashes, int radius) =>
    [
        .. from i in Enumerable.Range(0, hashes.Length)
           from j in Enumerable.Range(i + 1, hashes.Length - i - 1)
           let distance = BitOperations.PopCount(hashes[i] ^ hashes[j])
           where distance <= radius
           select new HashPair(i, j, distance),
    ];

    private static (HashPair[] Pairs, long Comparisons) Find(ulong[] hashes, int radius)
    {
        var found = new List<HashPair>();
        var comparisons = HammingPairs.Find(hashes, radius, found.Add, CancellationToken.None);
        return ([.. found.OrderBy(pair => pair.First).ThenBy(pair => pair.Second)], comparisons);
    }

    /// <summary>Random hashes, each with a few relatives some bits away, so that every radius has pairs.</summary>
    private static ulong[] Relatives(int count, int seed)
    {
        var random = new Random(seed);
        var hashes = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            hashes[i] = i % 4 == 0 ? (ulong)random.NextInt64() : hashes[i - 1];
            for (var flips = random.Next(9); flips > 0 && i % 4 != 0; flips--) hashes[i] ^= 1UL << random.Next(64);
        }
        return hashes;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(15)]
    public void Finds_each_pair_of_the_exhaustive_search_once(int radius)
    {
        var hashes = Relatives(600, radius + 1);
        var expected = Oracle(hashes, radius);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Find(hashes, radius).Pairs);
    }

    [Fact]
    public void Any_hashes_give_the_pairs_of_the_exhaustive_search() =>
        Gen.Select(Gen.ULong.Array[0, 40], Gen.Int[0, HammingPairs.MaxRadius]).Sample((hashes, radius) =>
            Oracle(hashes, radius).SequenceEqual(Find(hashes, radius).Pairs));

    [Fact]
    public void Compares_a_two_thousandth_of_all_pairs_at_radius_seven()
    {
        var random = new Random(3);
        var hashes = Enumerable.Range(0, 100_000).Select(_ => (ulong)random.NextInt64() * 2 + (ulong)random.Next(2)).ToArray();
        var comparisons = Find(hashes, 7).Comparisons;
        // Measured: 5.2 million of 5 billion.
        Assert.InRange(comparisons, 4_000_000, 6_000_000);
    }
}
