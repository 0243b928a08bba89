using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Supervised;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Supervised;

[Collection(TorchTests.Name)]
public sealed class FineTuningTests
{
    private const int Count = 48;

    private static readonly FineTuneOptions Options = new()
    {
        Name = "task", Architecture = Architecture.SmallCnn, Width = 16, EmbeddingSize = 16, Threads = 1, TuneEpochs = 6, TuneBatch = 8, Patience = 6, ValidationShare = 0.25,
        TuneRate = 3e-3,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Labels_of_a_self_trained_encoder_give_an_encoder_that_tells_them_apart_and_embeds()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        var source = await TrainAsync(workspace);
        var labels = await LabelsAsync(workspace);

        var report = await FineTuning.RunAsync(workspace, Options with { From = source.Name }, "bright", ["dark", "bright"], labels, null, Cancel);

        Assert.Equal("task@1", report.Encoder.Id);
        Assert.Equal(Count, report.Labels + report.ValidationLabels);
        Assert.True(report.BalancedAccuracy >= 0.8, $"balanced accuracy {report.BalancedAccuracy}");
        using var encoder = await new EncoderStore(workspace).OpenAsync(report.Encoder.Id, Cancel);
        Assert.Equal((EncoderKind.Joined, "simclr@1", "bright"), (encoder.Card.Kind, encoder.Card.Lineage!.From, encoder.Card.Lineage.Task));
        Assert.Equal(["dark", "bright"], encoder.Card.Classes);
        Assert.Superset(new HashSet<string> { "head.safetensors", "saliency.png", "metrics.jsonl" }, encoder.Card.Files.Keys.ToHashSet());
        var embedding = new float[encoder.Dimension];
        encoder.Encode(Pictures.Rgb(3, 64), 1, embedding);
        Assert.Equal(1, embedding.Sum(value => (double)value * value), 1e-5);
    }

    [Fact]
    public async Task Training_on_labels_that_is_stopped_goes_on_and_ends_with_the_same_encoder()
    {
        using var calm = new TemporaryFolder();
        await using var calmWorkspace = await NewWorkspaceAsync(calm);
        var expected = await FineTuning.RunAsync(calmWorkspace, Options, "bright", ["dark", "bright"], await LabelsAsync(calmWorkspace), null, Cancel);

        using var restless = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(restless);
        var labels = await LabelsAsync(workspace);
        foreach (var times in new[] { 2, 3 })
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => FineTuning.RunAsync(workspace, Options, "bright", ["dark", "bright"], labels, new StopAt(times, stop), stop.Token));
        }
        var actual = await FineTuning.RunAsync(workspace, Options, "bright", ["dark", "bright"], labels, null, Cancel);

        Assert.Equal(expected.Encoder.Fingerprint, actual.Encoder.Fingerprint);
        Assert.Equal((expected.Epochs, expected.Accuracy), (actual.Epochs, actual.Accuracy));
    }

    [Fact]
    public async Task Labels_of_one_class_are_refused_with_a_next_step()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        var labels = (await LabelsAsync(workspace)).Select(label => label with { Class = 0 }).ToArray();

        var error = await Assert.ThrowsAsync<WorkspaceException>(() => FineTuning.RunAsync(workspace, Options, "t", ["a", "b"], labels, null, Cancel));
        var statistics = await new EncoderStore(workspace).EnsureStatisticsAsync(Cancel);
        var noNetwork = await Assert.ThrowsAsync<WorkspaceException>(
            () => FineTuning.RunAsync(workspace, Options with { From = statistics.Id }, "t", ["a", "b"], labels, null, Cancel));

        Assert.Contains("curator label", error.NextStep, StringComparison.Ordinal);
        Assert.Contains("curator train", noNetwork.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_without_labels_can_begin_with_the_weights_of_an_encoder()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await NewWorkspaceAsync(folder);
        var first = await TrainAsync(workspace);

        var second = await Curator.Learning.Training.Training.TrainAsync(workspace, SelfTraining with { From = "simclr" }, new PoolEngine(1), null, Cancel);
        var wrong = await Assert.ThrowsAsync<CheckpointException>(
            () => Curator.Learning.Training.Training.TrainAsync(workspace, SelfTraining with { From = "simclr@1", Width = 32 }, new PoolEngine(1), null, Cancel));

        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.Equal("simclr@1", (await new EncoderStore(workspace).FindAsync(second.Id, Cancel)).Card.Lineage!.From);
        Assert.Contains("same architecture", wrong.NextStep, StringComparison.Ordinal);
    }

    private static TrainOptions SelfTraining => new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, BatchSize = 8, Projection = 16, EmbeddingSize = 16, Threads = 1, Precision = TrainingPrecision.Fp32, Budget = 32,
    };

    private static Task<EncoderRow> TrainAsync(Workspace workspace) => Curator.Learning.Training.Training.TrainAsync(workspace, SelfTraining, new PoolEngine(1), null, Cancel);

    private static async Task<Workspace> NewWorkspaceAsync(TemporaryFolder folder)
    {
        var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, Count, 64, Cancel);
        return workspace;
    }

    /// <summary>Whether the picture is brighter than the middle one.</summary>
    private static async Task<LabeledImage[]> LabelsAsync(Workspace workspace)
    {
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel));
        double[] means = [.. Enumerable.Range(0, Count).Select(i => Pictures.Rgb(i, 64).Average(value => (double)value))];
        var middle = means.Order().ElementAt(Count / 2);
        return [.. means.Select((mean, i) => new LabeledImage(new ImageId(partition.Number, i), mean >= middle ? 1 : 0))];
    }

    private sealed class StopAt(int times, CancellationTokenSource source) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Done >= times) source.Cancel();
        }
    }
}
