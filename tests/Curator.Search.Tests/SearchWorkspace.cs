using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Manifests;

namespace Curator.Search.Tests;

/// <summary>A real project folder with manifests and embeddings, made from arrays.</summary>
internal sealed class SearchWorkspace : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private SearchWorkspace(TemporaryFolder folder, Workspace workspace, EncoderRow encoder) => (_folder, Workspace, Encoder) = (folder, workspace, encoder);

    public Workspace Workspace { get; }

    public EncoderRow Encoder { get; }

    public static async Task<SearchWorkspace> CreateAsync(int dimension)
    {
        var folder = new TemporaryFolder();
        var workspace = await Workspace.InitAsync(folder["project"], TimeProvider.System, CancellationToken.None);
        var encoder = await workspace.Catalog.AddEncoderAsync("test", Hex("encoder"), dimension, CancellationToken.None);
        return new SearchWorkspace(folder, workspace, encoder);
    }

    /// <summary>Adds images, or replaces the list of those there by a longer one with the same beginning; embeds the first <paramref name="embedded"/>.</summary>
    /// <param name="rows">[n × dimension]; a row of zeros is an absent one.</param>
    public async Task<Partition> PutAsync(
        string product, float[] rows, EmbeddingPrecision precision = EmbeddingPrecision.Half, Func<int, ImageRecord, ImageRecord>? change = null, int? embedded = null, string period = "all",
        IReadOnlyList<MetadataColumn>? free = null, string computation = "")
    {
        var partition = await Workspace.Catalog.GetOrAddPartitionAsync(product, "native", period, CancellationToken.None);
        var count = rows.Length / Encoder.Dimension;
        var fingerprint = new ManifestFingerprint();
        string? revision = null;
        var covered = embedded ?? count;
        using (var manifest = ManifestWriter.Create(Workspace.ManifestPath(partition), free))
        {
            for (var i = 0; i < count; i++)
            {
                if (i == covered) revision = fingerprint.Value;
                var record = Record(product, i);
                record = change?.Invoke(i, record) ?? record;
                manifest.Append(record);
                fingerprint.Append(record);
            }

            var (written, whole) = manifest.Commit();
            revision ??= whole;
            await Workspace.Catalog.SetManifestAsync(partition.Number, covered, revision, CancellationToken.None);
            if (covered != written) await Workspace.Catalog.SetManifestAsync(partition.Number, written, whole, CancellationToken.None);
        }

        using (var writer = EmbeddingWriter.Create(
            Workspace.EmbeddingPath(partition, Encoder.Id), covered, Encoder.Dimension, precision, EmbeddingFingerprint.Of(Encoder.Fingerprint, revision, precision, computation), computation))
        {
            writer.Append(rows.AsSpan(0, covered * Encoder.Dimension));
            writer.Commit();
        }

        return (await Workspace.Catalog.GetPartitionsAsync(CancellationToken.None)).Single(p => p.Number == partition.Number);
    }

    /// <summary>Rows as the file gives them back, for literal searches.</summary>
    public static float[] Stored(float[] rows, EmbeddingPrecision precision) =>
        precision == EmbeddingPrecision.Single ? rows : Array.ConvertAll(rows, value => (float)(Half)value);

    public async ValueTask DisposeAsync()
    {
        await Workspace.DisposeAsync();
        _folder.Dispose();
    }

    public static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    private static ImageRecord Record(string product, int row) => new()
    {
        Uri = $"/nowhere/{product}/{row}.jpg",
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
    };
}
