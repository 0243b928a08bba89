using System.Collections.Concurrent;
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
    private const int Block = 10_000;
    private static readonly ConcurrentDictionary<int, Mixture> s_mixtures = new();

    /// <summary>[rows × dimension]. The same seed gives the same clusters; queries use another <paramref name="draw"/>.</summary>
    public static float[] Get(string cache, int rows, int dimension, int draw)
    {
        var path = Path.Combine(cache, $"mixture2-{rows}x{dimension}-{draw}.f32");
        if (File.Exists(path))
        {
            var values = new float[(long)rows * dimension];
            using var file = File.OpenRead(path);
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        var drawn = Range(0, rows, dimension, draw);
        using (var file = File.Create(path + ".part")) file.Write(MemoryMarshal.AsBytes(drawn.AsSpan()));
        File.Move(path + ".part", path, overwrite: true);
        return drawn;
    }

    /// <summary>The rows as an embedding file under the cache folder.</summary>
    public static EmbeddingFile GetFile(string cache, string name, ReadOnlySpan<float> rows, int dimension, EmbeddingPrecision precision)
    {
        var path = Path.Combine(cache, name + ".embeddings");
        if (!File.Exists(path))
        {
            using var writer = EmbeddingWriter.Create(path, rows.Length / dimension, dimension, precision, new string('0', 64));
            const int Step = 8192;
            for (var i = 0; i < rows.Length; i += Step * dimension) writer.Append(rows.Slice(i, Math.Min(Step * dimension, rows.Length - i)));
            writer.Commit();
        }

        return EmbeddingFile.Open(path);
    }

    /// <summary>Some rows of the same endless sequence, without keeping anything: [count × dimension].</summary>
    public static float[] Range(int first, int count, int dimension, int draw)
    {
        var mixture = MixtureOf(dimension);
        var values = new float[(long)count * dimension];
        var blocks = Enumerable.Range(first / Block, ((first + count - 1) / Block) - (first / Block) + 1);
        Parallel.ForEach(blocks, b =>
        {
            // A block is drawn from its beginning, so that its rows are the same however the sequence is cut.
            var random = new Random((draw * 1_000_003) + b);
            var row = new float[dimension];
            for (var i = b * Block; i < Math.Min(first + count, (b + 1) * Block); i++)
            {
                var cluster = random.Next(Clusters);
                mixture.Groups.AsSpan(cluster % Groups * dimension, dimension).CopyTo(row);
                TensorPrimitives.MultiplyAdd(mixture.Offsets.AsSpan(cluster * dimension, dimension), 0.6f, row, row);
                for (var r = 0; r < Rank; r++)
                    TensorPrimitives.MultiplyAdd(mixture.Directions.AsSpan(((cluster * Rank) + r) * dimension, dimension), 0.5f * Normal(random) / MathF.Sqrt(1 + (0.25f * r)), row, row);
                for (var j = 0; j < dimension; j++) row[j] += 0.25f * Normal(random);
                if (i < first) continue;
                TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
                row.CopyTo(values.AsSpan((i - first) * dimension));
            }
        });
        return values;
    }

    private static Mixture MixtureOf(int dimension) => s_mixtures.GetOrAdd(
        dimension, d => new Mixture(Normals(new Random(1), Groups * d), Normals(new Random(2), Clusters * d), Normals(new Random(3), Clusters * Rank * d)));

    private static float[] Normals(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = Normal(random);
        return values;
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    /// <summary>Centres of groups, offsets of clusters in them, and the directions along which each cluster is spread.</summary>
    private sealed record Mixture(float[] Groups, float[] Offsets, float[] Directions);
}
