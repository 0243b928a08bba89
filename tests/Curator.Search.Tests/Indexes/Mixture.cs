namespace Curator.Search.Tests.Indexes;

/// <summary>Seeded vectors that resemble embeddings: a mixture of mixtures with few directions in each cluster.</summary>
internal static class Mixture
{
    /// <summary>[rows × dimension]: clusters around group centers, each spread along 12 directions of its own.</summary>
    public static float[] Rows(int rows, int dimension, int clusters, int seed)
    {
        const int Rank = 12;
        var groups = Math.Max(1, clusters / 10);
        var groupCenters = Gaussians.Rows(groups, dimension, seed);
        var offsets = Gaussians.Rows(clusters, dimension, seed + 1);
        var directions = Gaussians.Rows(clusters * Rank, dimension, seed + 2);
        var random = new Random(seed + 3);
        var values = new float[rows * dimension];
        var noise = Gaussians.Rows(rows, Rank + 1, seed + 4);
        for (var i = 0; i < rows; i++)
        {
            var cluster = random.Next(clusters);
            for (var j = 0; j < dimension; j++)
            {
                var value = groupCenters[(cluster % groups * dimension) + j] + (0.7f * offsets[(cluster * dimension) + j]);
                for (var r = 0; r < Rank; r++) value += 0.25f * noise[(i * (Rank + 1)) + r] * directions[(((cluster * Rank) + r) * dimension) + j];
                values[(i * dimension) + j] = value;
            }
        }

        return values;
    }
}
