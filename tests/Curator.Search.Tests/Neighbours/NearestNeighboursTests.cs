using Curator.Search.Neighbours;

namespace Curator.Search.Tests.Neighbours;

public sealed class NearestNeighboursTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<int, int, int, VectorMetric> Grid
    {
        get
        {
            var grid = new TheoryData<int, int, int, VectorMetric>();
            foreach (var metric in Enum.GetValues<VectorMetric>())
                foreach (var (rows, dimension, k) in new[] { (1, 3, 5), (2, 1, 1), (17, 5, 3), (300, 8, 10), (601, 33, 7), (520, 128, 20) })
                    grid.Add(rows, dimension, k, metric);
            return grid;
        }
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void Neighbours_are_those_of_the_exhaustive_search(int rows, int dimension, int k, VectorMetric metric)
    {
        var x = Gaussians.Rows(rows, dimension, 11);
        var table = NearestNeighbours.Among(x, dimension, k, metric, threads: 2, None);
        Assert.Equal(Math.Min(k, rows - 1), table.K);
        for (var q = 0; q < rows; q++)
        {
            var expected = Literal.Ranked(x.AsSpan(q * dimension, dimension), x, dimension, metric).Where(r => r.Row != q).Take(k).ToArray();
            AssertSame(expected, table.RowsOf(q), table.DistancesOf(q), x, dimension, q, metric);
        }
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void Rows_within_a_radius_are_those_of_the_exhaustive_search(int rows, int dimension, int k, VectorMetric metric)
    {
        var x = Gaussians.Rows(rows, dimension, 12);
        var all = Literal.Ranked(x.AsSpan(0, dimension), x, dimension, metric);
        var radius = (float)((all[Math.Min(k, rows - 1)].Distance + all[Math.Min(k + 1, rows - 1)].Distance) / 2);
        var table = NearestNeighbours.WithinRadius(x, dimension, radius, metric, threads: 2, None);
        for (var q = 0; q < rows; q++)
        {
            // Rows closer to the radius than single precision can tell are allowed on either side.
            var ranked = Literal.Ranked(x.AsSpan(q * dimension, dimension), x, dimension, metric);
            var certain = ranked.Where(r => r.Distance < radius - 1e-5).Select(r => r.Row);
            var possible = ranked.Where(r => r.Distance < radius + 1e-5).Select(r => r.Row);
            var found = table.RowsOf(q).ToArray();
            Assert.Subset(found.ToHashSet(), certain.ToHashSet());
            Assert.Subset(possible.ToHashSet(), found.ToHashSet());
            Assert.Equal(found.Order(), found);
        }
    }

    [Fact]
    public void Equal_rows_are_neighbours_at_distance_zero()
    {
        float[] x = [1, 2, 1, 2, 5, 5, 1, 2];
        foreach (var metric in Enum.GetValues<VectorMetric>())
        {
            var table = NearestNeighbours.Among(x, 2, 2, metric, 1, None);
            Assert.Equal([1, 3], table.RowsOf(0).ToArray());
            Assert.Equal([0, 1], table.RowsOf(3).ToArray());
            Assert.All(table.DistancesOf(0).ToArray(), distance => Assert.Equal(0, distance, 1e-6));
        }
    }

    [Fact]
    public void Near_duplicates_far_from_the_origin_keep_their_order()
    {
        // |x|² is 10⁶ here, where the fast score has steps of 0.06; the distances differ by 0.001.
        float[] x = [1000, 0, 1000.003f, 0, 1000.001f, 0, 1000.002f, 0];
        Assert.Equal([2, 3, 1], NearestNeighbours.Among(x, 2, 3, VectorMetric.Euclidean, 1, None).RowsOf(0).ToArray());
    }

    [Fact]
    public void A_row_of_zeros_is_at_cosine_distance_one()
    {
        float[] x = [0, 0, 1, 0, -1, 0];
        var table = NearestNeighbours.Between(new float[] { 2, 0 }, x, 2, 3, VectorMetric.Cosine, 1, None);
        Assert.Equal([1, 0, 2], table.RowsOf(0).ToArray());
        Assert.Equal([0f, 1f, 2f], table.DistancesOf(0).ToArray());
    }

    [Fact]
    public void Threads_change_nothing()
    {
        var x = Gaussians.Rows(3000, 20, 6);
        var one = NearestNeighbours.Among(x, 20, 10, VectorMetric.Cosine, 1, None);
        var four = NearestNeighbours.Among(x, 20, 10, VectorMetric.Cosine, 4, None);
        Assert.Equal(one.Rows, four.Rows);
        Assert.Equal(one.Distances, four.Distances);
    }

    private static void AssertSame(
        (int Row, double Distance)[] expected, ReadOnlySpan<int> rows, ReadOnlySpan<float> distances, float[] x, int dimension, int q, VectorMetric metric)
    {
        Assert.Equal(expected.Length, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(expected[i].Distance, distances[i], 1e-4);
            Assert.Equal(expected[i].Distance, Literal.Distance(x.AsSpan(q * dimension, dimension), x.AsSpan(rows[i] * dimension, dimension), metric), 1e-4);
        }

        Assert.Equal(rows.Length, rows.ToArray().Distinct().Count());
    }
}
