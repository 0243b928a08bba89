using Curator.Labeling.Strategies;
using Curator.Search.Clustering;

namespace Curator.Labeling.Tests.Strategies;

public sealed class DiversityStrategiesTests
{
    [Fact]
    public void K_centre_takes_the_row_farthest_from_all_answered_and_chosen_rows()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var pool = Pools.Draw(50, 4, 2, seed);
            var centres = Enumerable.Range(0, pool.Count).Where(i => pool.Answers.Span[i] >= 0).ToList();
            var open = Pools.Open(pool);
            foreach (var row in new KCentreStrategy().Select(pool, 8, default))
            {
                double Nearest(int i) => centres.Min(c => Pools.Distance(pool, i, c));
                Assert.Equal(open.Max(Nearest), Nearest(row), 1e-4);
                centres.Add(row);
                open.Remove(row);
            }
        }
    }

    [Fact]
    public void Uncertain_diverse_with_factor_one_is_uncertainty_and_else_spreads_over_the_candidates()
    {
        var pool = Pools.Draw(80, 4, 2, 3);
        var uncertain = new UncertaintyStrategy().Select(pool, 10, default);
        Assert.Equal(uncertain.ToHashSet(), new UncertainDiverseStrategy(1).Select(pool, 10, default).ToHashSet());
        var candidates = new UncertaintyStrategy().Select(pool, 30, default);
        var diverse = new UncertainDiverseStrategy(3).Select(pool, 10, default);
        Assert.Subset(candidates.ToHashSet(), diverse.ToHashSet());
        Assert.True(SmallestGap(diverse) >= SmallestGap(uncertain));

        double SmallestGap(IReadOnlyList<int> rows) => rows.SelectMany(a => rows.Where(b => b != a).Select(b => Pools.Distance(pool, a, b))).Min();
    }

    [Fact]
    public void Typiclust_covers_every_cluster_before_it_takes_a_second_row_of_one()
    {
        // Ten tight, far clusters of different size: ten picks are one of each, the most typical.
        var random = new Random(1);
        var rows = new List<float>();
        var cluster = new List<int>();
        for (var c = 0; c < 10; c++)
        {
            for (var i = 0; i < 6 + 3 * c; i++)
            {
                rows.AddRange([(float)(20 * c + 0.3 * Mixture.Normal(random)), (float)(20 * (c % 3) + 0.3 * Mixture.Normal(random))]);
                cluster.Add(c);
            }
        }
        var answers = Enumerable.Repeat(QueryPool.Open, cluster.Count).ToArray();
        var pool = new QueryPool(rows.ToArray(), 2, 2, default, answers, 1);
        var chosen = new TypiClustStrategy().Select(pool, 10, default);
        Assert.Equal(10, chosen.Select(i => cluster[i]).Distinct().Count());
        foreach (var row in chosen)
        {
            var members = Enumerable.Range(0, cluster.Count).Where(i => cluster[i] == cluster[row]).ToList();
            double Typicality(int i) => 1 / members.Where(m => m != i).Select(m => Pools.Distance(pool, i, m)).Order().Take(20).Average();
            Assert.Equal(members.Max(Typicality), Typicality(row), 1e-3);
        }
        // With three clusters answered, the next seven picks are in the others.
        foreach (var c in new[] { 0, 4, 9 }) answers[cluster.IndexOf(c)] = 1;
        var next = new TypiClustStrategy().Select(new QueryPool(rows.ToArray(), 2, 2, default, answers, 1), 7, default);
        Assert.Equal([1, 2, 3, 5, 6, 7, 8], next.Select(i => cluster[i]).Order());
    }

    [Fact]
    public void Probcover_takes_the_ball_with_the_most_uncovered_rows()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var pool = Pools.Draw(60, 3, 2, seed);
            const float Radius = 0.7f;
            var open = Pools.Open(pool);
            var answered = Enumerable.Range(0, pool.Count).Where(i => pool.Answers.Span[i] >= 0).ToList();
            var all = open.Concat(answered).ToList();
            var covered = all.Where(i => answered.Any(a => Pools.Distance(pool, i, a) <= Radius)).ToHashSet();
            foreach (var row in new ProbCoverStrategy(Radius).Select(pool, 6, default))
            {
                int Gain(int i) => all.Count(j => !covered.Contains(j) && Pools.Distance(pool, i, j) <= Radius);
                Assert.Equal(open.Max(Gain), Gain(row));
                covered.UnionWith(all.Where(j => Pools.Distance(pool, row, j) <= Radius));
                open.Remove(row);
            }
        }
    }

    [Fact]
    public void Probcover_chooses_a_radius_within_which_19_of_20_balls_are_pure()
    {
        // Two clusters of deviation 0.05, ten apart, k-means makes ten pieces: pure balls are smaller than the pieces, and the radius grows with the scale.
        var random = new Random(2);
        var rows = Enumerable.Range(0, 400).SelectMany(i => new[] { (float)(i % 2 * 10 + 0.05 * Mixture.Normal(random)), (float)(0.05 * Mixture.Normal(random)) }).ToArray();
        var radius = ProbCoverStrategy.PureRadius(rows, 2, 1, default);
        Assert.InRange(radius, 1e-6, 0.1);
        var doubled = ProbCoverStrategy.PureRadius([.. rows.Select(r => 2 * r)], 2, 1, default);
        Assert.Equal(2 * radius, doubled, 0.2 * radius);
    }

    [Fact]
    public void Cluster_quotas_are_in_proportion_to_size_and_add_up()
    {
        Assert.Equal([5, 3, 2], ClusterQuotaStrategy.Quotas([50, 30, 20], 10));
        Assert.Equal([2, 1, 1], ClusterQuotaStrategy.Quotas([7, 5, 5], 4));
        Assert.Equal(13, ClusterQuotaStrategy.Quotas([1, 17, 90, 3], 13).Sum());
    }

    [Fact]
    public void Cluster_quota_asks_about_every_cluster_where_uncertainty_asks_about_one()
    {
        var random = new Random(5);
        var rows = new List<float>();
        var probabilities = new List<float>();
        for (var i = 0; i < 90; i++)
        {
            rows.AddRange([(float)(i / 30 * 10 + 0.1 * Mixture.Normal(random)), (float)(0.1 * Mixture.Normal(random))]);
            var p = i < 30 ? 0.5f : 0.9f;
            probabilities.AddRange([p, 1 - p]);
        }
        var pool = new QueryPool(rows.ToArray(), 2, 2, probabilities.ToArray(), Enumerable.Repeat(QueryPool.Open, 90).ToArray(), 1);
        Assert.Equal([10, 10, 10], new ClusterQuotaStrategy(3).Select(pool, 30, default).CountBy(i => i / 30).OrderBy(g => g.Key).Select(g => g.Value));
        Assert.All(new UncertaintyStrategy().Select(pool, 30, default), i => Assert.True(i < 30));
    }

    [Fact]
    public void Badge_distances_are_those_of_the_gradients_written_out()
    {
        // Two rows: the first pick has the longest gradient (p − onehot) ⊗ x, the second is the only other one; with three, the nearest duplicate is never drawn.
        float[] rows = [1, 0, 1, 0, 0, 3];
        float[] probabilities = [0.6f, 0.4f, 0.6f, 0.4f, 0.55f, 0.45f];
        var pool = new QueryPool(rows, 2, 2, probabilities, new[] { -1, -1, -1 }, 7);
        var chosen = new BadgeStrategy().Select(pool, 2, default);
        Assert.Equal(2, chosen[0]);
        for (var seed = 0; seed < 20; seed++)
        {
            var three = new BadgeStrategy().Select(new QueryPool(rows, 2, 2, probabilities, new[] { -1, -1, -1 }, seed), 3, default);
            Assert.Equal([0, 1, 2], three.Order());
        }
    }

    [Fact]
    public void Iterative_proximity_follows_its_formula_step_by_step()
    {
        var pool = Pools.Draw(60, 3, 2, 4, 0);
        var open = Pools.Open(pool);
        var u = open.Select(i => 0.5 - Math.Abs(pool.Positive(i) - 0.5)).ToArray();
        var sd = Math.Sqrt(u.Average(v => (v - u.Average()) * (v - u.Average())));
        var left = Enumerable.Range(0, open.Count).ToList();
        var literal = new List<int>();
        for (var step = 0; step < 3; step++)
        {
            var mean = Enumerable.Range(0, 3).Select(c => literal.Count == 0 ? 0 : literal.Average(r => (double)pool.Row(r)[c])).ToArray();
            double Far(int i) => literal.Count == 0 ? 0 : Math.Sqrt(Enumerable.Range(0, 3).Sum(c => Math.Pow(pool.Row(open[i])[c] - mean[c], 2)));
            double low = left.Min(Far), high = left.Max(Far);
            var take = left.OrderByDescending(i => (u[i] - u.Average()) / sd + (high > low ? ((Far(i) - low) / (high - low) * 2 - 1) * 0.3 : 0)).ThenBy(i => i).Take(10).ToList();
            literal.AddRange(take.Select(i => open[i]));
            left.RemoveAll(take.Contains);
        }
        var chosen = new IterativeProximityStrategy().Select(pool, 30, default);
        for (var step = 0; step < 3; step++)
            Assert.Equal(literal.Skip(step * 10).Take(10).ToHashSet(), chosen.Skip(step * 10).Take(10).ToHashSet());
    }

    [Fact]
    public void Systematic_draws_have_their_probabilities_and_never_repeat()
    {
        double[] weights = [1, 2, 3, 4, 10];
        var counts = new double[5];
        for (var seed = 0; seed < 10_000; seed++)
        {
            var drawn = Sampling.Systematic([0, 1, 2, 3, 4], weights, 2, new Random(Sampling.Seed(seed, 0, 0)));
            Assert.Equal(drawn.Count, drawn.Distinct().Count());
            foreach (var i in drawn) counts[i]++;
        }
        for (var i = 0; i < 5; i++) Assert.Equal(2 * weights[i] / 20, counts[i] / 10_000, 0.02);
    }

    [Fact]
    public void Cover_looks_once_into_every_part_and_then_stops()
    {
        var random = new Random(1);
        int[] sizes = [40, 30, 20, 10];
        var rows = sizes.SelectMany((size, c) => Enumerable.Range(0, size * 2).Select(i => (float)((i % 2 == 0 ? 10 * c : 10 * (c % 2)) + 0.1 * Mixture.Normal(random)))).ToArray();
        var answers = Enumerable.Repeat(QueryPool.Open, 100).ToArray();
        var cover = CoverStrategy.Over(rows, 2, 4, 1, default);
        int PartOf(int row) => row < 40 ? 0 : row < 70 ? 1 : row < 90 ? 2 : 3;
        QueryPool Pool() => new(rows, 2, 2, default, answers.ToArray(), 1);
        // The middle of all first, although it is not the largest.
        Assert.Equal([1, 0, 2], cover.Select(Pool(), 3, default).Select(PartOf));
        answers[5] = 1;
        answers[75] = QueryPool.Closed;
        Assert.Equal([1, 3], cover.Select(Pool(), 10, default).Select(PartOf).Order());
        answers[50] = answers[95] = 0;
        Assert.Empty(cover.Select(Pool(), 10, default));
    }

    [Fact]
    public void Every_look_leaves_the_archive_nearest_to_what_was_seen()
    {
        const int Parts = 12;
        var rows = Mixture.Draw(400, 5, 9, 2, 0.3, 0.4, 3).Rows;
        var pool = new QueryPool(rows, 5, 2, default, Enumerable.Range(0, 400).Select(i => i % 200 == 7 ? 1 : QueryPool.Open).ToArray(), 1);
        var cover = CoverStrategy.Over(pool.Rows, 5, Parts, 4, default);
        var parts = KMeans.Run(pool.Rows, 5, new KMeansOptions { Clusters = Parts, Seed = 4, Iterations = 10, SamplesPerCluster = 64 }, default);
        double Square(ReadOnlySpan<float> row, int part)
        {
            double sum = 0;
            for (var j = 0; j < 5; j++) sum += Math.Pow((double)row[j] - parts.Centroids[part * 5 + j], 2);
            return sum;
        }
        // The literal rule: the whole sum for every part that may be looked into, and the smallest sum.
        var seen = Enumerable.Range(0, 400).Where(i => pool.Answers.Span[i] != QueryPool.Open).ToList();
        var left = Enumerable.Range(0, Parts).Select(c => seen.Min(i => Square(pool.Row(i), c))).ToArray();
        var expected = new List<int>();
        while (expected.Count < 5)
        {
            var open = Enumerable.Range(0, Parts).Where(c => parts.Sizes[c] >= 0.2 * 400 / Parts && !expected.Contains(c) && !seen.Any(i => parts.Assignments[i] == c)).ToList();
            if (open.Count == 0) break;
            var best = open.MinBy(j => Enumerable.Range(0, Parts).Sum(c => parts.Sizes[c] * Math.Min(left[c], Square(parts.Centroids.AsSpan(j * 5, 5), c))));
            expected.Add(best);
            for (var c = 0; c < Parts; c++) left[c] = Math.Min(left[c], Square(parts.Centroids.AsSpan(best * 5, 5), c));
        }
        Assert.NotEmpty(expected);
        Assert.Equal(expected, cover.Select(pool, 5, default).Select(row => parts.Assignments[row]));
    }

    [Fact]
    public void The_schedule_gives_every_part_its_share_and_fills_up_what_one_cannot_give()
    {
        var pool = Pools.Draw(200, 4, 2, 9, 0.3);
        var cover = CoverStrategy.Over(pool.Rows, 4, 30, 1, default);
        var picks = new Schedule(cover, 0.1, 0.1, 0.2).Next(pool, 40, 0.5, default);
        Assert.Equal(40, picks.Select(p => p.Row).Distinct().Count());
        int Count(string reason) => picks.Count(p => p.Reason == reason);
        Assert.Equal((8, 4), (Count("likely"), Count("random")));
        Assert.InRange(Count("cover"), 0, 4);
        Assert.Equal(28, Count("uncertain") + Count("cover"));
        Assert.Equal(Pools.Open(pool).Count, new Schedule(cover).Next(pool, 10_000, 0.5, default).Count);
        pool = Pools.Draw(200, 4, 2, 9, 0);
        Assert.DoesNotContain(new Schedule(cover).Next(pool, 40, 0.1, default), p => p.Reason == "likely");
        var likeness = Enumerable.Range(0, 200).Select(i => (float)-i).ToArray();
        var first = new Schedule(cover).First(pool, likeness, 20, default);
        Assert.Equal(Pools.Open(pool).Take(4), first.Where(p => p.Reason == "similar").Select(p => p.Row));
        Assert.Equal(20, first.Select(p => p.Row).Distinct().Count());
        Assert.Contains(first, p => p.Reason == "cover");
    }
}
