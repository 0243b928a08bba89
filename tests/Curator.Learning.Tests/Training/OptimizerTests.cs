using Curator.Learning.Optimizers;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class OptimizerTests
{
    [Fact]
    public void AdamW_equals_the_loops_of_its_paper()
    {
        using var scope = NewDisposeScope();
        const double rate = 0.05, decay = 0.1;
        var parameter = tensor([0.5, -1.5, 2.0], [1, 3], requires_grad: true);
        using var optimizer = new AdamW([("p", parameter)], decay);
        double[] x = [0.5, -1.5, 2.0], m = new double[3], v = new double[3];

        for (var step = 1; step <= 20; step++)
        {
            (parameter * parameter * parameter).sum().backward();
            optimizer.Step(rate);
            for (var i = 0; i < 3; i++)
            {
                var gradient = 3 * x[i] * x[i];
                m[i] = (0.9 * m[i]) + (0.1 * gradient);
                v[i] = (0.999 * v[i]) + (0.001 * gradient * gradient);
                var unbiased1 = m[i] / (1 - Math.Pow(0.9, step));
                var unbiased2 = v[i] / (1 - Math.Pow(0.999, step));
                x[i] -= rate * ((unbiased1 / (Math.Sqrt(unbiased2) + 1e-8)) + (decay * x[i]));
            }
        }

        Assert.All(parameter.data<double>().ToArray().Zip(x), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
    }

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Lars)]
    public void An_optimizer_equals_the_loops_of_its_paper(OptimizerKind kind)
    {
        using var scope = NewDisposeScope();
        const double rate = 0.05, decay = 0.1;
        var parameter = tensor([0.5, -1.5, 2.0], [1, 3], requires_grad: true);
        using var optimizer = Optimizer.Create(kind, [("p", parameter)], decay);
        double[] x = [0.5, -1.5, 2.0], m = new double[3], v = new double[3];

        for (var step = 1; step <= 20; step++)
        {
            (parameter * parameter * parameter).sum().backward();
            optimizer.Step(rate);
            var gradient = x.Select(value => 3 * value * value).ToArray();
            var local = 0.001 * Math.Sqrt(x.Sum(value => value * value)) / (Math.Sqrt(gradient.Sum(value => value * value)) + (decay * Math.Sqrt(x.Sum(value => value * value))) + 1e-12);
            for (var i = 0; i < 3; i++)
            {
                var g = gradient[i] + (decay * x[i]);
                switch (kind)
                {
                    case OptimizerKind.Adam:
                        m[i] = (0.9 * m[i]) + (0.1 * g);
                        v[i] = (0.999 * v[i]) + (0.001 * g * g);
                        x[i] -= rate * (m[i] / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
                        break;
                    case OptimizerKind.Sgd:
                        m[i] = (0.9 * m[i]) + g;
                        x[i] -= rate * m[i];
                        break;
                    default:
                        m[i] = (0.9 * m[i]) + (rate * local * g);
                        x[i] -= m[i];
                        break;
                }
            }
        }

        Assert.All(parameter.data<double>().ToArray().Zip(x), pair => Assert.Equal(pair.Second, pair.First, 1e-8));
    }

    [Fact]
    public void A_parameter_learns_at_its_share_of_the_rate()
    {
        using var scope = NewDisposeScope();
        Tensor slow = tensor([1.0], requires_grad: true), fast = tensor([1.0], requires_grad: true);
        using var optimizer = new Sgd([("slow", slow), ("fast", fast)], 0, [0.25, 1]);
        (slow + fast).sum().backward();

        optimizer.Step(0.4);

        Assert.Equal((0.9, 0.6), (slow.item<double>(), fast.item<double>()));
    }

    [Fact]
    public void Vectors_are_not_decayed()
    {
        using var scope = NewDisposeScope();
        var parameter = tensor([1.0, 2.0], requires_grad: true);
        using var optimizer = new AdamW([("p", parameter)], weightDecay: 0.5);
        (parameter * 0).sum().backward();

        optimizer.Step(0.1);

        Assert.Equal([1.0, 2.0], parameter.data<double>().ToArray());
    }

    [Fact]
    public void The_learning_rate_rises_linearly_and_falls_as_half_a_cosine()
    {
        const int steps = 100;
        Assert.Equal(0.1, Schedule.LearningRate(0, steps, peak: 1, warmUp: 0.1), 1e-12);
        Assert.Equal(1, Schedule.LearningRate(9, steps, 1, 0.1), 1e-12);
        Assert.Equal(1, Schedule.LearningRate(10, steps, 1, 0.1), 1e-12);
        Assert.Equal(0.5, Schedule.LearningRate(55, steps, 1, 0.1), 1e-12);
        Assert.InRange(Schedule.LearningRate(99, steps, 1, 0.1), 0, 0.001);
        Assert.Equal(1, Schedule.LearningRate(0, 1, 1, 0.1), 1e-12);
    }
}
