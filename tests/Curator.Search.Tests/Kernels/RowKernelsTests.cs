using System.Runtime.Intrinsics;
using Curator.Search.Kernels;

namespace Curator.Search.Tests.Kernels;

public sealed unsafe class RowKernelsTests
{
    public static TheoryData<int> Dimensions => [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 384, 513];

    [Theory]
    [MemberData(nameof(Dimensions))]
    public void Sums_over_rows_equal_the_literal_ones(int dimension)
    {
        var a = Gaussians.Rows(1, dimension, 1);
        var b = Gaussians.Rows(1, dimension, 2);
        var halves = Array.ConvertAll(a, value => (Half)value);
        var rounded = Array.ConvertAll(halves, value => (float)value);
        var error = 1e-6 * (1 + Literal.Magnitude(a, b) + Literal.Dot(a, a) + Literal.Dot(b, b));
        fixed (float* x = a, y = b)
        fixed (Half* h = halves)
        {
            Assert.Equal(Literal.Dot(a, b), RowKernels.Dot(x, y, dimension), error);
            Assert.Equal(Literal.SquaredDistance(a, b), RowKernels.SquaredDistance(x, y, dimension), error);
            var single = RowKernels.DotAndSquare(x, y, dimension);
            Assert.Equal(Literal.Dot(a, b), single.Dot, error);
            Assert.Equal(Literal.Dot(a, a), single.SquaredLength, error);
            var half = RowKernels.DotAndSquare(h, y, dimension);
            Assert.Equal(Literal.Dot(rounded, b), half.Dot, error);
            Assert.Equal(Literal.Dot(rounded, rounded), half.SquaredLength, error);
            Assert.Equal(Literal.Dot(rounded, b), RowKernels.Dot(h, y, dimension), error);
            Assert.Equal(Literal.SquaredDistance(Array.ConvertAll(a, value => 0.75f * value), b), RowKernels.ScaledSquaredDistance(x, 0.75f, y, dimension), error);
            Assert.Equal(Literal.SquaredDistance(Array.ConvertAll(rounded, value => 0.75f * value), b), RowKernels.ScaledSquaredDistance(h, 0.75f, y, dimension), error);
        }
    }

    [Fact]
    public void Every_finite_half_widens_exactly()
    {
        var one = new float[16];
        var row = new Half[16];
        fixed (float* q = one)
        fixed (Half* h = row)
        {
            for (var bits = 0; bits <= ushort.MaxValue; bits++)
            {
                var half = BitConverter.UInt16BitsToHalf((ushort)bits);
                if (!Half.IsFinite(half)) continue;
                var lane = bits % 16;
                row[lane] = half;
                one[lane] = 1;
                Assert.Equal((float)half, RowKernels.Dot(h, q, 16));
                row[lane] = Half.Zero;
                one[lane] = 0;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dimensions))]
    public void Panels_give_the_literal_dot_products_of_every_row(int dimension)
    {
        foreach (var rows in new[] { 1, 15, 16, 17, 40 })
        {
            for (var queries = 1; queries <= PanelKernel.MaxQueries; queries++)
            {
                var x = Gaussians.Rows(rows, dimension, rows);
                var q = Gaussians.Rows(queries, dimension, 100 + queries);
                AssertPanels(x, q, rows, queries, dimension, &PanelKernel.Dot256);
                AssertPanels(x, q, rows, queries, dimension, &PanelKernel.Dot);
            }
        }
    }

    [Fact]
    public void The_512_bit_panel_path_gives_the_bits_of_the_256_bit_one()
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated, "this processor has no AVX-512");
        var x = Gaussians.Rows(16, 100, 1);
        var q = Gaussians.Rows(6, 100, 2);
        var panel = new float[16 * 100];
        PanelKernel.Pack(x, 100, panel);
        foreach (var count in new[] { 1, 5, 6 })
        {
            float[] wide = new float[96], narrow = new float[96];
            fixed (float* p = panel, qq = q, w = wide, n = narrow)
            {
                PanelKernel.Dot512(p, qq, count, 100, w);
                PanelKernel.Dot256(p, qq, count, 100, n);
            }

            Assert.Equal(narrow, wide);
        }
    }

    private static void AssertPanels(float[] x, float[] q, int rows, int queries, int dimension, delegate*<float*, float*, int, int, float*, void> dot)
    {
        var panels = new float[PanelKernel.Count(rows) * dimension * PanelKernel.Width];
        PanelKernel.Pack(x, dimension, panels);
        var products = new float[PanelKernel.MaxQueries * PanelKernel.Width];
        for (var p = 0; p < PanelKernel.Count(rows); p++)
        {
            fixed (float* panel = &panels[p * dimension * PanelKernel.Width], query = q, output = products)
                dot(panel, query, queries, dimension, output);
            for (var i = 0; i < queries; i++)
            {
                for (var lane = 0; lane < PanelKernel.Width; lane++)
                {
                    var row = (p * PanelKernel.Width) + lane;
                    var left = row < rows ? x.AsSpan(row * dimension, dimension) : new float[dimension];
                    var right = q.AsSpan(i * dimension, dimension);
                    Assert.Equal(Literal.Dot(left, right), products[(i * PanelKernel.Width) + lane], 1e-6 * (1 + Literal.Magnitude(left, right)));
                }
            }
        }
    }
}
