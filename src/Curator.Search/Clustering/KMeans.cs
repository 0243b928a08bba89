using System.Numerics.Tensors;
using Curator.Search.Kernels;

namespace Curator.Search.Clustering;

/// <summary>
/// k-means: k-means++ seeding (Arthur and Vassilvitskii 2007), Lloyd's steps, repair of empty clusters by splitting the largest.
/// O(iterations · samples · clusters · dimension) time; beside the rows it holds one copy of the sample.
/// </summary>
public static class KMeans
{
    /// <summary>Rows a cluster that the seeding looks at: its cost is linear in them, and Lloyd's steps see the whole sample.</summary>
    private const int SeedingRowsPerCluster = 24;

    /// <summary>Trains centroids on a sample and assigns every row.</summary>
    /// <param name="rows">[n × dimension], row-major, finite, at least one row.</param>
    public static KMeansResult Run(ReadOnlyMemory<float> rows, int dimension, KMeansOptions options, CancellationToken cancellationToken)
    {
        var (centroids, steps) = Train(rows, dimension, options, cancellationToken);
        var count = rows.Length / dimension;
        var assignments = new int[count];
        var distances = new float[count];
        var sizes = new int[centroids.Length / dimension];
        new CentroidAssigner(centroids, dimension, options.Spherical).Assign(rows, assignments, distances, options.Threads, cancellationToken);
        ToDistances(rows, dimension, centroids, assignments, distances, options, cancellationToken);
        double inertia = 0;
        for (var i = 0; i < count; i++)
        {
            sizes[assignments[i]]++;
            inertia += options.Spherical ? distances[i] : (double)distances[i] * distances[i];
        }

        return new KMeansResult(centroids, dimension, assignments, sizes, distances, inertia, steps);
    }

    /// <summary>Trains centroids only, on a sample of the rows.</summary>
    /// <param name="rows">[n × dimension], row-major, finite, at least one row.</param>
    /// <returns>[min(clusters, n) × dimension] and the Lloyd steps taken.</returns>
    public static (float[] Centroids, int Iterations) Train(ReadOnlyMemory<float> rows, int dimension, KMeansOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Clusters);
        var count = RowBlocks.Count(rows.Length, dimension, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfZero(count, nameof(rows));
        var clusters = Math.Min(options.Clusters, count);
        var random = new Random(options.Seed);
        var sample = Sample(rows, dimension, options.SamplesPerCluster == 0 ? count : (int)Math.Min(count, (long)clusters * options.SamplesPerCluster), random);
        if (options.Spherical) NormaliseRows(sample, dimension);
        var centroids = Seed(sample, dimension, clusters, random, options.Threads, cancellationToken);
        if (options.Spherical) NormaliseRows(centroids, dimension);

        var n = sample.Length / dimension;
        var assignments = new int[n];
        var scores = new float[n];
        var squares = TensorPrimitives.SumOfSquares<float>(sample);
        var previous = double.PositiveInfinity;
        var step = 0;
        while (step < options.Iterations)
        {
            step++;
            new CentroidAssigner(centroids, dimension, options.Spherical).Assign(sample, assignments, scores, options.Threads, cancellationToken);
            var inertia = options.Spherical ? n - Sum(scores) : squares - (2 * Sum(scores));
            Update(sample, dimension, assignments, centroids, options.Threads, cancellationToken);
            if (options.Spherical) NormaliseRows(centroids, dimension);
            if (previous - inertia <= options.Tolerance * Math.Abs(inertia)) break;
            previous = inertia;
        }

        return (centroids, step);
    }

    /// <summary>Number and distance of the nearest centroid of each row.</summary>
    /// <param name="centroids">[k × dimension], row-major.</param>
    /// <param name="assignments">One entry a row.</param>
    /// <param name="distances">One entry a row: Euclidean, or 1 − cos when <see cref="KMeansOptions.Spherical"/>.</param>
    public static void Assign(
        ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<float> centroids, Memory<int> assignments, Memory<float> distances, KMeansOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        new CentroidAssigner(centroids.Span, dimension, options.Spherical).Assign(rows, assignments, distances, options.Threads, cancellationToken);
        ToDistances(rows, dimension, centroids, assignments, distances, options, cancellationToken);
    }

    /// <summary>Every stride-th row with a random offset inside its stride: an even sample of rows that may be sorted by place or class.</summary>
    private static float[] Sample(ReadOnlyMemory<float> rows, int dimension, int size, Random random)
    {
        var count = rows.Length / dimension;
        var sample = new float[(long)size * dimension];
        for (var i = 0; i < size; i++)
        {
            var from = (long)i * count / size;
            var to = (long)(i + 1) * count / size;
            var row = size == count ? i : (int)random.NextInt64(from, to);
            rows.Span.Slice(row * dimension, dimension).CopyTo(sample.AsSpan(i * dimension));
        }

        return sample;
    }

