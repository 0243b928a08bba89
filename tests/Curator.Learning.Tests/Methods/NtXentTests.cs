using Curator.Learning.Methods;
using Curator.Learning.Tests.Support;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Methods;

[Collection(TorchTests.Name)]
public sealed class NtXentTests
{
    public static TheoryData<int, int, double> Grid()
    {
        var data = new TheoryData<int, int, double>();
        foreach (var batch in new[] { 2, 3, 8 })
            foreach (var length in new[] { 1, 4, 17 })
                foreach (var temperature in new[] { 0.07, 0.5, 2 })
                    data.Add(batch, length, temperature);
        return data;
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void Loss_equals_the_loops_of_equation_1(int batch, int length, double temperature)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var projections = randn([2 * batch, length], generator: generator);

        var loss = NtXent.Loss(projections, temperature).item<float>();

        Assert.Equal(Literal(projections.data<float>().ToArray(), batch, length, temperature), loss, 1e-4);
    }

    [Fact]
    public void Loss_is_the_log_of_the_number_of_others_when_all_views_are_alike()
    {
        using var scope = NewDisposeScope();

        // All 2B − 1 candidates are equally similar.
        Assert.Equal(Math.Log(7), NtXent.Loss(ones([8, 3]), 0.5).item<float>(), 1e-5);
    }

    [Fact]
    public void Loss_of_orthogonal_images_with_equal_views_has_its_closed_form()
    {
        using var scope = NewDisposeScope();
        const int batch = 4;
        const double temperature = 0.5;
        var views = cat([eye(batch), eye(batch)], 0);

        // The partner at similarity 1, 2B − 2 others at 0.
        var expected = -1 / temperature + Math.Log(Math.Exp(1 / temperature) + (2 * batch) - 2);
        Assert.Equal(expected, NtXent.Loss(views, temperature).item<float>(), 1e-5);
    }

    [Fact]
    public void Loss_does_not_depend_on_the_lengths_of_the_projections_or_on_the_order_of_images()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        var projections = randn([12, 5], generator: generator);
        var order = tensor((long[])[3, 0, 5, 1, 4, 2]);

        var loss = NtXent.Loss(projections, 0.2).item<float>();

        Assert.Equal(loss, NtXent.Loss(projections * 7, 0.2).item<float>(), 1e-5);
        Assert.Equal(loss, NtXent.Loss(projections.index_select(0, cat([order, order + 6], 0)), 0.2).item<float>(), 1e-5);
    }

    [Fact]
    public void Gradient_equals_the_difference_quotient()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        var projections = randn([6, 3], dtype: ScalarType.Float64, generator: generator).requires_grad_(true);
        NtXent.Loss(projections, 0.3).backward();
        var gradient = projections.grad!.data<double>().ToArray();
        var point = projections.detach().data<double>().ToArray();

        const double step = 1e-6;
        for (var i = 0; i < point.Length; i++)
        {
            double At(double shift)
            {
                var moved = point.ToArray();
                moved[i] += shift;
                return NtXent.Loss(tensor(moved, [6, 3]), 0.3).item<double>();
            }
            Assert.Equal((At(step) - At(-step)) / (2 * step), gradient[i], 1e-6);
        }
    }

    private static double Literal(float[] z, int batch, int length, double temperature)
    {
        var count = 2 * batch;
        double Similarity(int i, int j)
        {
            double product = 0, a = 0, b = 0;
            for (var k = 0; k < length; k++)
            {
                product += (double)z[(i * length) + k] * z[(j * length) + k];
                a += (double)z[(i * length) + k] * z[(i * length) + k];
                b += (double)z[(j * length) + k] * z[(j * length) + k];
            }
            return product / Math.Sqrt(a * b);
        }
        double total = 0;
        for (var i = 0; i < count; i++)
        {
            var partner = (i + batch) % count;
            double denominator = 0;
            for (var k = 0; k < count; k++)
                if (k != i)
                    denominator += Math.Exp(Similarity(i, k) / temperature);
            total -= Math.Log(Math.Exp(Similarity(i, partner) / temperature) / denominator);
        }
        return total / count;
    }
}
