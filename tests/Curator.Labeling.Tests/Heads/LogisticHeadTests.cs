using Curator.Labeling.Heads;

namespace Curator.Labeling.Tests.Heads;

public sealed class LogisticHeadTests
{
    [Theory]
    [InlineData(2, 40, 3, 0.1, 0)]
    [InlineData(2, 60, 5, 0.01, 0)]
    [InlineData(2, 60, 5, 0.1, 1)]
    [InlineData(2, 50, 17, 0.03, 0.5)]
    [InlineData(3, 60, 4, 0.1, 0)]
    [InlineData(4, 80, 3, 0.03, 1)]
    public void Weights_equal_those_of_plain_gradient_descent(int classes, int count, int dimension, double regularisation, double balance)
    {
        var random = new Random(count + dimension);
        var rows = new float[count * dimension];
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            labels[i] = i < classes ? i : random.Next(classes);
            for (var c = 0; c < dimension; c++) rows[i * dimension + c] = (float)(0.5 * Mixture.Normal(random) + (c == labels[i] ? 0.8 : 0));
        }
        var options = new LogisticOptions { Regularisation = regularisation, ClassBalance = balance, Tolerance = 1e-7, MaximumSteps = 500 };
        var head = LogisticHead.Fit(rows, dimension, labels, classes, options, null, default);
        var (weights, biases) = Literal(rows, dimension, labels, classes, regularisation, balance);
        for (var i = 0; i < weights.Length; i++) Assert.Equal(weights[i], head.Weights[i], 2e-3);
        // Softmax biases are free up to a common shift; compare differences.
        for (var k = 0; k < biases.Length; k++) Assert.Equal(biases[k] - (classes == 2 ? 0 : biases[0]), head.Biases[k] - (classes == 2 ? 0 : head.Biases[0]), 5e-3);
    }

    [Fact]
    public void Same_inputs_give_the_same_bits_and_the_start_does_not_matter()
    {
        var data = Mixture.Draw(200, 8, 6, 2, 0.3, 0.5, 1);
        var options = new LogisticOptions { Regularisation = 1e-2, Tolerance = 1e-7, MaximumSteps = 500 };
        var first = LogisticHead.Fit(data.Rows, 8, data.Labels, 2, options, null, default);
        var again = LogisticHead.Fit(data.Rows, 8, data.Labels, 2, options, null, default);
        Assert.Equal(first.Weights, again.Weights);
        Assert.Equal(first.Biases, again.Biases);
        var far = LogisticHead.Fit(data.Rows, 8, data.Labels, 2, options with { Regularisation = 1e-4 }, null, default);
        var warm = LogisticHead.Fit(data.Rows, 8, data.Labels, 2, options, far, default);
        for (var i = 0; i < first.Weights.Length; i++) Assert.Equal(first.Weights[i], warm.Weights[i], 1e-3);
    }

    [Fact]
    public void One_class_alone_gives_finite_weights()
    {
        float[] rows = [1, 2, 3, 4];
        int[] labels = [0, 0];
        var head = LogisticHead.Fit(rows, 2, labels, 2, new LogisticOptions(), null, default);
        Assert.All(head.Weights, w => Assert.True(float.IsFinite(w)));
        Assert.True(float.IsFinite(head.Biases[0]));
    }

    [Fact]
    public void Full_class_balance_gives_every_class_the_same_total_weight()
    {
        var weights = LogisticHead.SampleWeights([0, 1, 1, 1, 1], 2, 1);
        Assert.Equal(weights[0], weights[1..].Sum(), 12);
        Assert.Equal(5, weights.Sum(), 12);
    }

    [Fact]
    public void Cancellation_ends_a_fit()
    {
        var data = Mixture.Draw(50, 4, 4, 2, 0.5, 0.5, 1);
        Assert.Throws<OperationCanceledException>(() =>
            LogisticHead.Fit(data.Rows, 4, data.Labels, 2, new LogisticOptions(), null, new CancellationToken(canceled: true)));
    }

    /// <summary>Full-batch gradient descent in double precision with a small step, straight from the definition.</summary>
    private static (double[] Weights, double[] Biases) Literal(float[] rows, int d, int[] labels, int classes, double lambda, double balance)
    {
        var n = labels.Length;
        var outputs = classes == 2 ? 1 : classes;
        var w = new double[outputs * d];
        var b = new double[outputs];
        var present = labels.Distinct().Count();
        var u = labels.Select(y => Math.Pow((double)n / present / labels.Count(l => l == y), balance)).ToArray();
        for (var step = 0; step < 6_000; step++)
        {
            var gw = new double[w.Length];
            var gb = new double[outputs];
            for (var i = 0; i < n; i++)
            {
                var z = new double[outputs];
                for (var k = 0; k < outputs; k++)
                {
                    z[k] = b[k];
                    for (var c = 0; c < d; c++) z[k] += w[k * d + c] * rows[i * d + c];
                }
                var p = outputs == 1 ? [1 / (1 + Math.Exp(-z[0]))] : z.Select(v => Math.Exp(v) / z.Sum(Math.Exp)).ToArray();
                for (var k = 0; k < outputs; k++)
                {
                    var error = p[k] - (labels[i] == k ? 1 : 0);
                    gb[k] += u[i] * error / u.Sum();
                    for (var c = 0; c < d; c++) gw[k * d + c] += u[i] * error * rows[i * d + c] / u.Sum();
                }
            }
            for (var i = 0; i < w.Length; i++) w[i] -= 0.8 * (gw[i] + lambda * w[i]);
            for (var k = 0; k < outputs; k++) b[k] -= 0.8 * gb[k];
        }
        return (w, b);
    }
}
