using Curator.Core;
using Curator.Labeling.Strategies;

namespace Curator.Labeling.Tests.Strategies;

public sealed class UncertaintyStrategiesTests
{
    public static TheoryData<string> Names => [.. QueryStrategies.Names.Skip(1)];

    [Theory, MemberData(nameof(Names))]
    public void Every_strategy_chooses_open_rows_once_and_the_same_every_time(string name)
    {
        var strategy = QueryStrategies.Get(name);
        Assert.Equal(name, strategy.Name);
        for (var seed = 0; seed < 5; seed++)
        {
            var pool = Pools.Draw(60, 4, seed % 2 == 0 ? 2 : 4, seed);
            var open = Pools.Open(pool);
            foreach (var count in new[] { 0, 1, 7, open.Count, open.Count + 20 })
            {
                var chosen = strategy.Select(pool, count, default);
                Assert.Equal(Math.Min(count, open.Count), chosen.Count);
                Assert.Equal(chosen.Count, chosen.Distinct().Count());
                Assert.Subset(open.ToHashSet(), chosen.ToHashSet());
                Assert.Equal(chosen, strategy.Select(pool, count, default));
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_strategy_takes_an_empty_pool_and_one_without_open_rows(string name)
    {
        var strategy = QueryStrategies.Get(name);
        Assert.Empty(strategy.Select(new QueryPool(Array.Empty<float>(), 3, 2, Array.Empty<float>(), Array.Empty<int>(), 1), 5, default));
        int[] answered = [0, 1];
        float[] rows = [1, 2, 3, 4], probabilities = [0.5f, 0.5f, 0.5f, 0.5f];
        Assert.Empty(strategy.Select(new QueryPool(rows, 2, 2, probabilities, answered, 1), 5, default));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_strategy_that_needs_a_head_says_so_without_one(string name)
    {
        var strategy = QueryStrategies.Get(name);
        var pool = Pools.Draw(30, 3, 2, 1);
        var headless = new QueryPool(pool.Rows, 3, 2, default, pool.Answers, 1);
        if (QueryStrategies.NeedsHead(strategy)) Assert.Throws<InvalidOperationException>(() => strategy.Select(headless, 3, default));
        else Assert.Equal(3, strategy.Select(headless, 3, default).Count);
    }

    [Fact]
    public void An_unknown_strategy_names_those_there_are() =>
        Assert.Contains("uncertainty", Assert.Throws<WorkspaceException>(() => QueryStrategies.Get("best")).NextStep);

    [Theory]
    [InlineData("uncertainty")]
    [InlineData("positive")]
    [InlineData("least-confidence")]
    [InlineData("entropy")]
    [InlineData("margin")]
    public void Scores_order_rows_as_their_formula_says(string name)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var pool = Pools.Draw(50, 3, seed % 2 == 0 ? 2 : 5, seed);
            var literal = Pools.Open(pool).OrderBy(i => Math.Round(Key(name, pool.ProbabilitiesOf(i).ToArray()), 6)).ToList();
            var chosen = QueryStrategies.Get(name).Select(pool, 12, default);
            // Ties by rounding may swap places; the keys may not.
            for (var r = 0; r < chosen.Count; r++)
                Assert.Equal(Key(name, pool.ProbabilitiesOf(literal[r]).ToArray()), Key(name, pool.ProbabilitiesOf(chosen[r]).ToArray()), 5);
        }
    }

    [Fact]
    public void Balanced_uncertainty_takes_as_many_below_as_above()
    {
        float[] positive = [0.05f, 0.3f, 0.42f, 0.52f, 0.56f, 0.7f, 0.9f];
        var pool = new QueryPool(new float[7], 1, 2, positive.SelectMany(p => new[] { p, 1 - p }).ToArray(), Enumerable.Repeat(QueryPool.Open, 7).ToArray(), 1);
        Assert.Equal([3, 2, 4, 1, 5], new BalancedUncertaintyStrategy().Select(pool, 5, default));
        Assert.Equal([3, 2, 4, 1, 5, 0, 6], new BalancedUncertaintyStrategy().Select(pool, 9, default));
    }

    [Fact]
    public void Gaussian_draws_in_proportion_to_its_weights()
    {
        // One draw from three rows, many seeds: shares are the normalised weights.
        float[] positive = [0.5f, 0.7f, 0.95f];
        var weights = positive.Select(p => Math.Exp(-Math.Pow(p - 0.5, 2) / (2 * 0.2 * 0.2))).ToArray();
        var counts = new int[3];
        const int Draws = 20_000;
        for (var seed = 0; seed < Draws; seed++)
        {
            var pool = new QueryPool(new float[3], 1, 2, positive.SelectMany(p => new[] { p, 1 - p }).ToArray(), new[] { -1, -1, -1 }, Sampling.Seed(seed, 1, 1));
            counts[new GaussianStrategy().Select(pool, 1, default)[0]]++;
        }
        for (var i = 0; i < 3; i++) Assert.Equal(weights[i] / weights.Sum(), counts[i] / (double)Draws, 0.015);
    }

    [Fact]
    public void Boundary_takes_every_pair_of_classes_in_turn()
    {
        float[] probabilities =
        [
            0.50f, 0.49f, 0.01f, // pair 0-1, margin 0.01
            0.50f, 0.48f, 0.02f, // pair 0-1, margin 0.02
            0.50f, 0.47f, 0.03f, // pair 0-1, margin 0.03
            0.60f, 0.00f, 0.40f, // pair 0-2, margin 0.20
            0.10f, 0.60f, 0.30f, // pair 1-2, margin 0.30
        ];
        var pool = new QueryPool(new float[5], 1, 3, probabilities, Enumerable.Repeat(QueryPool.Open, 5).ToArray(), 1);
        Assert.Equal([0, 3, 4, 1], new BoundaryStrategy().Select(pool, 4, default));
    }

    [Fact]
    public void Spot_checks_are_drawn_with_the_stated_probabilities()
    {
        float[] positive = [0.01f, 0.01f, 0.02f, 0.1f, 0.5f, 0.9f, 0.99f, 0.03f];
        var weights = positive.Select(p => Math.Sqrt(p * (1.0 - p))).ToArray();
        weights = [.. weights.Select(w => w + 0.5 * weights.Average())];
        var counts = new double[8];
        for (var seed = 0; seed < 20_000; seed++)
        {
            var pool = new QueryPool(
                new float[8], 1, 2, positive.SelectMany(p => new[] { p, 1 - p }).ToArray(), Enumerable.Repeat(QueryPool.Open, 8).ToArray(), Sampling.Seed(seed, 2, 3));
            foreach (var row in new SpotCheckStrategy().Select(pool, 2, default)) counts[row]++;
        }
        for (var i = 0; i < 8; i++) Assert.Equal(Math.Min(1, 2 * weights[i] / weights.Sum()), counts[i] / 20_000, 0.02);
    }

    private static double Key(string name, float[] p)
    {
        var sorted = p.OrderDescending().ToArray();
        return name switch
        {
            "uncertainty" => Math.Abs(p[0] - 0.5),
            "positive" => -p[0],
            "least-confidence" => -(1 - sorted[0]),
            "entropy" => p.Sum(v => v > 0 ? v * Math.Log(v) : 0),
            _ => sorted[0] - sorted[1],
        };
    }
}
