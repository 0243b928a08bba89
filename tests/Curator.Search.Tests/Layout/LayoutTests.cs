using Curator.Search.Layout;
using Curator.Search.Neighbours;
using Curator.Search.Tests.Indexes;

namespace Curator.Search.Tests.Layout;

public sealed class LayoutTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public void Few_rows_have_exactly_the_neighbours_of_the_exhaustive_search()
    {
        var rows = Mixture.Rows(900, 24, 12, 1);
        var expected = NearestNeighbours.Among(rows, 24, 9, VectorMetric.Cosine, 2, None);
        var matrix = new MatrixRows(rows, 24);
        var found = ListedNeighbours.Nearest(matrix, matrix, 9, new ListedOptions(), 2, null, None);
        Assert.Equal(expected.Distances, found.Distances, (a, b) => Math.Abs(a - b) < 1e-5f);
        Assert.InRange(expected.Rows.Zip(found.Rows).Count(pair => pair.First == pair.Second), 0.999 * 8100, 8100);
    }

    [Fact]
    public void Lists_find_nearly_all_neighbours_and_the_same_ones_on_any_number_of_threads()
    {
        var rows = Mixture.Rows(6000, 24, 60, 1);
        var matrix = new MatrixRows(rows, 24);
        var options = new ListedOptions { ExactBelow = 1000, Probes = 12 };
        var found = ListedNeighbours.Nearest(matrix, matrix, 10, options, 2, null, None);
        var expected = NearestNeighbours.Among(rows, 24, 10, VectorMetric.Cosine, 2, None);
        var hits = Enumerable.Range(0, 6000).Sum(i => found.RowsOf(i).ToArray().Intersect(expected.RowsOf(i).ToArray()).Count());
        // Measured: see the message when it falls.
        Assert.True(hits >= 0.95 * 60_000, $"recall {hits / 60_000.0}");
        Assert.Equal(found.Rows, ListedNeighbours.Nearest(matrix, matrix, 10, options, 1, null, None).Rows);
        Assert.All(Enumerable.Range(0, 6000), i => Assert.DoesNotContain(i, found.RowsOf(i).ToArray()));
    }

    [Fact]
    public void Principal_components_are_the_axes_along_which_the_rows_were_spread()
    {
        // Far from the origin along the last axis, so that unit length hardly changes the spread along the others.
        var rows = Gaussians.Rows(4000, 8, 1);
        var directions = new float[] { 0, 6, 0, 3, 0, 1, 0.5f, 0 };
        for (var i = 0; i < 4000; i++)
            for (var j = 0; j < 8; j++)
                rows[(i * 8) + j] = (rows[(i * 8) + j] * directions[j]) + (j == 7 ? 1000 : 0);
        var components = PrincipalComponents.Fit(new MatrixRows(rows, 8), 2, None);
        Assert.Equal(1, components.Directions[1], 1e-2);
        Assert.Equal(1, components.Directions[8 + 3], 1e-2);
        Assert.Equal(36e-6, components.Variances[0], 2e-6);
        Assert.Equal(9e-6, components.Variances[1], 5e-7);
        var positions = components.Project(new MatrixRows(rows, 8), 2, None);
        Assert.Equal(rows[1] / 1000.0, positions[0] + components.Mean[1], 1e-3);
        PrincipalComponents.Scale(positions, 2);
        Assert.Equal(0, Enumerable.Range(0, 4000).Average(i => positions[(2 * i) + 1]), 1e-4);
        Assert.Equal(4, Enumerable.Range(0, 4000).Average(i => (double)positions[2 * i] * positions[2 * i]), 1e-3);
    }

    [Theory]
    [InlineData(7, 200)]
    [InlineData(15, 90)]
    public void Quality_is_that_of_the_definition(int k, int n)
    {
        var rows = Gaussians.Clusters(n, 12, 4, 3, 2);
        var positions = Gaussians.Rows(n, 2, 3);
        for (var i = 0; i < n / 2; i++) (positions[2 * i], positions[(2 * i) + 1]) = (rows[i * 12], rows[(i * 12) + 1]);
        var (trustworthiness, kept) = LiteralLayout.Quality(rows, 12, positions, k);
        var measured = LayoutQuality.Measure(new MatrixRows(rows, 12), positions, k, n, 2, None);
        Assert.Equal(trustworthiness, measured.Trustworthiness, 1e-4);
        Assert.Equal(kept, measured.NeighboursKept, 1e-4);
    }

    [Fact]
    public void A_layout_that_is_the_data_is_perfect_and_a_random_one_is_not()
    {
        // On a half circle: angles and cosines order neighbours alike.
        var angles = Enumerable.Range(0, 300).Select(i => i * Math.PI / 300).ToArray();
        var rows = angles.SelectMany(angle => new[] { (float)Math.Cos(angle), (float)Math.Sin(angle) }).ToArray();
        var random = Gaussians.Rows(300, 2, 1);
        var perfect = LayoutQuality.Measure(new MatrixRows(rows, 2), rows, 10, 300, 2, None);
        Assert.InRange(perfect.Trustworthiness, 0.999, 1);
        Assert.InRange(perfect.NeighboursKept, 0.95, 1);
        var worse = LayoutQuality.Measure(new MatrixRows(rows, 2), random, 10, 300, 2, None);
        Assert.InRange(worse.Trustworthiness, 0.4, 0.6);
        Assert.InRange(worse.NeighboursKept, 0, 0.1);
    }
}
