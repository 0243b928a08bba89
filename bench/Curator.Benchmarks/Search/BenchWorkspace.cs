using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Manifests;
using Curator.Core.Shards;
using Curator.Search.Indexes;

namespace Curator.Benchmarks.Search;

/// <summary>A project folder under the cache with given vectors, made once.</summary>
internal sealed class BenchWorkspace : IAsyncDisposable
{
    private BenchWorkspace(Workspace workspace, EncoderRow encoder) => (Workspace, Encoder) = (workspace, encoder);

    public Workspace Workspace { get; }

    public EncoderRow Encoder { get; }

    public static async Task<BenchWorkspace> OpenAsync(string path, int dimension)
    {
        var workspace = await Workspace.InitAsync(path, TimeProvider.System, CancellationToken.None);
        return new BenchWorkspace(workspace, await workspace.Catalog.AddEncoderAsync("bench", Hex("bench"), dimension, CancellationToken.None));
    }

    /// <summary>Adds a partition unless an earlier run did.</summary>
    public Task<Partition> PutAsync(string product, ReadOnlyMemory<float> rows, Func<int, DateTimeOffset>? time = null) =>
        PutAsync(product, rows.Length / Encoder.Dimension, (first, count) => rows.Slice(first * Encoder.Dimension, count * Encoder.Dimension), time);

    /// <summary>The same, reading the rows piece by piece.</summary>
    /// <param name="read">First row and count; gives [count × dimension].</param>
    public async Task<Partition> PutAsync(string product, int count, Func<int, int, ReadOnlyMemory<float>> read, Func<int, DateTimeOffset>? time = null)
    {
        const int Step = 100_000;
        var partition = await Workspace.Catalog.GetOrAddPartitionAsync(product, "native", "all", CancellationToken.None);
        if (File.Exists(Workspace.EmbeddingPath(partition, Encoder.Id))) return partition;
        string fingerprint;
        using (var manifest = ManifestWriter.Create(Workspace.ManifestPath(partition)))
        {
            for (var i = 0; i < count; i++) manifest.Append(Record(product, i, time?.Invoke(i)));
            fingerprint = manifest.Commit().Fingerprint;
        }

        await Workspace.Catalog.SetManifestAsync(partition.Number, count, fingerprint, CancellationToken.None);
        using var writer = EmbeddingWriter.Create(
            Workspace.EmbeddingPath(partition, Encoder.Id), count, Encoder.Dimension, EmbeddingPrecision.Half, EmbeddingFingerprint.Of(Encoder.Fingerprint, fingerprint, EmbeddingPrecision.Half));
        for (var first = 0; first < count; first += Step)
        {
            var rows = read(first, Math.Min(Step, count - first));
            for (var i = 0; i < rows.Length; i += 8192 * Encoder.Dimension) writer.Append(rows.Span[i..Math.Min(rows.Length, i + (8192 * Encoder.Dimension))]);
        }

        writer.Commit();
        return partition;
    }

    public Task<IndexReport> IndexAsync(IndexOptions options) =>
        Indexing.IndexAsync(Workspace, Encoder, options, new DeltaOptions(), new PoolEngine(1), null, CancellationToken.None);

    public ValueTask DisposeAsync() => Workspace.DisposeAsync();

    private static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ImageRecord Record(string product, int row, DateTimeOffset? time) => new()
    {
        Uri = $"/bench/{product}/{row}.jpg",
        Sha256 = Hex($"{product} {row}"),
        SizeBytes = 1,
        ModifiedNanoseconds = 0,
        Width = 1,
        Height = 1,
        Channels = 3,
        BitDepth = 8,
        Folder = "",
        PerceptualHash = 0,
        MeanLuma = 0,
        LumaDeviation = 0,
        NoDataShare = 0,
        TakenAt = time,
    };
}
