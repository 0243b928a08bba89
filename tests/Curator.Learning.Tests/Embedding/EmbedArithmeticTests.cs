using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Embedding;

[Collection(TorchTests.Name)]
public sealed class EmbedArithmeticTests
{
    private static readonly EmbedOptions Halved = new() { Arithmetic = EmbedArithmetic.Bf16 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_in_bfloat16_has_the_same_bytes_on_one_thread_on_two_and_after_interruptions()
    {
        Assert.SkipUnless(Processor.HasBFloat16, "This processor has no bfloat16 instructions.");
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, 4096 + 70);
        await EmbedAsync(workspace, Halved with { Threads = 1 });
        var path = await PathAsync(workspace);
        var expected = File.ReadAllBytes(path);

        File.Delete(path);
        await EmbedAsync(workspace, Halved with { Threads = 2 }, new PoolEngine(2));
        Assert.Equal(expected, File.ReadAllBytes(path));

        File.Delete(path);
        var interruptions = 0;
        for (var units = 1L; !File.Exists(path); units += 4096)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            try
            {
                await Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, Halved, new PoolEngine(1), new StopAt(units, stop), stop.Token);
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }
        }
        Assert.True(interruptions > 0);
        Assert.Equal(expected, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task Another_arithmetic_makes_the_file_anew_and_back_again_with_the_same_bytes()
    {
        Assert.SkipUnless(Processor.HasBFloat16, "This processor has no bfloat16 instructions.");
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, 40);
        await EmbedAsync(workspace, new EmbedOptions());
        var path = await PathAsync(workspace);
        var single = File.ReadAllBytes(path);

        Assert.Equal(40, (await EmbedAsync(workspace, Halved)).Embedded);
        using (var file = EmbeddingFile.Open(path))
        {
            Assert.Equal("bf16-cpu", file.Computation);
            var encoder = await workspace.Catalog.GetEncoderAsync(null, Cancel);
            var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
            Assert.Equal(EmbeddingFingerprint.Of(encoder.Fingerprint, partition.Fingerprint, EmbeddingPrecision.Half, "bf16-cpu"), file.Fingerprint);
        }
        Assert.Equal(0, (await EmbedAsync(workspace, Halved)).Embedded);

        Assert.Equal(40, (await EmbedAsync(workspace, new EmbedOptions { Arithmetic = EmbedArithmetic.Fp32 })).Embedded);
        Assert.Equal(single, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task The_training_free_encoder_has_no_network_and_the_same_rows_in_every_arithmetic()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder, 20);
        await EmbedAsync(workspace, new EmbedOptions());

        Assert.Equal(0, (await EmbedAsync(workspace, Halved)).Embedded);
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_refused_before_a_shard_is_planned()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, 20);

        var error = await Assert.ThrowsAsync<WorkspaceException>(() => EmbedAsync(workspace, new EmbedOptions { Device = "cuda:42" }));

        Assert.Contains("cuda:42", error.Message, StringComparison.Ordinal);
        Assert.Contains("--device", error.NextStep, StringComparison.Ordinal);
        Assert.Empty(await workspace.Catalog.GetShardsAsync(EmbedStage.StageName, "", Cancel));
    }

    [Theory]
    [InlineData("cpu", EmbedArithmetic.Bf16)]
    [InlineData("cuda", EmbedArithmetic.Auto)]
    public async Task A_network_that_was_not_trained_here_is_refused_in_other_arithmetic(string device, EmbedArithmetic arithmetic)
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await TrainedAsync(folder, 20);
        var own = (await new EncoderStore(workspace).FindAsync(null, Cancel)).Card;
        var foreign = own with { Kind = EncoderKind.Foreign, Architecture = "", Files = new Dictionary<string, string>() };

        var error = Assert.Throws<WorkspaceException>(() => NetworkComputation.Of(device, arithmetic)!.For(foreign));

        Assert.Contains("not trained here", error.Message, StringComparison.Ordinal);
        Assert.Contains("--arithmetic", error.NextStep, StringComparison.Ordinal);
    }

    private static Task<EmbedReport> EmbedAsync(Workspace workspace, EmbedOptions options, IShardEngine? engine = null) =>
        Curator.Learning.Embedding.Embedding.EmbedAsync(workspace, options, engine ?? new PoolEngine(1), null, Cancel);

    private static async Task<string> PathAsync(Workspace workspace) => workspace.EmbeddingPath(Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel)), "simclr@1");

    private static async Task<Workspace> NewWorkspaceAsync(TemporaryFolder folder, int count)
    {
        var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, count, count > 1000 ? 8 : 64, Cancel);
        return workspace;
    }

    private static async Task<Workspace> TrainedAsync(TemporaryFolder folder, int count)
    {
        var workspace = await NewWorkspaceAsync(folder, count);
        var options = new TrainOptions
        {
            Architecture = Architecture.SmallCnn, Width = 16, BatchSize = 8, Projection = 16, EmbeddingSize = 16, Threads = 1, Precision = TrainingPrecision.Fp32, Budget = 6 * 8, Pool = 64,
        };
        await Learning.Training.Training.TrainAsync(workspace, options, new PoolEngine(1), null, Cancel);
        return workspace;
    }

    private sealed class StopAt(long units, CancellationTokenSource source) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Done >= units && value.Done < value.Total) source.Cancel();
        }
    }
}
