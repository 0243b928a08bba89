using System.ComponentModel.DataAnnotations;

namespace Curator.Search.Clustering;

/// <summary>How <see cref="KMeans"/> clusters.</summary>
public sealed record KMeansOptions
{
    /// <summary>Clusters asked for; fewer come out only when there are fewer rows.</summary>
    [Range(1, 1 << 20)]
    public int Clusters { get; init; } = 100;

    /// <summary>Lloyd steps at most.</summary>
    [Range(1, 1000)]
    public int Iterations { get; init; } = 20;

    /// <summary>Stops when a step lowers the mean squared distance by less than this share.</summary>
    [Range(0, 1)]
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Seed of the sample, of the first centroids and of nothing else: same rows, options and seed give the same bits.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Spherical k-means (Dhillon and Modha 2001): rows and centroids on the unit sphere, nearest by cosine. Rows need not be normalised.</summary>
    public bool Spherical { get; init; }

    /// <summary>Centroids are trained on at most this many rows a cluster, drawn evenly; 0 for all rows. All rows are assigned in the end.</summary>
    [Range(0, int.MaxValue)]
    public int SamplesPerCluster { get; init; } = 256;

    /// <summary>Threads at most, 0 for one a processor. The result does not depend on it.</summary>
    [Range(0, 4096)]
    public int Threads { get; init; }
}

/// <summary>Clusters of the rows of a matrix.</summary>
/// <param name="Centroids">[Count × Dimension], row-major; unit length with spherical k-means.</param>
/// <param name="Assignments">Cluster of each row.</param>
/// <param name="Sizes">Rows in each cluster.</param>
/// <param name="Distances">Distance of each row to its centroid: Euclidean, or 1 − cos with spherical k-means.</param>
/// <param name="Inertia">Sum over rows of the squared Euclidean distance (spherical: of 1 − cos).</param>
/// <param name="Iterations">Lloyd steps taken.</param>
public sealed record KMeansResult(
    float[] Centroids, int Dimension, int[] Assignments, int[] Sizes, float[] Distances, double Inertia, int Iterations)
{
    public int Count => Sizes.Length;

    /// <summary>One centroid.</summary>
    public ReadOnlySpan<float> Centroid(int cluster) => Centroids.AsSpan(cluster * Dimension, Dimension);

    /// <summary>Row numbers by cluster, ascending in each.</summary>
    public int[][] Members()
    {
        var members = new int[Count][];
        for (var c = 0; c < Count; c++) members[c] = new int[Sizes[c]];
        var next = new int[Count];
        for (var row = 0; row < Assignments.Length; row++)
        {
            var cluster = Assignments[row];
            members[cluster][next[cluster]++] = row;
        }

        return members;
    }
}
