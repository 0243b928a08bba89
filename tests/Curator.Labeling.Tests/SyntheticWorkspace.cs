using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;
using Curator.Labeling.Labelers;

namespace Curator.Labeling.Tests;

/// <summary>A real workspace in a temporary folder whose images are the rows of a <see cref="Mixture"/>, in one or more partitions, with small files of their own.</summary>
internal sealed class SyntheticWorkspace : IAsyncDisposable
{
    /// <summary>Pixels; rows of a bitmap are multiples of four bytes.</summary>
    private const int Side = 4;

    private readonly TemporaryFolder _folder = new();

    private SyntheticWorkspace(Mixture data) => Data = data;

    public Workspace Workspace { get; private set; } = null!;

    public LabelingTask Task { get; private set; } = null!;

    public Mixture Data { get; }

    public Truth Truth { get; private set; } = null!;

    public string this[string relative] => _folder[relative];

    public string Root => _folder["project"];

    /// <summary>Embedding of a positive image.</summary>
    public float[] Example => Data.Row(Array.IndexOf(Data.Labels, 0)).ToArray();

    public List<ImageId> Images { get; } = [];

    public static async Task<SyntheticWorkspace> MakeAsync(Mixture data, int partitions = 1, bool files = false, EmbeddingPrecision precision = EmbeddingPrecision.Single, string[]? classes = null, TimeProvider? clock = null,
        string computation = "")
    {
        var made = new SyntheticWorkspace(data);
        var token = TestContext.Current.CancellationToken;
        var workspace = made.Workspace = await Workspace.InitAsync(made.Root, clock ?? TimeProvider.System, token);
        var encoder = await workspace.Catalog.AddEncoderAsync("mix", Hash("encoder"), data.Dimension, token);
        var truth = new Dictionary<ImageId, int>();
        for (var p = 0; p < partitions; p++)
        {
            var partition = await workspace.Catalog.GetOrAddPartitionAsync("mixture", "native", $"p{p}", token);
            var rows = Enumerable.Range(0, data.Count).Where(i => i % partitions == p).ToList();
            using (var manifest = ManifestWriter.Create(workspace.ManifestPath(partition)))
            {
                foreach (var i in rows)
                {
                    var id = new ImageId(partition.Number, made.Images.Count(m => m.Partition == partition.Number));
                    made.Images.Add(id);
                    truth[id] = data.Labels[i];
                    manifest.Append(made.Record(i, files));
                }
                var (count, fingerprint) = manifest.Commit();
                await workspace.Catalog.SetManifestAsync(partition.Number, count, fingerprint, token);
                using var embeddings = EmbeddingWriter.Create(
                    workspace.EmbeddingPath(partition, encoder.Id), count, data.Dimension, precision, EmbeddingFingerprint.Of(encoder.Fingerprint, fingerprint, precision, computation), computation);
                foreach (var i in rows) embeddings.Append(data.Row(i));
                embeddings.Commit();
            }
        }
        made.Truth = Truth.Of(truth);
        made.Task = await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask("rare", "Is it rare?", classes ?? ["yes", "no"], null, encoder.Id, "Look closely.", DateTimeOffset.UnixEpoch), token);
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await Workspace.DisposeAsync();
        _folder.Dispose();
    }

    public async Task AnswerAsync(ImageId image, string? value, string person = "ann")
    {
        var kind = value is null ? LabelEventKind.Unsure : LabelEventKind.Label;
        await Workspace.Labels.AppendAsync(
            new NewLabelEvent($"{person}-{image}-{value}", Task.Name, image, person, "s", kind, value), TestContext.Current.CancellationToken);
    }

    private ImageRecord Record(int i, bool files)
    {
        var folder = i % 2 == 0 ? "even" : "odd";
        var path = this[$"images/{(Data.Labels[i] == 0 ? "Rare" : "Common")}/{folder}/tile{i / 2}.jpg"];
        var picture = Picture(i);
        if (files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, picture);
        }
        return new ImageRecord
        {
            Uri = path,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(picture)),
            SizeBytes = picture.Length,
            ModifiedNanoseconds = 1,
            Width = Side,
            Height = Side,
            Channels = 3,
            BitDepth = 8,
            Folder = $"{(Data.Labels[i] == 0 ? "Rare" : "Common")}/{folder}",
            PerceptualHash = (ulong)i,
            MeanLuma = 100,
            LumaDeviation = 20,
            NoDataShare = 0,
            TakenAt = i % 3 == 0 ? DateTimeOffset.UnixEpoch.AddDays(i) : null,
            Footprint = i % 3 != 0 ? null : i == 0 ? new BoundingBox(-1.5, 179.875, 1.5, -179.875) : new BoundingBox(-1.5, i % 340 - 170, 1.5, i % 340 - 169.75),
        };
    }

    /// <summary>A bitmap of one colour that tells the number; its bytes are ASCII where they differ.</summary>
    private static byte[] Picture(int i)
    {
        var pixels = Enumerable.Repeat(new[] { (byte)(i & 63), (byte)(i >> 6 & 63), (byte)(i >> 12) }, Side * Side).SelectMany(p => p).ToArray();
        var bytes = new byte[54 + pixels.Length];
        "BM"u8.CopyTo(bytes);
        foreach (var (at, value) in ((int, int)[])[(2, bytes.Length), (10, 54), (14, 40), (18, Side), (22, Side), (26, 24 << 16 | 1), (34, pixels.Length)])
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        pixels.CopyTo(bytes, 54);
        return bytes;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
