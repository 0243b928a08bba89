using Curator.Search.Layout;
using Curator.Search.Neighbours;

namespace Curator.Search.Tests.Layout;

public sealed class TsneTests
{
    private const int Dimension = 16;
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(1e-3f, 0)]
    [InlineData(1f, 0)]
    [InlineData(12f, 0)]
    [InlineData(12f, 401)]
    public void The_field_is_the_sum_over_all_points(float spread, int exactBelow)
    {
        var positions = Gaussians.Rows(400, 2, 3).Select(value => value * spread).ToArray();
        var field = new RepulsionField(2, exactBelow);
        field.Fill(positions, None);
        double error = 0, size = 0;
        for (var i = 0; i < 400; i++)
        {
            double potential = 0, x = 0, y = 0;
            for (var j = 0; j < 400; j++)
            {
                var similarity = LiteralLayout.Similarity(positions, i, j);
                potential += similarity;
                x += similarity * similarity * ((double)positions[2 * i] - positions[2 * j]);
                y += similarity * similarity * ((double)positions[(2 * i) + 1] - positions[(2 * j) + 1]);
            }

            var found = field.At(positions[2 * i], positions[(2 * i) + 1]);
            Assert.Equal(potential, found.Potential, 0.013 + (1e-3 * potential));
            error += ((found.X - x) * (found.X - x)) + ((found.Y - y) * (found.Y - y));
            size += (x * x) + (y * y);
        }

        Assert.True(Math.Sqrt(error / size) < 0.01, $"error {Math.Sqrt(error / size)}");
    }

    [Theory]
    [InlineData(12f, 0.5f)]
    [InlineData(1f, 8f)]
    [InlineData(1f, 3f)]
    public void The_gradient_is_that_of_the_paper(float exaggeration, float spread)
    {
        var graph = Graph(1600, out _);
        var run = new TsneRun(graph, new float[3200], 1, 2);
        Gaussians.Rows(1600, 2, 4).Select(value => value * spread).ToArray().CopyTo(run.Positions, 0);
        var expected = LiteralLayout.TsneGradient(graph, run.Positions, exaggeration);
        var found = run.Gradient(exaggeration, None);
        var error = Math.Sqrt(found.Zip(expected).Sum(pair => (pair.First - pair.Second) * (pair.First - pair.Second)) / expected.Sum(value => value * value));
        Assert.True(error < 0.01, $"error {error}");
    }

    [Fact]
    public void Affinities_have_the_perplexity_asked_for_and_sum_to_one()
    {
        var graph = Graph(300, out var table);
        var conditional = TsneAffinities.Conditional(table, 10, 2, None);
        for (var i = 0; i < 300; i++)
        {
            var row = conditional[(i * table.K)..((i + 1) * table.K)];
            Assert.Equal(1, row.Sum(), 1e-5);
            Assert.Equal(10, Math.Exp(-row.Where(p => p > 0).Sum(p => p * Math.Log(p))), 0.01);
        }

        Assert.Equal(1, graph.Weights.Sum(weight => (double)weight), 1e-5);
        for (var i = 0; i < 300; i++)
            for (var e = graph.Starts[i]; e < graph.Starts[i + 1]; e++)
                Assert.Equal(LiteralLayout.Weight(graph, graph.Points[e], i), graph.Weights[e], 1e-9);
    }

    [Fact]
    public void Rows_of_one_kind_lie_together_and_the_bits_do_not_depend_on_threads_or_interruptions()
    {
        var rows = Gaussians.Clusters(600, Dimension, 6, 1, 5);
        var table = ListedNeighbours.Nearest(new MatrixRows(rows, Dimension), new MatrixRows(rows, Dimension), 31, new ListedOptions(), 2, null, None);
        var one = Run(table, 1, 400);
        var two = new TsneRun(TsneAffinities.Of(table, 10, 2, None), Start(600), 400, 2);
        while (two.Step < 170) two.Advance(None);
        var resumed = new TsneRun(TsneAffinities.Of(table, 10, 2, None), Start(600), 400, 2);
        for (var s = 0; s < two.State.Count; s++) two.State[s].CopyTo(resumed.State[s], 0);
        resumed.Resume(two.Step);
        while (resumed.Step < resumed.Steps) resumed.Advance(None);
        Assert.Equal(one.Positions, resumed.Positions);
        Assert.InRange(LabelsOfNearest(one.Positions, 6), 0.98, 1);
    }

    [Fact]
    public void Points_placed_later_lie_among_their_like_and_move_nobody()
    {
        var rows = Gaussians.Clusters(660, Dimension, 6, 1, 5);
        var known = new MatrixRows(rows.AsMemory(0, 600 * Dimension), Dimension);
        var added = new MatrixRows(rows.AsMemory(600 * Dimension), Dimension);
        var layout = Run(ListedNeighbours.Nearest(known, known, 30, new ListedOptions(), 2, null, None), 2, 400).Positions;
        var before = (float[])layout.Clone();
        var table = ListedNeighbours.Nearest(added, known, 30, new ListedOptions(), 2, null, None);
        var placed = PlacedPoints.ByTsne(table, 10, layout, 2, None);
        Assert.Equal(before, layout);
        Assert.InRange(LabelsOfNearest([.. layout, .. placed], 6, first: 600), 0.98, 1);
        Assert.Equal(placed, PlacedPoints.ByTsne(table, 10, layout, 1, None));
    }

    /// <summary>Share of points whose nearest point in the layout is of the same cluster, row modulo clusters.</summary>
    internal static double LabelsOfNearest(float[] positions, int clusters, int first = 0)
    {
        var n = positions.Length / 2;
        return Enumerable.Range(first, n - first).Count(i => Enumerable.Range(0, n).Where(j => j != i).MaxBy(j => LiteralLayout.Similarity(positions, i, j)) % clusters == i % clusters) / (double)(n - first);
    }

    private static TsneRun Run(NeighbourTable table, int threads, int steps)
    {
        var run = new TsneRun(TsneAffinities.Of(table, 10, threads, None), Start(table.Count), steps, threads);
        while (run.Step < run.Steps) run.Advance(None);
        return run;
    }

    private static float[] Start(int n) => Gaussians.Rows(n, 2, 8);

    private static NeighbourGraph Graph(int n, out NeighbourTable table)
    {
        var rows = new MatrixRows(Gaussians.Clusters(n, Dimension, 5, 2, 6), Dimension);
        table = ListedNeighbours.Nearest(rows, rows, 30, new ListedOptions(), 2, null, None);
        return TsneAffinities.Of(table, 10, 2, None);
    }
}
