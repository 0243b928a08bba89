using Curator.Search.Layout;
using Curator.Search.Neighbours;

namespace Curator.Search.Tests.Layout;

public sealed class UmapTests
{
    private const int Dimension = 16;
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(0.1, 1.577, 0.895)]
    [InlineData(0.5, 0.583, 1.334)]
    public void The_curve_is_the_one_that_the_papers_program_fits(double minDistance, double a, double b)
    {
        var curve = new UmapCurve(minDistance);
        Assert.Equal(a, curve.A, 0.01);
        Assert.Equal(b, curve.B, 0.01);
    }

    [Fact]
    public void Forces_are_the_derivatives_of_the_curve()
    {
        var curve = new UmapCurve(0.1);
        for (var d = 1e-4; d < 300; d *= 1.31)
        {
            var square = (float)(d * d);
            var power = Math.Pow(square, curve.B);
            Assert.Equal(1, curve.Power(square) / power, 1e-5);
            // −d log(1/(1 + a d^2b)) / dd, over d; and of −log(1 − 1/(1 + a d^2b)), which has no bound at 0 and is held back by 0.001.
            Assert.Equal(1, curve.Pull(square) / (2 * curve.A * curve.B * power / square / (1 + (curve.A * power))), 1e-4);
            Assert.Equal(1, curve.Push(square) / (2 * curve.B / ((0.001 + square) * (1 + (curve.A * power)))), 1e-4);
        }

        Assert.Equal(0, curve.Pull(0));
    }

    [Fact]
    public void Weights_sum_to_the_logarithm_of_the_neighbours_and_join_as_fuzzy_sets()
    {
        var rows = new MatrixRows(Gaussians.Rows(300, Dimension, 1), Dimension);
        var table = ListedNeighbours.Nearest(rows, rows, 15, new ListedOptions(), 2, null, None);
        var weights = UmapAffinities.Directed(table, 2, None);
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(1, weights[i * 15], 1e-6);
            Assert.Equal(Math.Log2(16), weights[(i * 15)..((i + 1) * 15)].Sum(), 1e-3);
        }

        var graph = UmapAffinities.Of(table, 2, None);
        for (var i = 0; i < 300; i++)
        {
            for (var e = graph.Starts[i]; e < graph.Starts[i + 1]; e++)
            {
                double there = Directed(i, graph.Points[e]), back = Directed(graph.Points[e], i);
                Assert.Equal(there + back - (there * back), graph.Weights[e], 1e-6);
            }
        }

        double Directed(int i, int j) => Array.IndexOf(table.RowsOf(i).ToArray(), j) is >= 0 and var place ? weights[(i * 15) + place] : 0;
    }

    [Fact]
    public void Rows_of_one_kind_lie_together_and_the_bits_do_not_depend_on_threads_or_interruptions()
    {
        var rows = new MatrixRows(Gaussians.Clusters(600, Dimension, 6, 1, 5), Dimension);
        var graph = UmapAffinities.Of(ListedNeighbours.Nearest(rows, rows, 15, new ListedOptions(), 2, null, None), 2, None);
        var one = Run(1, 200);
        var two = Run(2, 80);
        var resumed = Run(2, 0);
        for (var s = 0; s < two.State.Count; s++) two.State[s].CopyTo(resumed.State[s], 0);
        resumed.Resume(two.Step);
        while (resumed.Step < resumed.Steps) resumed.Advance(None);
        Assert.Equal(one.Positions, resumed.Positions);
        Assert.InRange(TsneTests.LabelsOfNearest(one.Positions, 6), 0.99, 1);

        UmapRun Run(int threads, int until)
        {
            var run = new UmapRun(graph, Gaussians.Rows(600, 2, 8), 0.1, 200, 1, threads);
            while (run.Step < until) run.Advance(None);
            return run;
        }
    }
}
