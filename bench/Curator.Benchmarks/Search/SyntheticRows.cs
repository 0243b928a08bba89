using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Curator.Core.Embeddings;

namespace Curator.Benchmarks.Search;

/// <summary>
/// Seeded vectors with the structure of embeddings: groups of clusters, each cluster spread along 24 directions of its own with falling strength, and a little noise; unit length.
/// Kept as raw single precision under the cache folder.
/// </summary>
internal static class SyntheticRows
{
    private const int Clusters = 2400;
    private const int Groups = 48;
    private const int Rank = 24;

    /// <summary>[rows × dimension]. The same seed gives the same clusters; queries use another <paramref name="draw"/>.</summary>
    public static float[] Get(string cache, int rows, int dimension, int draw)
    {
        var path = Path.Combine(cache, $"mixture2-{rows}x{dimension}-{draw}.f32");
        var values = new float[(long)rows * dimension];
        if (File.Exists(path))
        {
            using var file = File.OpenRead(path);
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        Fill(values, rows, dimension, draw);
        using (var file = File.Create(path + ".part")) file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        File.Move(path + ".part", path, overwrite: true);
        return values;
    }

    /// <summary>The rows as an embedding file, in half precision, under the cache folder.</summary>
    public static EmbeddingFile GetFile(string cache, string name, ReadOnlySpan<float> rows, int dimension)
    {
        var path = Path.Combine(cache, name + ".embeddings");
        if (!File.Exists(path))
        {
            using var writer = EmbeddingWriter.Create(path, rows.Length / dimension, dimension, EmbeddingPrecision.Half, new string('0', 64));
            const int Step = 8192;
            for (var i = 0; i < rows.Length; i += Step * dimension) writer.Append(rows.Slice(i, Math.Min(Step * dimension, rows.Length - i)));
            writer.Commit();
        }

        return EmbeddingFile.Open(path);
    }

    private static void Fill(float[] values, int rows, int dimension, int draw)
    {
        var groups = Normals(new Random(1), Groups * dimension);
        var offsets = Normals(new Random(2), Clusters * dimension);
        var directions = Normals(new Random(3), Clusters * Rank * dimension);
        const int Block = 10_000;
        Parallel.For(0, (rows + Block - 1) / Block, b =>
        {
            var random = new Random((draw * 1_000_003) + b);
            var row = new float[dimension];
            for (var i = b * Block; i < Math.Min(rows, (b + 1) * Block); i++)
            {
                var cluster = random.Next(Clusters);
                groups.AsSpan(cluster % Groups * dimension, dimension).CopyTo(row);
                TensorPrimitives.MultiplyAdd(offsets.AsSpan(cluster * dimension, dimension), 0.6f, row, row);
                for (var r = 0; r < Rank; r++)
                    TensorPrimitives.MultiplyAdd(directions.AsSpan(((cluster * Rank) + r) * dimension, dimension), 0.5f * Normal(random) / MathF.Sqrt(1 + (0.25f * r)), row, row);
                for (var j = 0; j < dimension; j++) row[j] += 0.25f * Normal(random);
                TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
                row.CopyTo(values.AsSpan(i * dimension));
            }
        });
    }

    private static float[] Normals(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = Normal(random);
        return values;
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
