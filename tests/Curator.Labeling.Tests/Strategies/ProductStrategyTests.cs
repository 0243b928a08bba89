using Curator.Core;
using Curator.Labeling.Strategies;

namespace Curator.Labeling.Tests.Strategies;

public sealed class ProductStrategyTests
{
    [Fact]
    public void The_published_worked_example_of_the_product_rule_comes_out()
    {
        // Lightly's documentation of combined selections: 21.0 x 10.3 = 216.30, 20.8 x 10.8 = 224.64, 20.5 x 10.9 = 223.45; the second sample wins.
        double[][] samples = [[21.0, 10.3], [20.8, 10.8], [20.5, 10.9]];
        var products = samples.Select(s => ProductStrategy.Product(s, [1, 1])).ToArray();
        Assert.Equal(216.30, products[0], 1e-9);
        Assert.Equal(224.64, products[1], 1e-9);
        Assert.Equal(223.45, products[2], 1e-9);
        Assert.Equal(1, Array.IndexOf(products, products.Max()));
        // The strategy itself on a pool with these scores and distances: rows on a line, the answered one at 0.
        float[] rows = [0, 10.3f, 10.8f, 10.9f];
        var pool = new QueryPool(rows, 1, 2, default, new[] { 0, -1, -1, -1 }, 1) { Scores = new[] { 0, 21.0f, 20.8f, 20.5f } };
        Assert.Equal([2], QueryStrategies.Get("score*k-centre").Select(pool, 1, default));
        // A strong objective decides alone.
        Assert.Equal([1], QueryStrategies.Get("score^9*k-centre").Select(pool, 1, default));
        Assert.Equal([3], QueryStrategies.Get("score*k-centre^9").Select(pool, 1, default));
    }

    [Theory]
    [InlineData("coral", 1, 1)]
    [InlineData("margin*k-centre", 1, 1)]
    [InlineData("margin^2*k-centre^0.5", 2, 0.5)]
    public void Every_choice_has_the_greatest_product_of_the_moment(string text, double margin, double distance)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var pool = Pools.Draw(60, 4, seed % 2 == 0 ? 2 : 4, seed);
            var open = Pools.Open(pool);
            var centres = Enumerable.Range(0, pool.Count).Where(i => pool.Answers.Span[i] >= 0).ToList();
            foreach (var row in QueryStrategies.Get(text).Select(pool, 12, default))
            {
                double Value(int i)
                {
                    var p = pool.ProbabilitiesOf(i).ToArray().OrderDescending().ToArray();
                    return Math.Pow(1 - (p[0] - p[1]), margin) * Math.Pow(centres.Min(c => Pools.Distance(pool, i, c)), distance);
                }
                Assert.Equal(open.Max(Value), Value(row), 1e-4);
                centres.Add(row);
                open.Remove(row);
            }
        }
    }

    [Fact]
    public void One_factor_alone_is_the_strategy_of_that_name()
    {
        foreach (var name in new[] { "uncertainty", "least-confidence", "margin", "entropy", "positive", "k-centre" })
        {
            var pool = Pools.Draw(50, 3, 2, 4);
            var alone = QueryStrategies.Get(name).Select(pool, 15, default);
            var composed = QueryStrategies.Get($"{name}^1*top-n").Select(pool, 15, default);
            // Ties may come in another order; what they are worth may not.
            for (var i = 0; i < 15; i++) Assert.Equal(Worth(alone[i]), Worth(composed[i]), 4);

            double Worth(int row) => name == "k-centre" ? 0 : name == "positive" ? pool.Positive(row) : Math.Abs(pool.Positive(row) - 0.5);
            if (name == "k-centre") Assert.Equal(alone, composed);
        }
    }

    [Fact]
    public void Cluster_quota_as_a_factor_spreads_what_uncertainty_would_pile_up()
    {
        var random = new Random(5);
        var rows = new List<float>();
        var probabilities = new List<float>();
        for (var i = 0; i < 90; i++)
        {
            rows.AddRange([(float)(i / 30 * 10 + 0.1 * Mixture.Normal(random)), (float)(0.1 * Mixture.Normal(random))]);
            var p = i < 30 ? 0.5f : 0.6f;
            probabilities.AddRange([p, 1 - p]);
        }
        var pool = new QueryPool(rows.ToArray(), 2, 2, probabilities.ToArray(), Enumerable.Repeat(QueryPool.Open, 90).ToArray(), 1);
        var spread = QueryStrategies.Get("uncertainty*cluster-quota").Select(pool, 60, default).CountBy(i => i / 30).ToDictionary();
        Assert.Equal(3, spread.Count);
    }

    [Fact]
    public void A_composition_without_probabilities_works_before_the_first_head()
    {
        var pool = Pools.Draw(40, 3, 2, 2, 0);
        var headless = new QueryPool(pool.Rows, 3, 2, default, pool.Answers, 1);
        var strategy = QueryStrategies.Get("random^0.2*k-centre");
        Assert.False(QueryStrategies.NeedsHead(strategy));
        Assert.Equal(5, strategy.Select(headless, 5, default).Distinct().Count());
        Assert.True(QueryStrategies.NeedsHead(QueryStrategies.Get("coral")));
        Assert.Contains("outside model", Assert.Throws<InvalidOperationException>(() => QueryStrategies.Get("score*k-centre").Select(headless, 5, default)).Message);
    }

    [Theory]
    [InlineData("entropy*nothing", "k-centre")]
    [InlineData("entropy^0*k-centre", "entropy*k-centre^0.5")]
    [InlineData("entropy^x", "entropy*k-centre^0.5")]
    [InlineData("entropy^1^2", "entropy*k-centre^0.5")]
    [InlineData("*", "k-centre")]
    [InlineData("typiclust*k-centre", "cluster-quota")]
    public void A_wrong_composition_says_how_to_write_it(string text, string hint) =>
        Assert.Contains(hint, Assert.Throws<WorkspaceException>(() => QueryStrategies.Get(text)).NextStep);

    [Fact]
    public void Dropquery_takes_rows_whose_class_hangs_on_few_features_and_spreads_them()
    {
        // The head looks at the sum of two features. Rows of two features near 0 in sum change their class when one is dropped; rows where both agree never do.
        var random = new Random(3);
        var rows = new List<float>();
        for (var i = 0; i < 40; i++)
            rows.AddRange(i < 10 ? [5 + (float)random.NextDouble(), -5.5f - i * 0.01f] : [3 + (float)random.NextDouble(), 3 + (float)random.NextDouble()]);
        void Score(ReadOnlySpan<float> given, Span<float> probabilities)
        {
            for (var i = 0; i < given.Length / 2; i++)
            {
                var p = (float)(1 / (1 + Math.Exp(-(given[2 * i] + given[2 * i + 1] + 0.4))));
                (probabilities[2 * i], probabilities[2 * i + 1]) = (p, 1 - p);
            }
        }
        var all = new float[80];
        Score(rows.ToArray(), all);
        var pool = new QueryPool(rows.ToArray(), 2, 2, all, Enumerable.Repeat(QueryPool.Open, 40).ToArray(), 1) { Scorer = Score };
        var chosen = new DropQueryStrategy(0.5, 15).Select(pool, 4, default);
        Assert.Equal(4, chosen.Distinct().Count());
        Assert.All(chosen, row => Assert.True(row < 10));
    }
}