    /// <summary>k-means++: each next centroid is a row drawn with probability proportional to its squared distance from those drawn before.</summary>
    private static unsafe float[] Seed(float[] sample, int dimension, int clusters, Random random, int threads, CancellationToken cancellationToken)
    {
        var n = sample.Length / dimension;
        var size = (int)Math.Min(n, Math.Max((long)clusters * SeedingRowsPerCluster, 1024));
        var rows = size == n ? sample : Sample(sample, dimension, size, random);
        var centroids = new float[(long)clusters * dimension];
        var nearest = new float[size];
        Array.Fill(nearest, float.PositiveInfinity);
        var drawn = random.Next(size);
        for (var c = 0; ; c++)
        {
            var centroid = centroids.AsMemory(c * dimension, dimension);
            rows.AsSpan(drawn * dimension, dimension).CopyTo(centroid.Span);
            if (c + 1 == clusters) return centroids;
            RowBlocks.Run(size, 16_384, threads, (first, count) =>
            {
                fixed (float* x = rows, latest = centroid.Span)
                    for (var i = first; i < first + count; i++)
                        nearest[i] = Math.Min(nearest[i], RowKernels.SquaredDistance(x + ((long)i * dimension), latest, dimension));
            }, cancellationToken);
            drawn = Draw(nearest, random);
        }
    }

    /// <summary>An index with probability proportional to its weight; any index when all weights are zero (more clusters than different rows).</summary>
    private static int Draw(float[] weights, Random random)
    {
        var total = Sum(weights);
        if (!(total > 0)) return random.Next(weights.Length);
        var target = random.NextDouble() * total;
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0) continue;
            last = i;
            target -= weights[i];
            if (target < 0) return i;
        }

        return last;
    }

    /// <summary>
    /// Centroids become the means of their rows. Rows are first ordered by cluster, so that clusters can be summed on any number of threads in row order.
    /// An empty cluster takes half of the largest one: a copy of its centroid, both moved apart by a little; the next assignment splits the rows.
    /// </summary>
    private static void Update(float[] rows, int dimension, int[] assignments, float[] centroids, int threads, CancellationToken cancellationToken)
    {
        var clusters = centroids.Length / dimension;
        var starts = new int[clusters + 1];
        foreach (var cluster in assignments) starts[cluster + 1]++;
        for (var c = 0; c < clusters; c++) starts[c + 1] += starts[c];
        var order = new int[assignments.Length];
        var next = starts.AsSpan(0, clusters).ToArray();
        for (var row = 0; row < assignments.Length; row++) order[next[assignments[row]]++] = row;

        RowBlocks.Run(clusters, 16, threads, (first, count) =>
        {
            for (var c = first; c < first + count; c++)
            {
                var size = starts[c + 1] - starts[c];
                if (size == 0) continue;
                var centroid = centroids.AsSpan(c * dimension, dimension);
                centroid.Clear();
                for (var i = starts[c]; i < starts[c + 1]; i++)
                    TensorPrimitives.Add(centroid, rows.AsSpan(order[i] * dimension, dimension), centroid);
                TensorPrimitives.Multiply(centroid, 1f / size, centroid);
            }
        }, cancellationToken);
        RepairEmpty(centroids, dimension, starts);
    }

    private static void RepairEmpty(float[] centroids, int dimension, int[] starts)
    {
        const float Apart = 1f / 1024;
        var clusters = starts.Length - 1;
        var sizes = new int[clusters];
        for (var c = 0; c < clusters; c++) sizes[c] = starts[c + 1] - starts[c];
        for (var c = 0; c < clusters; c++)
        {
            if (sizes[c] != 0) continue;
            var largest = Array.IndexOf(sizes, sizes.Max());
            if (sizes[largest] < 2) return;
            var full = centroids.AsSpan(largest * dimension, dimension);
            var empty = centroids.AsSpan(c * dimension, dimension);
            for (var j = 0; j < dimension; j++)
            {
                var sign = (j & 1) == 0 ? Apart : -Apart;
                empty[j] = full[j] * (1 + sign);
                full[j] *= 1 - sign;
            }

            sizes[c] = sizes[largest] / 2;
            sizes[largest] -= sizes[c];
        }
    }

    private static unsafe void ToDistances(
        ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<float> centroids, Memory<int> assignments, Memory<float> distances, KMeansOptions options, CancellationToken cancellationToken) =>
        RowBlocks.Run(rows.Length / dimension, 4096, options.Threads, (first, count) =>
        {
            fixed (float* x = rows.Span, c = centroids.Span)
            {
                for (var i = first; i < first + count; i++)
                {
                    float* row = x + ((long)i * dimension), centroid = c + ((long)assignments.Span[i] * dimension);
                    distances.Span[i] = options.Spherical
                        ? CosineDistance(row, centroid, dimension)
                        : MathF.Sqrt(RowKernels.SquaredDistance(row, centroid, dimension));
                }
            }
        }, cancellationToken);

    private static unsafe float CosineDistance(float* row, float* unit, int dimension)
    {
        var (dot, square) = RowKernels.DotAndSquare(row, unit, dimension);
        return square > 0 ? Math.Clamp(1 - (dot / MathF.Sqrt(square)), 0, 2) : 1;
    }

    private static void NormaliseRows(float[] rows, int dimension)
    {
        for (var i = 0; i < rows.Length; i += dimension)
            Vectors.Normalise(rows.AsSpan(i, dimension));
    }

    /// <summary>In double precision: a single-precision sum of a million terms would stop Lloyd's steps at random.</summary>
    private static double Sum(float[] values)
    {
        double sum = 0;
        foreach (var value in values) sum += value;
        return sum;
    }
}
