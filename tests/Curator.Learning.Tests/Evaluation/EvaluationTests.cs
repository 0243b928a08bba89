using Curator.Core;
using Curator.Core.Images;
using Curator.Learning.Encoders;
using Curator.Learning.Evaluation;
using Curator.Learning.Tests.Support;

namespace Curator.Learning.Tests.Evaluation;

[Collection(TorchTests.Name)]
public sealed class EvaluationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_nearest_neighbours_vote_and_a_tie_goes_to_the_nearer_class()
    {
        // On the circle, by angle: class 0 at 0 and 10 degrees, class 1 at 90 and 100; asked about 5 (right), 40 with two neighbours (a tie, nearer to 0).
        double[] angles = [0, 10, 90, 100, 5, 40];
        float[] rows = [.. angles.SelectMany(angle => new[] { (float)Math.Cos(angle * Math.PI / 180), (float)Math.Sin(angle * Math.PI / 180) })];
        bool[] asked = [false, false, false, false, true, true];

        var three = NearestVotes.Of(rows, 2, [0, 0, 1, 1, 0, 1], asked, 2, 3, 1, Cancel);

        Assert.Equal(0.5, three.Accuracy);
        Assert.Equal([1, 0], three.ByClass);
    }

    [Fact]
    public void Votes_equal_the_exhaustive_count_on_random_rows()
    {
        var random = new Random(3);
        const int count = 200, dimension = 7, classes = 4, k = 5;
        var rows = new float[count * dimension];
        for (var i = 0; i < rows.Length; i++) rows[i] = (float)random.NextDouble() - 0.5f;
        for (var i = 0; i < count; i++) UnitLength.Normalise(rows.AsSpan(i * dimension, dimension));
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.Next(classes))];
        bool[] asked = [.. Enumerable.Range(0, count).Select(i => i % 5 == 0)];

        var votes = NearestVotes.Of(rows, dimension, labels, asked, classes, k, 2, Cancel);

        var right = 0;
        for (var q = 0; q < count; q += 5)
        {
            double Score(int i) => Enumerable.Range(0, dimension).Sum(d => (double)rows[(q * dimension) + d] * rows[(i * dimension) + d]);
            var near = Enumerable.Range(0, count).Where(i => !asked[i]).OrderByDescending(Score).Take(k).Select(i => labels[i]).ToList();
            var most = near.GroupBy(c => c).Max(group => group.Count());
            if (near.First(c => near.Count(other => other == c) == most) == labels[q]) right++;
        }
        Assert.Equal(right / 40.0, votes.Accuracy, 1e-12);
    }

    [Fact]
    public void Precision_at_rank_leaves_out_the_same_place_and_tells_who_is_taken_for_whom()
    {
        // On the circle, by angle. 1 and 2 lie at the place of 0 and nearest to it; 3 is of its class, 4 is not.
        double[] angles = [0, 1, 2, 20, 30, 80];
        float[] rows = [.. angles.SelectMany(angle => new[] { (float)Math.Cos(angle * Math.PI / 180), (float)Math.Sin(angle * Math.PI / 180) })];
        BoundingBox here = new(0, 0, 1, 1), beside = new(0, 1, 1, 2);
        BoundingBox?[] places = [here, new(0.5, 0.5, 1.5, 1.5), here, beside, null, null];

        var found = RankPrecision.Of(rows, 2, [0, 1, 1, 0, 1, 1], places, 2, 100, 10, 2, Cancel);

        Assert.Equal([1, 2, 3, 4, 5], found.Ranks);
        var alone = RankPrecision.Of(rows, 2, [0, 1, 1, 0, 1, 1], places, 2, 1, 10, 2, Cancel);
        Assert.Equal(1, alone.Asked);
        // Asked about is the middle one, 3: nearest are 30, 2 and 0, whose places only touch its own, then 80; the fifth rank has nobody.
        Assert.Equal([0, 0, 1 / 3.0, 0.25, double.NaN], alone.Precision);
        Assert.Equal(1, alone.SamePlace);
        // 0, 1 and 2 share a place, and the box of 1 reaches into that of 3: eight pairs, from either side.
        Assert.Equal(8, found.SamePlace);
        Assert.Equal([1, 0], [found.Confusion[0][0], found.Confusion[1][1] - 2]);
        Assert.Equal(6, found.Confusion.Sum(row => row.Sum()));
    }

    [Fact]
    public void Precision_at_rank_equals_the_exhaustive_count_on_random_rows()
    {
        var random = new Random(5);
        const int count = 90, dimension = 6, classes = 3, ranks = 12;
        var rows = new float[count * dimension];
        for (var i = 0; i < rows.Length; i++) rows[i] = (float)random.NextDouble() - 0.5f;
        for (var i = 0; i < count; i++) UnitLength.Normalise(rows.AsSpan(i * dimension, dimension));
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.Next(classes))];

        var found = RankPrecision.Of(rows, dimension, labels, new BoundingBox?[count], classes, count, ranks, 2, Cancel);

        double Score(int q, int i) => Enumerable.Range(0, dimension).Sum(d => (double)rows[(q * dimension) + d] * rows[(i * dimension) + d]);
        var near = Enumerable.Range(0, count).Select(q => Enumerable.Range(0, count).Where(i => i != q).OrderByDescending(i => Score(q, i)).Take(ranks).Select(i => labels[i]).ToArray()).ToArray();
        for (var r = 1; r <= ranks; r++)
        {
            Assert.Equal(near.Select((list, q) => list.Take(r).Count(c => c == labels[q]) / (double)r).Average(), found.Precision[r - 1], 1e-9);
            for (var c = 0; c < classes; c++)
                Assert.Equal(near.Index().Where(pair => labels[pair.Index] == c).Select(pair => pair.Item.Take(r).Count(other => other == c) / (double)r).Average(), found.ByClass[c][r - 1], 1e-9);
        }

        for (var c = 0; c < classes; c++)
            for (var other = 0; other < classes; other++)
                Assert.Equal(Enumerable.Range(0, count).Count(q => labels[q] == c && near[q][0] == other), found.Confusion[c][other]);
    }

    [Fact]
    public void Spread_has_its_closed_forms()
    {
        float[] axes = [1, 0, 0, 1], same = [1, 0, 1, 0];

        Assert.Equal(0, Spread.Alignment(axes, axes, 2));
        Assert.Equal(1, Spread.Alignment(axes, same, 2)); // one pair alike, one at a right angle
        Assert.Equal(-4, Spread.Uniformity(axes, 2), 1e-6); // squared distance 2
        Assert.Equal(0, Spread.Uniformity(same, 2), 1e-6);
        Assert.Equal(1, Spread.EffectiveRank([5, 0, 0]), 1e-9);
        Assert.Equal(3, Spread.EffectiveRank([2, 2, 2]), 1e-9);
    }

    [Fact]
    public async Task An_encoder_is_judged_by_labels_beside_the_training_free_one_and_without_labels_by_its_spread()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, 60, 64, Cancel);
        var row = await new EncoderStore(workspace).EnsureStatisticsAsync(Cancel);
        var labels = Enumerable.Range(0, 60).ToDictionary(i => new ImageId(1, i), i => i % 2);

        var without = await EncoderEvaluation.RunAsync(workspace, row.Id, null, null, new EvaluateOptions { Threads = 1 }, null, Cancel);
        var with = await EncoderEvaluation.RunAsync(workspace, row.Id, labels, ["a", "b"], new EvaluateOptions { Threads = 2, TestShare = 0.3 }, null, Cancel);

        Assert.Null(without.Votes);
        Assert.InRange(without.Alignment!.Value, 0, 1);
        Assert.InRange(without.EffectiveRank!.Value, 1, 60);
        Assert.Null(with.PassesBar);
        Assert.InRange(with.Asked, 5, 35);
        Assert.InRange(with.Votes!.Accuracy, 0, 1);
        Assert.Null(without.AtRank);
        Assert.Equal(60, with.AtRank!.Asked);
        Assert.Equal(50, with.AtRank.Precision.Count);
        Assert.Equal(60, with.AtRank.Confusion.Sum(row => row.Sum()));
        Assert.True(File.Exists(Path.Combine(workspace.EncoderDirectory(row.Id), EvaluationReport.FileName)));
    }
}
