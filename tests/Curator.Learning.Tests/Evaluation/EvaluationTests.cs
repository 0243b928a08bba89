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
        Assert.True(File.Exists(Path.Combine(workspace.EncoderDirectory(row.Id), EvaluationReport.FileName)));
    }
}
