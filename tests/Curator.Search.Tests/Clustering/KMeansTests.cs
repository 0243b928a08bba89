using Curator.Search.Clustering;

namespace Curator.Search.Tests.Clustering;

public sealed class KMeansTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 3, 9)]
    [InlineData(100, 7, 4)]
    [InlineData(500, 33, 17)]
    [InlineData(1000, 64, 40)]
    public void Every_row_belongs_to_its_nearest_centroid(int rows, int dimension, int clusters)
    {
        foreach (var spherical in new[] { false, true })
        {
            var x = Gaussians.Rows(rows, dimension, rows);
            var result = KMeans.Run(x, dimension, new KMeansOptions { Clusters = clusters, Spherical = spherical }, None);
            var metric = spherical ? VectorMetric.Cosine : VectorMetric.Euclidean;
            Assert.Equal(Math.Min(rows, clusters), result.Count);
            for (var i = 0; i < rows; i++)
            {
                var row = x.AsSpan(i * dimension, dimension);
                var nearest = Literal.Ranked(row, result.Centroids, dimension, metric)[0].Distance;
                Assert.Equal(nearest, Literal.Distance(row, result.Centroid(result.Assignments[i]), metric), 1e-3);
                Assert.Equal(Literal.Distance(row, result.Centroid(result.Assignments[i]), metric), result.Distances[i], 1e-3);
            }

            Assert.Equal(rows, result.Sizes.Sum());
            Assert.All(result.Members().SelectMany((members, c) => members.Select(row => (row, c))), m => Assert.Equal(m.c, result.Assignments[m.row]));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Finds_clusters_that_are_far_apart(bool spherical)
    {
        var x = Gaussians.Clusters(2000, 16, centers: 20, spread: 0.5f, seed: 5);
        var result = KMeans.Run(x, 16, new KMeansOptions { Clusters = 20, Iterations = 50, Seed = 3, Spherical = spherical }, None);
        var purest = result.Members().Sum(members => members.GroupBy(row => row % 20).Max(group => (int?)group.Count()) ?? 0);

        // Measured: 2000 of 2000 with both metrics. Two clusters merged would leave at most 1900.
        Assert.True(purest >= 1900, $"{purest} of 2000 rows are in a cluster of their own center");
    }

    [Fact]
    public void Result_does_not_depend_on_the_number_of_threads()
    {
        var x = Gaussians.Rows(20_000, 12, 8);
        var one = KMeans.Run(x, 12, new KMeansOptions { Clusters = 50, Threads = 1 }, None);
        var four = KMeans.Run(x, 12, new KMeansOptions { Clusters = 50, Threads = 4 }, None);
        Assert.Equal(one.Centroids, four.Centroids);
        Assert.Equal(one.Assignments, four.Assignments);
    }

    [Fact]
    public void More_steps_never_raise_the_inertia()
    {
        var x = Gaussians.Rows(3000, 8, 9);
        var previous = double.PositiveInfinity;
        for (var steps = 1; steps <= 15; steps++)
        {
            var inertia = KMeans.Run(x, 8, new KMeansOptions { Clusters = 30, Iterations = steps, Tolerance = 0, SamplesPerCluster = 0 }, None).Inertia;
            Assert.True(inertia <= previous * 1.00001, $"step {steps}: {inertia} after {previous}");
            previous = inertia;
        }
    }

    [Fact]
    public void One_cluster_is_the_mean()
    {
        float[] x = [1, 2, 3, 4, 5, 9];
        var result = KMeans.Run(x, 2, new KMeansOptions { Clusters = 1 }, None);
        Assert.Equal([3f, 5f], result.Centroids);
    }

    [Fact]
    public void Equal_rows_in_many_clusters_are_no_error()
    {
        var x = new float[4 * 100];
        Array.Fill(x, 0.25f);
        var result = KMeans.Run(x, 4, new KMeansOptions { Clusters = 10 }, None);
        Assert.Equal(100, result.Sizes.Sum());
        Assert.Equal(0, result.Inertia, 1e-3);
    }

    [Fact]
    public void Empty_clusters_are_filled_from_the_largest()
    {
        // Twelve places, some of them with a single row: seeding draws a place twice now and then, and the repair must find the missed one.
        var random = new Random(4);
        var x = new float[2 * 1200];
        for (var i = 0; i < 1200; i++)
        {
            var place = i < 1189 ? 0 : i - 1188;
            x[2 * i] = (100 * place) + random.NextSingle();
            x[(2 * i) + 1] = random.NextSingle();
        }

        for (var seed = 0; seed < 20; seed++)
        {
            var result = KMeans.Run(x, 2, new KMeansOptions { Clusters = 12, Seed = seed, SamplesPerCluster = 0, Iterations = 40 }, None);
            Assert.DoesNotContain(0, result.Sizes);
        }
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => KMeans.Run(Gaussians.Rows(1000, 8, 1), 8, new KMeansOptions(), source.Token));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentException>(() => KMeans.Run(new float[7], 2, new KMeansOptions(), None));
        Assert.ThrowsAny<ArgumentException>(() => KMeans.Run(Array.Empty<float>(), 2, new KMeansOptions(), None));
    }
}
