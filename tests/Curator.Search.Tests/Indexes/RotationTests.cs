using Curator.Search.Indexes;

namespace Curator.Search.Tests.Indexes;

public sealed class RotationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(384)]
    [InlineData(1280)]
    public void Lengths_and_angles_stay(int dimension)
    {
        var rotation = new Rotation(dimension, 5);
        var a = Gaussians.Rows(1, dimension, 1);
        var b = Gaussians.Rows(1, dimension, 2);
        double dot = Literal.Dot(a, b), square = Literal.Dot(a, a), error = 1e-5 * (Literal.Dot(a, a) + Literal.Dot(b, b));
        rotation.Apply(a);
        rotation.Apply(b);
        Assert.Equal(dot, Literal.Dot(a, b), error);
        Assert.Equal(square, Literal.Dot(a, a), error);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(384)]
    public void One_coordinate_is_spread_over_all(int dimension)
    {
        var rotation = new Rotation(dimension, 5);
        for (var axis = 0; axis < dimension; axis += 17)
        {
            var vector = new float[dimension];
            vector[axis] = 1;
            rotation.Apply(vector);

            // Evenly spread, each would be 1/√d; a Gaussian's greatest of 384 is about 3.2 times that.
            Assert.True(vector.Max(Math.Abs) * MathF.Sqrt(dimension) < 4.5, $"axis {axis}: {vector.Max(Math.Abs) * MathF.Sqrt(dimension)}");
        }
    }

    [Fact]
    public void Same_seed_gives_the_same_rotation_and_another_seed_another()
    {
        float[] Rotated(int seed)
        {
            var vector = Gaussians.Rows(1, 40, 1);
            new Rotation(40, seed).Apply(vector);
            return vector;
        }

        Assert.Equal(Rotated(1), Rotated(1));
        Assert.NotEqual(Rotated(1), Rotated(2));
    }
}
