namespace Curator.Search.Tests;

public sealed class SearchQueryTests
{
    [Fact]
    public void One_positive_is_its_own_direction()
    {
        var direction = new SearchQuery { Positives = [[3, 4]] }.Direction(2);
        Assert.Equal([0.6f, 0.8f], direction);
    }

    [Fact]
    public void Lengths_of_embeddings_do_not_matter()
    {
        var one = new SearchQuery { Positives = [[1, 0], [0, 5]], Negatives = [[9, 9]] }.Direction(2);
        var other = new SearchQuery { Positives = [[7, 0], [0, 0.1f]], Negatives = [[1, 1]] }.Direction(2);
        Assert.Equal(one, other);
    }

    [Fact]
    public void Several_pictures_combine_by_the_rule_of_Rocchio()
    {
        // (e₁ + e₂)/2 − 0.5 · e₃, normalised.
        var direction = new SearchQuery { Positives = [[1, 0, 0], [0, 1, 0]], Negatives = [[0, 0, 2]] }.Direction(3);
        var length = MathF.Sqrt(0.75f);
        Assert.Equal([0.5f / length, 0.5f / length, -0.5f / length], direction, (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Queries_without_a_direction_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SearchQuery { Positives = [] }.Direction(2));
        Assert.Throws<ArgumentException>(() => new SearchQuery { Positives = [[0, 0]] }.Direction(2));
        Assert.Throws<ArgumentException>(() => new SearchQuery { Positives = [[float.NaN, 1]] }.Direction(2));
        Assert.Throws<ArgumentException>(() => new SearchQuery { Positives = [[1, 0], [-1, 0]] }.Direction(2));
        Assert.Contains("another encoder", Assert.Throws<ArgumentException>(() => new SearchQuery { Positives = [[1, 0, 0]] }.Direction(2)).Message, StringComparison.Ordinal);
    }
}
