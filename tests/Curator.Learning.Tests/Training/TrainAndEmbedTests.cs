using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class TrainAndEmbedTests
{
    private const int Count = 48;

    private static readonly TrainOptions Options = new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, BatchSize = 8, Projection = 16, EmbeddingSize = 16, Threads = 1,
        Precision = TrainingPrecision.Fp32, Budget = 12 * 8,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_is_trained_embedded_and_queried_by_picture()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);

        var encoder = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel);
        var report = await Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, new EmbedOptions(), new PoolEngine(1), null, Cancel);

        Assert.Equal("simclr@1", encoder.Id);
        Assert.Equal((Count, Count, 0L, 0L), (report.Rows, report.Embedded, report.Reused, report.Absent));
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
        var expected = EmbeddingFingerprint.Of(encoder.Fingerprint, partition.Fingerprint, EmbeddingPrecision.Half);
        using var file = EmbeddingFile.Open(workspace.EmbeddingPath(partition, encoder.Id), "curator embed", expected);
        using var opened = await new EncoderStore(workspace).OpenAsync(null, Cancel);
        Assert.Equal(EncoderKind.Joined, opened.Card.Kind);
        Assert.Equal(16 + 328, opened.Dimension);
        Assert.True(opened.Card.Metrics["onnxAgreement"] > 0.9999);

        // The picture itself is the nearest to the query.
        using var manifest = workspace.OpenManifest(partition);
        var query = await PictureQuery.EncodeAsync(opened, manifest[7].Uri, Cancel);
        Assert.Equal(1, query.Sum(value => (double)value * value), 1e-5);
        var rows = new float[Count * opened.Dimension];
        file.Read(0, rows);
        var scores = Enumerable.Range(0, Count).Select(row => query.Zip(rows.Skip(row * query.Length), (a, b) => (double)a * b).Sum()).ToArray();
        Assert.Equal(7, Array.IndexOf(scores, scores.Max()));
        Assert.Equal(1, scores[7], 2e-3);
    }

    [Fact]
    public async Task A_training_that_is_cancelled_again_and_again_ends_with_the_same_encoder()
    {
        using var calm = new TemporaryFolder();
        await using var calmWorkspace = await NewWorkspaceAsync(calm);
        var expected = await Curator.Learning.Training.Training.TrainAsync(calmWorkspace, Options, new PoolEngine(1), null, Cancel);

        using var restless = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(restless);
        var interruptions = 0;
        Core.Catalogs.EncoderRow? actual = null;
        for (var units = 10L; actual is null; units += 17)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            try
            {
                actual = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), new StopAt(units, stop), stop.Token);
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }
        }

        Assert.True(interruptions > 1, $"only {interruptions} interruptions");
        Assert.Equal(expected.Fingerprint, actual.Fingerprint);
        Assert.Equal(File.ReadAllBytes(Weights(calmWorkspace, expected.Id)), File.ReadAllBytes(Weights(workspace, actual.Id)));
    }

    [Fact]
    public async Task A_finished_training_with_the_same_options_and_images_is_not_done_again()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        var first = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel);
        var card = File.GetLastWriteTimeUtc(Path.Combine(workspace.EncoderDirectory(first.Id), EncoderCard.FileName));

        var again = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel);
        var other = await Curator.Learning.Training.Training.TrainAsync(workspace, Options with { Seed = 5 }, new PoolEngine(1), null, Cancel);

        Assert.Equal(first.Id, again.Id);
        Assert.Equal(card, File.GetLastWriteTimeUtc(Path.Combine(workspace.EncoderDirectory(first.Id), EncoderCard.FileName)));
        Assert.Equal("simclr@2", other.Id);
    }

    [Fact]
    public async Task An_opened_encoder_gives_the_same_bits_on_many_threads_and_in_any_batch_and_a_changed_byte_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        var row = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel);
        var store = new EncoderStore(workspace);
        var pixels = Pictures.Batch(70, 64);
        using (var encoder = await store.OpenAsync(row.Id, Cancel))
        {
            var together = new float[70 * encoder.Dimension];
            encoder.Encode(pixels, 70, together);
            var apart = new float[together.Length];
            Parallel.For(0, 70, i => encoder.Encode(pixels.AsSpan(i * 64 * 64 * 3, 64 * 64 * 3), 1, apart.AsSpan(i * encoder.Dimension, encoder.Dimension)));
            Assert.Equal(together, apart);
        }

        var model = Path.Combine(workspace.EncoderDirectory(row.Id), OnnxEncoder.FileName);
        var bytes = File.ReadAllBytes(model);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(model, bytes);
        var error = await Assert.ThrowsAsync<CheckpointException>(() => store.OpenAsync(row.Id, Cancel));
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_workspace_and_contradictory_budgets_are_refused_with_a_next_step()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);

        var empty = await Assert.ThrowsAsync<WorkspaceException>(() => Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel));
        var budgets = await Assert.ThrowsAsync<WorkspaceException>(
            () => Curator.Learning.Training.Training.TrainAsync(workspace, Options with { Epochs = 1 }, new PoolEngine(1), null, Cancel));

        Assert.Contains("curator add", empty.NextStep, StringComparison.Ordinal);
        Assert.Contains("--budget", budgets.NextStep, StringComparison.Ordinal);
    }

    private static string Weights(Workspace workspace, string encoder) => Path.Combine(workspace.EncoderDirectory(encoder), "weights.safetensors");

    private static async Task<Workspace> NewWorkspaceAsync(TemporaryFolder folder)
    {
        var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, Count, 64, Cancel);
        return workspace;
    }

    private sealed class StopAt(long units, CancellationTokenSource source) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Unit == "images" && value.Done >= units && value.Done < value.Total) source.Cancel();
        }
    }
}
