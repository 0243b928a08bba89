using Curator.Labeling.Predictions;

namespace Curator.Labeling.Tests.Predictions;

public sealed class ScorerTests
{
    [Fact]
    public void A_certain_distribution_scores_0_and_an_even_one_scores_1()
    {
        for (var classes = 2; classes <= 7; classes++)
        {
            var certain = new float[classes];
            certain[classes / 2] = 1;
            var even = Enumerable.Repeat(1f / classes, classes).ToArray();
            Assert.Equal([0, 0, 0], Scores(certain));
            Assert.All(Scores(even), s => Assert.Equal(1, s, 6));
        }
    }

    [Fact]
    public void Classification_scores_are_those_of_the_formulas_between_their_ends()
    {
        var random = new Random(3);
        for (var run = 0; run < 200; run++)
        {
            var classes = random.Next(2, 9);
            var weights = Enumerable.Range(0, classes).Select(_ => random.NextDouble() + (run % 3 == 0 ? 0 : 0.01)).ToArray();
            var p = weights.Select(w => (float)(w / weights.Sum())).ToArray();
            // The definition: the plain measure, and its values at certainty and at evenness as the ends of 0 to 1.
            double[] plain = [1 - p.Max(), 1 - (p.OrderDescending().First() - p.OrderDescending().Skip(1).First()), -p.Where(x => x > 0).Sum(x => x * Math.Log2(x))];
            double[] most = [1 - 1.0 / classes, 1, Math.Log2(classes)];
            var scores = Scores(p);
            for (var s = 0; s < 3; s++) Assert.Equal(plain[s] / most[s], scores[s], 1e-6);
        }
    }

    [Fact]
    public void Detections_are_brought_together_by_maximum_mean_and_sum_over_boxes()
    {
        Detection[] boxes = [new(0, 0.5f, [0.5f, 0.41f, 0.09f]), new(1, 0.9f, [0.05f, 0.9f, 0.05f]), new(1, 0.6f)];
        float[][] distributions = [[0.5f, 0.41f, 0.09f], [0.05f, 0.9f, 0.05f], [0.2f, 0.6f, 0.2f]];
        var scores = DetectionScorer.Score([boxes, []], 3);
        var single = distributions.Select(Scores).ToArray();
        for (var s = 0; s < 3; s++)
        {
            Assert.Equal(single.Max(x => x[s]), scores[3 * s], 5);
            Assert.Equal(single.Average(x => x[s]), scores[3 * s + 1], 5);
            Assert.Equal(single.Sum(x => x[s]), scores[3 * s + 2], 5);
        }
        Assert.Equal(1 - (0.5f + 0.9f + 0.6f) / 3, scores[9], 5);
        Assert.Equal(DetectionScorer.Names.Count, scores.Length / 2);
        Assert.All(scores.Skip(11).Take(10), s => Assert.Equal(0, s));
    }

    [Fact]
    public void Class_balance_counts_further_objects_of_a_class_a_quarter_and_lies_between_its_ends()
    {
        Detection[] Of(params int[] labels) => [.. labels.Select(l => new Detection(l, 0.8f))];
        // 0 boxes: 0; three of one class: 1.5; three classes: 3.
        Assert.Equal([0, 1.5f, 3], new[] { Of(), Of(0, 0, 0), Of(0, 1, 2) }.Select(DetectionScorer.Balance));
        var scores = DetectionScorer.Score([Of(), Of(0, 0, 0), Of(0, 1, 2)], 3);
        float[] balance = [scores[10], scores[21], scores[32]];
        Assert.Equal([0.9f, 0.95f, 1], balance.Select(b => MathF.Round(b, 5)));
        // All alike: numpy's interpolation between equal ends, which the original uses, gives the upper one.
        Assert.Equal(1, DetectionScorer.Score([Of(1), Of(2)], 3)[10]);
    }

    [Fact]
    public void A_confidence_alone_is_spread_over_the_other_classes()
    {
        Assert.Equal([0.1f, 0.8f, 0.1f], DetectionScorer.Spread(1, 0.8f, 3).Select(p => MathF.Round(p, 6)));
        Assert.Equal([0.8f, 0.2f], DetectionScorer.Spread(0, 0.8f, 1).Select(p => MathF.Round(p, 6)));
    }

    private static float[] Scores(float[] p)
    {
        var scores = new float[3];
        ClassificationScorer.Score(p, scores);
        return scores;
    }
}
