using Curator.Core;
using Curator.Labeling.Heads;

namespace Curator.Labeling.Tests.Heads;

public sealed class TrainedHeadTests
{
    [Fact]
    public void Scaled_rows_have_mean_zero_and_mean_squared_length_one()
    {
        var data = Mixture.Draw(500, 12, 5, 2, 0.4, 0.5, 2);
        var scaler = RowScaler.Fit(data.Rows, 12);
        var scaled = new float[data.Rows.Length];
        scaler.Apply(data.Rows, scaled);
        for (var c = 0; c < 12; c++) Assert.Equal(0, Enumerable.Range(0, 500).Average(i => scaled[i * 12 + c]), 1e-4);
        Assert.Equal(1, scaled.Sum(v => (double)v * v) / 500, 1e-3);
    }

    [Fact]
    public void Scaling_ignores_the_length_of_rows_and_takes_identical_and_zero_rows()
    {
        var scaler = RowScaler.Fit([3, 4, 0, 0, 6, 8], 2);
        var scaled = new float[4];
        scaler.Apply([3, 4, 30, 40], scaled);
        Assert.Equal(scaled[..2], scaled[2..]);
        Assert.All(scaled, v => Assert.True(float.IsFinite(v)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_head_reads_back_from_text_with_the_same_bits(int classes)
    {
        var data = Mixture.Draw(90, 6, 6, 2, 0.4, 0.4, 2);
        var labels = data.Labels.Select((l, i) => classes == 3 && i % 5 == 0 ? 2 : l).ToArray();
        var head = TrainedHead.Train(data.Rows, labels, classes, RowScaler.Fit(data.Rows, 6), new HeadOptions(), default);
        var back = TrainedHead.FromJson(head.ToJson());
        var (one, two) = (new float[90 * classes], new float[90 * classes]);
        head.Probabilities(data.Rows, one);
        back.Probabilities(data.Rows, two);
        Assert.Equal(one, two);
        Assert.Equal(head.Fingerprint(), back.Fingerprint());
        for (var i = 0; i < 90; i++) Assert.Equal(1, one.AsSpan(i * classes, classes).ToArray().Sum(), 1e-5);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"Version\":1,\"Classes\":2,\"Dimension\":3,\"Kernels\":0,\"Gamma\":1,\"Seed\":1,\"Weights\":[1],\"Biases\":[0],\"Regularisation\":1,\"Mean\":[0,0,0],\"Factor\":1,\"Slope\":1,\"Offset\":0}")]
    public void Damaged_text_is_refused(string text) => Assert.Throws<ArtefactException>(() => TrainedHead.FromJson(text));

    [Fact]
    public void Cross_validation_regularises_noise_more_than_signal()
    {
        var signal = Mixture.Draw(300, 20, 4, 2, 0.5, 0.3, 2);
        var random = new Random(1);
        var noise = signal.Labels.Select(_ => random.Next(2)).ToArray();
        var scaler = RowScaler.Fit(signal.Rows, 20);
        var clear = TrainedHead.Train(signal.Rows, signal.Labels, 2, scaler, new HeadOptions(), default);
        var unclear = TrainedHead.Train(signal.Rows, noise, 2, scaler, new HeadOptions(), default);
        Assert.True(clear.Head.Regularisation < unclear.Head.Regularisation);
        Assert.True(clear.CrossValidationLoss < 0.1);
        Assert.True(unclear.CrossValidationLoss > 0.6);
    }

    [Fact]
    public void Every_label_is_left_out_once_and_folds_hold_their_share_of_each_class()
    {
        int[] labels = [.. Enumerable.Repeat(0, 11), .. Enumerable.Repeat(1, 44)];
        var folds = CrossValidation.Folds(labels, 2, 5, 1);
        Assert.Equal(Enumerable.Range(0, 55), folds.SelectMany(f => f).Order());
        Assert.All(folds, f => Assert.InRange(f.Count(i => labels[i] == 0), 2, 3));
        Assert.All(folds, f => Assert.Equal(11, f.Length));
        Assert.Empty(CrossValidation.Folds([0, 1, 1], 2, 5, 1));
        Assert.Equal(2, CrossValidation.Folds([0, 0, 1, 1, 1], 2, 5, 1).Length);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Nothing_is_chosen_by_left_out_labels_while_one_of_two_classes_has_fewer_than_five(int positives)
    {
        const int d = 8, negatives = 20;
        var random = new Random(3);
        int[] labels = [.. Enumerable.Repeat(0, positives), .. Enumerable.Repeat(1, negatives)];
        float[] rows = [.. labels.SelectMany(l => Enumerable.Range(0, d).Select(i => (float)random.NextDouble() + (l == 0 && i == 0 ? 1.5f : 0)))];
        var options = new HeadOptions();
        var head = TrainedHead.Train(rows, labels, 2, RowScaler.Fit(rows, d), options, default);
        Assert.Equal(positives < options.FewestOfTwo, head.HeldOutLogits.Length == 0);
        Assert.Equal(positives < options.FewestOfTwo, head.Calibration == Calibration.None);
        if (positives < options.FewestOfTwo) Assert.Equal(options.FewLabelsRegularisation, head.Head.Regularisation);
    }

    [Fact]
    public void Held_out_scores_come_from_heads_that_had_not_seen_the_label()
    {
        // Random labels: a head that had seen them would order them; one that had not cannot.
        var random = new Random(3);
        var rows = Enumerable.Range(0, 100 * 200).Select(_ => (float)Mixture.Normal(random)).ToArray();
        var labels = Enumerable.Range(0, 100).Select(i => i % 2).ToArray();
        var head = TrainedHead.Train(rows, labels, 2, RowScaler.Fit(rows, 200), new HeadOptions { Regularisations = [1e-4] }, default);
        var seen = new float[100];
        head.Logits(rows, seen);
        bool[] truth = [.. labels.Select(l => l == 0)];
        Assert.Equal(1, Labeling.Metrics.Ranking.AreaUnderCurve(seen, truth), 0.01);
        Assert.InRange(Labeling.Metrics.Ranking.AreaUnderCurve(head.HeldOutLogits, truth), 0.25, 0.75);
    }

    [Fact]
    public void A_background_is_scored_by_heads_that_were_not_trained_on_it()
    {
        // Noise of many dimensions: a head trained on a row knows it by heart, one that was not knows nothing of it.
        var random = new Random(5);
        const int labels = 60, background = 40, d = 300;
        var rows = Enumerable.Range(0, (labels + background) * d).Select(_ => (float)Mixture.Normal(random) / MathF.Sqrt(d)).ToArray();
        var classes = Enumerable.Range(0, labels + background).Select(i => i < labels ? i % 2 : 1).ToArray();
        var weights = Enumerable.Repeat(1.0, classes.Length).ToArray();
        var options = new HeadOptions { Regularisations = [1e-4] };
        var result = CrossValidation.Run(rows, d, classes, labels, weights, 2, options, default);
        Assert.Equal((labels, background), (result.Logits.Length, result.Background.Length));
        var all = LogisticHead.Fit(rows, d, classes, 2, new LogisticOptions { Regularisation = 1e-4 }, null, default);
        var seen = new float[classes.Length];
        all.Logits(rows, seen);
        // Of rows that a head was not trained on the prior, 30 of 100 yes, is all it can tell; those it was trained on it calls no without doubt.
        Assert.True(seen[labels..].Max() < -2);
        Assert.InRange(result.Background.Count(z => z > -2), background / 4, background);
        Assert.All(result.Held, held => Assert.True(held));
    }
}
