using Curator.Search.Layout;

namespace Curator.Search.Tests.Layout;

public sealed unsafe class FourierTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(16)]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(72)]
    [InlineData(128)]
    public void Every_lane_is_transformed_as_the_definition_says(int length)
    {
        var values = Gaussians.Rows(2 * length, FourierLanes.Lanes, 1);
        var copy = (float[])values.Clone();
        var other = new float[values.Length];
        fixed (float* start = copy, room = other)
        {
            var from = new LanePlanes(start, start + (length * FourierLanes.Lanes));
            var result = new FourierLanes(length).Transform(from, new LanePlanes(room, room + (length * FourierLanes.Lanes)));
            for (var lane = 0; lane < FourierLanes.Lanes; lane += 5)
            {
                for (var k = 0; k < length; k++)
                {
                    double real = 0, imaginary = 0;
                    for (var l = 0; l < length; l++)
                    {
                        double r = values[(l * FourierLanes.Lanes) + lane], i = values[((length + l) * FourierLanes.Lanes) + lane], turn = -2 * Math.PI * k * l / length;
                        real += (r * Math.Cos(turn)) - (i * Math.Sin(turn));
                        imaginary += (r * Math.Sin(turn)) + (i * Math.Cos(turn));
                    }

                    Assert.Equal(real, result.Real[(k * FourierLanes.Lanes) + lane], 1e-4);
                    Assert.Equal(imaginary, result.Imaginary[(k * FourierLanes.Lanes) + lane], 1e-4);
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(7, 8)]
    [InlineData(11, 12)]
    [InlineData(97, 100)]
    [InlineData(1025, 1080)]
    public void Lengths_have_small_factors_and_are_even(int atLeast, int expected) => Assert.Equal(expected, FourierLanes.Fit(atLeast));

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(37)]
    [InlineData(40)]
    public void A_convolution_is_the_sum_over_all_pairs_of_nodes(int nodes)
    {
        var grid = Gaussians.Rows(nodes, nodes, 2);
        var expected = new double[grid.Length];
        for (var to = 0; to < grid.Length; to++)
            for (var from = 0; from < grid.Length; from++)
                expected[to] += Kernel((to % nodes) - (from % nodes), (to / nodes) - (from / nodes)) * grid[from];
        var convolution = new GridConvolution(nodes, Kernel, _ => 1, 2, CancellationToken.None);
        var one = (float[])grid.Clone();
        convolution.Apply(grid, CancellationToken.None);
        Assert.All(grid.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
        new GridConvolution(nodes, Kernel, _ => 1, 1, CancellationToken.None).Apply(one, CancellationToken.None);
        Assert.Equal(one, grid);

        // Not symmetric in x and y: a transposed result would show.
        static double Kernel(int dx, int dy) => Math.Exp(-(0.3 * dx * dx) - (0.1 * dy * dy)) + (1 / (1.0 + Math.Abs(dx)));
    }
}
