using CsCheck;
using Curator.Search.Clustering;

namespace Curator.Search.Tests.Clustering;

public sealed class BalancedSampleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Shares_are_as_equal_as_the_sizes_allow() =>
        Gen.Select(Gen.Int[0, 30].Array[1, 12], Gen.Int[0, 200]).Sample((sizes, count) =>
        {
            var shares = BalancedSample.Share(sizes, count);
            Assert.Equal(Math.Min(count, sizes.Sum()), shares.Sum());
            for (var i = 0; i < sizes.Length; i++)
            {
                Assert.InRange(shares[i], 0, sizes[i]);
                // Whoever is not full has at least as many as anybody else, but for one of rounding.
                for (var j = 0; j < sizes.Length && shares[i] < sizes[i]; j++) Assert.True(shares[j] <= shares[i] + 1, $"{shares[i]} of {sizes[i]} beside {shares[j]}");
            }
        });

    [Fact]
    public void What_is_rare_is_chosen_as_often_as_what_is_frequent()
    {
        // Ten blobs on the sphere, sizes 2,000 down to 20.
        int[] sizes = [2000, 1200, 720, 430, 260, 155, 93, 56, 33, 20];
        var (rows, blobs) = Blobs(sizes, 16);
        const int count = 300;

        int[] Counts(BalanceMethod method)
        {
            var chosen = BalancedSample.Select(rows, 16, count, method, seed: 3, threads: 1, Cancel);
            Assert.Equal(count, chosen.Distinct().Count());
            var counts = new int[sizes.Length];
            foreach (var row in chosen) counts[blobs[row]]++;
            return counts;
        }

        var (random, even) = (Counts(BalanceMethod.Random), Counts(BalanceMethod.Clusters));
        // The last three blobs are 2 % of the rows.
        Assert.True(random[7..].Sum() < 15, string.Join(' ', random));
        Assert.True(even[7..].Sum() > 3 * random[7..].Sum(), string.Join(' ', even));

        var chosenEven = BalancedSample.Select(rows, 16, count, BalanceMethod.Clusters, 3, 1, Cancel);
        var chosenRandom = BalancedSample.Select(rows, 16, count, BalanceMethod.Random, 3, 1, Cancel);
        var evenCoverage = BalancedSample.Measure(rows, 16, chosenEven, 1, 1, Cancel);
        var randomCoverage = BalancedSample.Measure(rows, 16, chosenRandom, 1, 1, Cancel);
        Assert.InRange(evenCoverage.EffectiveClusters, 1, evenCoverage.Clusters);
        Assert.InRange(randomCoverage.Coverage, 0.1, 1);
        Assert.Equal(chosenEven, BalancedSample.Select(rows, 16, count, BalanceMethod.Clusters, 3, 2, Cancel));
        Assert.Equal(Enumerable.Range(0, sizes.Sum()), BalancedSample.Select(rows, 16, 100_000, BalanceMethod.Clusters, 3, 1, Cancel));
    }

    private static (float[] Rows, int[] Blobs) Blobs(int[] sizes, int dimension)
    {
        var random = new Random(7);
        var rows = new List<float>();
        var blobs = new List<int>();
        for (var blob = 0; blob < sizes.Length; blob++)
            for (var i = 0; i < sizes[blob]; i++)
            {
                for (var d = 0; d < dimension; d++) rows.Add((d == blob ? 4 : 0) + ((float)random.NextDouble() - 0.5f));
                blobs.Add(blob);
            }
        return ([.. rows], [.. blobs]);
    }
}
