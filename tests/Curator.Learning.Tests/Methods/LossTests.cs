using Curator.Learning.Methods;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Methods;

/// <summary>Each loss against the sums of its paper, written out as loops in double precision.</summary>
[Collection(TorchTests.Name)]
public sealed class LossTests
{
    public static TheoryData<int, int> Grid() => new() { { 2, 2 }, { 3, 5 }, { 8, 4 }, { 16, 17 } };

    [Theory]
    [MemberData(nameof(Grid))]
    public void SimSiam_is_the_mean_negative_cosine_of_each_prediction_and_the_other_view(int batch, int length)
    {
        using var scope = NewDisposeScope();
        var (p, z) = (Draw(2 * batch, length, 1), Draw(2 * batch, length, 2));

        double expected = 0;
        for (var i = 0; i < batch; i++) expected -= (Cosine(Row(p, i), Row(z, i + batch)) + Cosine(Row(p, i + batch), Row(z, i))) / 2;
        Assert.Equal(expected / batch, SimSiam.LossOf(p, z).item<double>(), 1e-9);
    }

    [Fact]
    public void SimSiam_sends_no_gradient_into_what_is_predicted()
    {
        using var scope = NewDisposeScope();
        var (p, z) = (Draw(8, 4, 1).requires_grad_(true), Draw(8, 4, 2).requires_grad_(true));

        SimSiam.LossOf(p, z).backward();

        Assert.True(p.grad!.abs().sum().item<double>() > 0);
        Assert.True(z.grad is null || z.grad.abs().sum().item<double>() == 0);
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void FastSiam_predicts_the_mean_of_the_other_views_and_is_SimSiam_with_two(int batch, int length)
    {
        using var scope = NewDisposeScope();
        const int views = 4;
        var (p, z) = (Draw(views * batch, length, 3), Draw(views * batch, length, 4));

        double expected = 0;
        for (var v = 0; v < views; v++)
            for (var i = 0; i < batch; i++)
            {
                var mean = new double[length];
                for (var u = 0; u < views; u++)
                    for (var d = 0; d < length && u != v; d++)
                        mean[d] += Row(z, (u * batch) + i)[d] / (views - 1);
                expected -= Cosine(Row(p, (v * batch) + i), mean);
            }
        Assert.Equal(expected / (views * batch), FastSiam.LossOf(p, z, views).item<double>(), 1e-9);
        Assert.Equal(SimSiam.LossOf(p, z).item<double>(), FastSiam.LossOf(p, z, 2).item<double>(), 1e-9);
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void Byol_is_the_squared_distance_of_unit_vectors_in_both_directions(int batch, int length)
    {
        using var scope = NewDisposeScope();
        var (q, z) = (Draw(2 * batch, length, 5), Draw(2 * batch, length, 6));

        double expected = 0;
        for (var i = 0; i < 2 * batch; i++)
        {
            double[] a = Unit(Row(q, i)), b = Unit(Row(z, (i + batch) % (2 * batch)));
            expected += a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
        }
        Assert.Equal(expected / batch, Byol.LossOf(q, z).item<double>(), 1e-9);
    }

    [Fact]
    public void Byols_copy_begins_as_the_network_and_follows_it_by_the_momentum()
    {
        using var scope = NewDisposeScope();
        using var backbone = new Backbone(Architectures.Plan(Architecture.SmallCnn, 16));
        using var method = new Byol(backbone, 16, momentum: 0.9);
        var online = backbone.parameters().First();
        var copy = method.State().First(pair => pair.Name.Contains(backbone.named_parameters().First().name, StringComparison.Ordinal)).Value;
        Assert.Equal(0, (online - copy).abs().max().item<float>());

        using (no_grad()) online.add_(1);
        method.AfterStep(0);

        Assert.Equal(0.9f, (online - copy).mean().item<float>(), 1e-5);
        Assert.Equal((0.9, 1.0), (Math.Round(Byol.Momentum(0.9, 0), 12), Math.Round(Byol.Momentum(0.9, 1), 12)));
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void Barlow_Twins_is_the_sum_over_the_correlation_matrix(int batch, int length)
    {
        using var scope = NewDisposeScope();
        const double off = 0.005;
        var z = Draw(2 * batch, length, 7);

        var (first, second) = (Standard(z, 0, batch, length), Standard(z, batch, batch, length));
        double expected = 0;
        for (var i = 0; i < length; i++)
            for (var j = 0; j < length; j++)
            {
                double c = 0;
                for (var b = 0; b < batch; b++) c += first[b, i] * second[b, j] / batch;
                expected += i == j ? (1 - c) * (1 - c) : off * c * c;
            }
        Assert.Equal(expected, BarlowTwins.LossOf(z, off).item<double>(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void VicReg_is_the_weighted_sum_of_its_three_terms(int batch, int length)
    {
        using var scope = NewDisposeScope();
        var z = Draw(2 * batch, length, 8) * 0.5;

        double invariance = 0;
        for (var i = 0; i < batch; i++) invariance += Row(z, i).Zip(Row(z, i + batch), (x, y) => (x - y) * (x - y)).Sum() / batch;
        var expected = 25 * invariance;
        foreach (var start in new[] { 0, batch })
        {
            double[] mean = [.. Enumerable.Range(0, length).Select(d => Enumerable.Range(0, batch).Average(b => Row(z, start + b)[d]))];
            double Covariance(int i, int j) => Enumerable.Range(0, batch).Sum(b => (Row(z, start + b)[i] - mean[i]) * (Row(z, start + b)[j] - mean[j])) / (batch - 1);
            for (var i = 0; i < length; i++)
            {
                expected += 25.0 / length * Math.Max(0, 1 - Math.Sqrt(Covariance(i, i) + 1e-4));
                for (var j = 0; j < length; j++)
                    if (j != i) expected += Covariance(i, j) * Covariance(i, j) / length;
            }
        }
        Assert.Equal(expected, VicReg.LossOf(z).item<double>(), 1e-7);
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void Emp_is_the_coding_rate_and_the_cosine_to_the_mean_patch(int batch, int length)
    {
        using var scope = NewDisposeScope();
        const int patches = 3;
        const double agreement = 200, distortion = 0.2;
        var z = Draw(patches * batch, length, 9);

        double[][] unit = [.. Enumerable.Range(0, patches * batch).Select(i => Unit(Row(z, i)))];
        double cosine = 0, rate = 0;
        for (var p = 0; p < patches; p++)
        {
            var matrix = new double[length, length];
            for (var i = 0; i < batch; i++)
            {
                var mean = new double[length];
                for (var u = 0; u < patches; u++)
                    for (var d = 0; d < length; d++)
                        mean[d] += unit[(u * batch) + i][d] / patches;
                cosine += Cosine(unit[(p * batch) + i], mean) / (patches * batch);
                for (var a = 0; a < length; a++)
                    for (var b = 0; b < length; b++)
                        matrix[a, b] += unit[(p * batch) + i][a] * unit[(p * batch) + i][b] * length / (batch * distortion);
            }
            for (var a = 0; a < length; a++) matrix[a, a] += 1;
            rate += LogDeterminant(matrix) / 2 / patches;
        }
        Assert.Equal(-(rate + (agreement * cosine)), Emp.LossOf(z, patches, agreement, distortion).item<double>(), 1e-6);
    }

    private static Tensor Draw(int rows, int length, ulong seed)
    {
        using var generator = new Generator(seed);
        return randn([rows, length], dtype: ScalarType.Float64, generator: generator);
    }

    private static double[] Row(Tensor values, int row) => values[row].contiguous().data<double>().ToArray();

    private static double[] Unit(double[] v)
    {
        var length = Math.Sqrt(v.Sum(x => x * x));
        return [.. v.Select(x => x / length)];
    }

    private static double Cosine(double[] a, double[] b) => Unit(a).Zip(Unit(b), (x, y) => x * y).Sum();

    private static double[,] Standard(Tensor z, int start, int batch, int length)
    {
        var result = new double[batch, length];
        for (var d = 0; d < length; d++)
        {
            double[] column = [.. Enumerable.Range(0, batch).Select(b => Row(z, start + b)[d])];
            var mean = column.Average();
            var deviation = Math.Sqrt(column.Average(x => (x - mean) * (x - mean)) + 1e-5);
            for (var b = 0; b < batch; b++) result[b, d] = (column[b] - mean) / deviation;
        }
        return result;
    }

    /// <summary>Gauss's elimination; the matrix is positive definite.</summary>
    private static double LogDeterminant(double[,] m)
    {
        var n = m.GetLength(0);
        double log = 0;
        for (var k = 0; k < n; k++)
        {
            log += Math.Log(m[k, k]);
            for (var i = k + 1; i < n; i++)
            {
                var factor = m[i, k] / m[k, k];
                for (var j = k; j < n; j++) m[i, j] -= factor * m[k, j];
            }
        }
        return log;
    }
}
