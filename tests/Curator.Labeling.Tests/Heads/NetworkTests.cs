using Curator.Labeling.Heads;

namespace Curator.Labeling.Tests.Heads;

public sealed class NetworkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Gradients_are_those_of_finite_differences(int outputs)
    {
        const int D = 4, Hidden = 3;
        var data = Mixture.Draw(9, D, 4, 2, 0.5, 0.5, 2);
        var labels = data.Labels.Select((l, i) => outputs == 3 && i % 3 == 0 ? 2 : l).ToArray();
        var loss = new NetworkLoss(data.Rows, D, labels, Hidden, outputs, [.. Enumerable.Range(1, 9).Select(i => (double)i)], 0.05);
        var random = new Random(1);
        var x = Enumerable.Range(0, NetworkLoss.ParameterCount(D, Hidden, outputs)).Select(_ => Mixture.Normal(random)).ToArray();
        double[] gradient = new double[x.Length], scratch = new double[x.Length];
        loss.Evaluate(x, gradient);
        for (var i = 0; i < x.Length; i++)
        {
            const double Step = 1e-3;
            double At(double value)
            {
                var moved = x.ToArray();
                moved[i] = value;
                return loss.Evaluate(moved, scratch);
            }
            Assert.Equal((At(x[i] + Step) - At(x[i] - Step)) / (2 * Step), gradient[i], 2e-3);
        }
    }

    [Fact]
    public void A_small_network_learns_what_no_straight_boundary_can_and_reads_back_with_the_same_bits()
    {
        // Opposite corners of a square belong together, in six dimensions of noise.
        var random = new Random(3);
        var labels = new int[240];
        var rows = new float[240 * 6];
        for (var i = 0; i < 240; i++)
        {
            int a = random.Next(2), b = random.Next(2);
            labels[i] = a ^ b;
            for (var c = 0; c < 6; c++) rows[i * 6 + c] = (float)((c == 0 ? 2 * a - 1 : c == 1 ? 2 * b - 1 : 0) + 0.25 * Mixture.Normal(random));
        }
        var scaler = RowScaler.Fit(rows, 6);
        double Accuracy(HeadOptions options)
        {
            var head = TrainedHead.Train(rows.AsSpan(0, 160 * 6), labels.AsSpan(0, 160), 2, scaler, options, default);
            var p = new float[80];
            head.PositiveProbabilities(rows.AsSpan(160 * 6), p);
            var back = TrainedHead.FromJson(head.ToJson());
            var again = new float[80];
            back.PositiveProbabilities(rows.AsSpan(160 * 6), again);
            Assert.Equal(p, again);
            return Enumerable.Range(0, 80).Average(i => (p[i] >= 0.5) == (labels[160 + i] == 0) ? 1.0 : 0);
        }
        Assert.True(Accuracy(new HeadOptions { HiddenUnits = 16 }) > 0.93);
        Assert.True(Accuracy(new HeadOptions { KernelCount = 0 }) < 0.75);
    }

    [Fact]
    public void A_class_with_one_label_is_learned_without_being_left_out()
    {
        var data = Mixture.Many(120, 6, 3, 0.2, 2);
        var labels = data.Labels.Select(l => l == 2 ? 1 : l).ToArray();
        labels[Array.IndexOf(data.Labels, 2)] = 2;
        var head = TrainedHead.Train(data.Rows, labels, 3, RowScaler.Fit(data.Rows, 6), new HeadOptions(), default);
        Assert.False(double.IsNaN(head.CrossValidationLoss));
        Assert.DoesNotContain(CrossValidation.Folds(labels, 3, 5, 1), fold => fold.Any(i => labels[i] == 2));
        var p = new float[120 * 3];
        head.Probabilities(data.Rows, p);
        Assert.All(p, v => Assert.InRange(v, 0, 1));
    }

    [Fact]
    public void Class_balance_moves_the_boundary_towards_the_common_class()
    {
        var data = Mixture.Draw(400, 6, 4, 1, 0.05, 0.9, 2);
        var scaler = RowScaler.Fit(data.Rows, 6);
        double Mean(double balance)
        {
            var head = TrainedHead.Train(data.Rows, data.Labels, 2, scaler, new HeadOptions { ClassBalance = balance }, default);
            var logits = new float[400];
            head.Logits(data.Rows, logits);
            return logits.Average();
        }
        Assert.True(Mean(1) > Mean(0));
    }

    [Fact]
    public void A_background_counts_as_the_last_class_where_no_label_is()
    {
        // Labels from one corner only; the background tells that the far corner is not positive.
        float[] rows = [1, 0.1f, 1, 0.2f, 0.9f, 0.4f, 0.9f, 0.5f];
        int[] labels = [0, 0, 1, 1];
        float[] background = [-1, 0.1f, -1, -0.2f, -0.9f, 0.3f];
        var scaler = RowScaler.Fit([.. rows, .. background], 2);
        var options = new HeadOptions { FewestOfTwo = 2 };
        var plain = TrainedHead.Train(rows, labels, 2, scaler, options, default);
        var with = TrainedHead.Train(rows, labels, background, 0.5, 2, scaler, options, default);
        Assert.Equal(4, with.HeldOutLogits.Length);
        float[] one = new float[3], two = new float[3];
        plain.Logits(background, one);
        with.Logits(background, two);
        Assert.True(two.Average() < one.Average());
    }
}
