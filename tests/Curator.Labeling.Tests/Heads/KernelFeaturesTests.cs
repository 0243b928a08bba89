using Curator.Labeling.Heads;

namespace Curator.Labeling.Tests.Heads;

public sealed class KernelFeaturesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(64)]
    public void The_fast_transform_is_the_product_with_the_matrix_written_out(int size)
    {
        var random = new Random(size);
        var values = Enumerable.Range(0, size).Select(_ => (float)Mixture.Normal(random)).ToArray();
        // H[i, j] = (−1)^(number of ones that i and j share).
        var literal = Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size).Sum(j => (int.PopCount(i & j) % 2 == 0 ? 1.0 : -1.0) * values[j])).ToArray();
        KernelFeatures.WalshHadamard(values);
        for (var i = 0; i < size; i++) Assert.Equal(literal[i], values[i], 1e-4);
    }

    [Theory]
    [InlineData(20, 4096, 1.0)]
    [InlineData(100, 8192, 0.5)]
    [InlineData(64, 8192, 2.0)]
    public void Products_of_mapped_rows_come_near_the_kernel(int dimension, int count, double gamma)
    {
        // Deviation of a product is at most 1/√count: 0.016 and 0.011; four of them are allowed.
        var features = new KernelFeatures(dimension, count, (float)gamma, 3);
        var random = new Random(1);
        var rows = Enumerable.Range(0, 12 * dimension).Select(_ => (float)(Mixture.Normal(random) / Math.Sqrt(dimension))).ToArray();
        var mapped = new float[12 * features.OutputDimension];
        features.Map(rows, mapped);
        for (var a = 0; a < 12; a++)
        {
            for (var b = 0; b < 12; b++)
            {
                double square = 0, dot = 0, product = 0;
                for (var c = 0; c < dimension; c++)
                {
                    square += Math.Pow(rows[a * dimension + c] - rows[b * dimension + c], 2);
                    dot += rows[a * dimension + c] * rows[b * dimension + c];
                }
                for (var c = 0; c < features.OutputDimension; c++) product += mapped[a * features.OutputDimension + c] * mapped[b * features.OutputDimension + c];
                Assert.Equal(dot + Math.Exp(-gamma * square), product, 4 / Math.Sqrt(count));
            }
        }
    }

    [Fact]
    public void Opposite_corners_that_no_plane_can_part_are_learned()
    {
        var random = new Random(2);
        var rows = new float[600 * 3];
        var labels = new int[600];
        for (var i = 0; i < 600; i++)
        {
            double x = Mixture.Normal(random), y = Mixture.Normal(random);
            (rows[3 * i], rows[3 * i + 1], rows[3 * i + 2]) = ((float)x, (float)y, 1.5f);
            labels[i] = x * y > 0 ? 0 : 1;
        }
        var scaler = RowScaler.Fit(rows, 3);
        double Accuracy(int kernels)
        {
            var head = TrainedHead.Train(rows.AsSpan(0, 900), labels.AsSpan(0, 300), 2, scaler, new HeadOptions { KernelCount = kernels }, default);
            var probabilities = new float[300];
            head.PositiveProbabilities(rows.AsSpan(900), probabilities);
            return probabilities.Where((p, i) => p >= 0.5 == (labels[300 + i] == 0)).Count() / 300.0;
        }
        double curved = Accuracy(512), flat = Accuracy(0);
        Assert.True(curved > 0.9 && curved > flat + 0.1, $"with features {curved:F3}, without {flat:F3}");
    }

    [Fact]
    public void No_features_leave_rows_as_they_are()
    {
        var mapped = new float[4];
        new KernelFeatures(2, 0, 1, 1).Map([1, 2, 3, 4], mapped);
        Assert.Equal([1, 2, 3, 4], mapped);
    }
}
