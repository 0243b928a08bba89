using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Training;

/// <summary>A real file system that is really full.</summary>
[Collection(TorchTests.Name)]
public sealed class DiskFullTests
{
    private const int Count = 48, Batch = 8, Steps = 12;

    private static readonly TrainOptions Options = new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, BatchSize = Batch, Projection = 16, EmbeddingSize = 16, Threads = 1, Precision = TrainingPrecision.Fp32, Budget = Steps * Batch,
        EverySteps = 1,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_training_on_a_full_disk_says_so_keeps_its_last_good_checkpoint_and_ends_with_the_same_bits_when_there_is_room()
    {
        using var calm = new TemporaryFolder();
        await using var calmWorkspace = await NewWorkspaceAsync(calm);
        var expected = await Curator.Learning.Training.Training.TrainAsync(calmWorkspace, Options, new PoolEngine(1), null, Cancel);
        using var disk = SmallDisk.Mount(mebibytes: 32);
        await using var workspace = await NewWorkspaceAsync(disk.Folder);

        var filling = new AtImages(6 * Batch, disk.Fill);
        var error = await Assert.ThrowsAsync<CheckpointException>(() => Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), filling, Cancel));
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Contains("Free some disk space", error.NextStep, StringComparison.Ordinal);
        var path = Assert.Single(Directory.GetFiles(disk.Folder["w/.work"], "last.checkpoint", SearchOption.AllDirectories));
        Assert.Equal(5, Step(path));
        Assert.Empty(Directory.GetFiles(disk.Folder["w/.work"], "*.tmp", SearchOption.AllDirectories));

        // Still full: the same answer, and the same checkpoint.
        await Assert.ThrowsAnyAsync<CuratorException>(() => Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel));
        Assert.Equal(5, Step(path));

        disk.MakeRoom();
        var seen = new AtImages(1, () => { });
        var actual = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), seen, Cancel);
        Assert.Equal(6 * Batch, seen.First);
        Assert.Equal(expected.Fingerprint, actual.Fingerprint);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(calmWorkspace.EncoderDirectory(expected.Id), "weights.safetensors")),
            File.ReadAllBytes(Path.Combine(workspace.EncoderDirectory(actual.Id), "weights.safetensors")));
    }

    [Fact]
    public async Task An_embedding_on_a_full_disk_says_so_and_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(mebibytes: 24);
        await using var workspace = await NewWorkspaceAsync(disk.Folder);
        var options = new EmbedOptions { Encoder = "statistics" };
        await new Curator.Learning.Encoders.EncoderStore(workspace).EnsureStatisticsAsync(Cancel);

        // When all is computed, before a row is written.
        var filling = new AtImages(Count, disk.Fill);
        var error = await Assert.ThrowsAsync<EmbeddingStoreException>(() => Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, options, new PoolEngine(1), filling, Cancel));
        Assert.Contains("Free some disk space", error.NextStep, StringComparison.Ordinal);

        disk.MakeRoom();
        var report = await Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, options, new PoolEngine(1), null, Cancel);
        Assert.Equal((Count, Count), (report.Rows, report.Embedded));
    }

    private static long Step(string path)
    {
        string fingerprint;
        using (var file = ArtefactFile.Open(path, "CKPT", 1, "curator train")) fingerprint = file.Header.Fingerprint;
        return Checkpoint.TryRead(path, fingerprint)!.Value.Progress.Step;
    }

    private static async Task<Workspace> NewWorkspaceAsync(TemporaryFolder folder)
    {
        var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, Count, 64, Cancel);
        return workspace;
    }

    /// <summary>Does something once when so many images are done.</summary>
    private sealed class AtImages(long images, Action act) : IProgress<StageProgress>
    {
        private bool _done;

        /// <summary>The first number of images above 0 that was told.</summary>
        public long First { get; private set; }

        public void Report(StageProgress value)
        {
            if (value.Unit != "images") return;
            if (First == 0) First = value.Done;
            if (_done || value.Done < images) return;
            _done = true;
            act();
        }
    }
}
