using CsCheck;
using Curator.Search.Clustering;

namespace Curator.Search.Tests.Clustering;

public sealed class FarthestFirstTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(VectorMetric.Euclidean)]
    [InlineData(VectorMetric.Cosine)]
    public void Chooses_what_the_literal_algorithm_chooses(VectorMetric metric)
    {
        const int Rows = 300, Dimension = 9;
        var x = Gaussians.Rows(Rows, Dimension, 3);
        int[] initial = [4, 250, 4];
        var result = FarthestFirst.Select(x, Dimension, 40, initial, metric, seed: 1, threads: 2, None);
        var centers = initial.ToList();
        foreach (var (row, index) in result.Rows.Select((row, index) => (row, index)))
        {
            var farthest = Enumerable.Range(0, Rows).Except(centers).Max(candidate => ToNearest(candidate));
            Assert.Equal(farthest, ToNearest(row), 1e-5);
            Assert.Equal(farthest, result.Distances[index], 1e-5);
            centers.Add(row);
        }

        Assert.Equal(Enumerable.Range(0, Rows).Max(ToNearest), result.Radius, 1e-5);
        Assert.Equal(40, result.Rows.Except(initial).Count());

        double ToNearest(int row) =>
            centers.Min(center => Literal.Distance(x.AsSpan(row * Dimension, Dimension), x.AsSpan(center * Dimension, Dimension), metric));
    }

    [Fact]
    public void Distances_never_rise_and_rows_are_different() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 5], Gen.Int[0, 80], Gen.Int[0, 100]).Sample((rows, dimension, count, seed) =>
        {
            var result = FarthestFirst.Select(Gaussians.Rows(rows, dimension, seed), dimension, count, [], VectorMetric.Euclidean, seed, 1, None);
            return result.Rows.Length == Math.Min(rows, count)
                && result.Rows.Distinct().Count() == result.Rows.Length
                && result.Distances.Zip(result.Distances.Skip(1)).All(pair => pair.First >= pair.Second);
        });

    [Fact]
    public void Threads_change_nothing()
    {
        var x = Gaussians.Rows(30_000, 6, 2);
        var one = FarthestFirst.Select(x, 6, 30, [], VectorMetric.Cosine, 7, 1, None);
        var four = FarthestFirst.Select(x, 6, 30, [], VectorMetric.Cosine, 7, 4, None);
        Assert.Equal(one.Rows, four.Rows);
        Assert.Equal(one.Distances, four.Distances);
    }
}
