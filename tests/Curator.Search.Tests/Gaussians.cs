namespace Curator.Search.Tests;

/// <summary>Seeded vectors for tests.</summary>
internal static class Gaussians
{
    /// <summary>[rows × dimension] independent standard normals.</summary>
    public static float[] Rows(int rows, int dimension, int seed)
    {
        var random = new Random(seed);
        var values = new float[rows * dimension];
        for (var i = 0; i < values.Length; i++) values[i] = Next(random);
        return values;
    }

    /// <summary>[rows × dimension] around <paramref name="centers"/> points that are far apart; row r belongs to center r mod centers.</summary>
    public static float[] Clusters(int rows, int dimension, int centers, float spread, int seed)
    {
        var middle = Rows(centers, dimension, seed + 1);
        var values = Rows(rows, dimension, seed);
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < dimension; j++)
                values[(i * dimension) + j] = (values[(i * dimension) + j] * spread) + (10 * middle[(i % centers * dimension) + j]);
        return values;
    }

    private static float Next(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
