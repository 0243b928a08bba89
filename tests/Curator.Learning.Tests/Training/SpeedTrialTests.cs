using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Shards;
using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class SpeedTrialTests
{
    private static readonly TrainOptions Options = new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, ImageSize = 32, Projection = 16, EmbeddingSize = 16, Precision = TrainingPrecision.Fp32, JoinStatistics = false, Minutes = 2,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1.0, 0.95, 0)] // Not clearly quicker.
    [InlineData(1.0, 0.70, 1)]
    [InlineData(1.0, 1.50, 0)]
    [InlineData(1.0, double.PositiveInfinity, 0)] // Cannot be.
    public void The_default_stays_unless_another_is_clearly_quicker(double ofDefault, double ofOther, int chosen)
    {
        var trial = new Trial(100);

        var (candidate, secondsAnImage) = trial.Choose([0, 1], 1.25, _ => 1, i => (1, i == 0 ? ofDefault : ofOther));

        Assert.Equal(chosen, candidate);
        Assert.Equal(chosen == 0 ? ofDefault : ofOther, secondsAnImage);
    }

    [Fact]
    public void One_slow_moment_decides_nothing()
    {
        var times = new Queue<double>([9, 2, 1]); // The default's first time is disturbed, its second is not; the other is then far behind.

        Assert.Equal(0, new Trial(100).Choose([0, 1], 1.25, _ => 1, _ => (1, times.Dequeue())).Chosen);
        Assert.Empty(times);
    }

    [Fact]
    public void What_would_not_end_in_time_is_not_tried()
    {
        var tried = new List<int>();
        var trial = new Trial(10);

        var (chosen, _) = trial.Choose([4, 1, 40], 1.1, images => images, images =>
        {
            tried.Add(images);
            return (images, 1);
        });

        // 4 and 1, then 4 again; 40 is expected to take 40 seconds.
        Assert.Equal([4, 1, 4, 1], tried);
        Assert.Equal(4, chosen);
        Assert.Equal(0, trial.Left);
    }

    [Fact]
    public void Without_time_the_default_is_taken_untried()
    {
        var trial = new Trial(0);

        Assert.Equal(3, trial.Choose([3, 4], 1.1, _ => 1, _ => throw new InvalidOperationException("tried")).Chosen);
    }

    [Theory]
    [InlineData(LearningMethod.Simclr, 256, 100_000, new[] { 512, 128, 1024 })]
    [InlineData(LearningMethod.Simsiam, 256, 100_000, new[] { 512, 128, 1024, 64 })]
    [InlineData(LearningMethod.FastSiam, 256, 2_100, new[] { 512, 128, 64, 32 })]
    [InlineData(LearningMethod.Vicreg, 256, 300, new[] { 128 })]
    [InlineData(LearningMethod.Simclr, 40, 40, new int[0])]
    public void Batches_to_try_are_in_the_methods_range_and_leave_four_to_a_time_through_the_pictures(LearningMethod method, int given, int images, int[] expected)
    {
        Assert.Equal(expected, SpeedTrial.Batches(method, given, images));
    }

    [Fact]
    public void A_batch_that_does_not_fit_into_memory_is_halved_until_it_does()
    {
        var pixels = new MemoryPixels(Pictures.Batch(400, 32), 32);
        var need = SpeedTrial.StepBytes(Options, 3, 256);

        Assert.Equal(256, SpeedTrial.FittingBatch(Options, pixels, 2 * need));
        Assert.Equal(128, SpeedTrial.FittingBatch(Options, pixels, need));
        Assert.Equal(16, SpeedTrial.FittingBatch(Options, pixels, 1));
        // What was seen: 2.1 to 3.1 GB for a batch of 256, 13 to 14 GB for 128 that keep the resolution, weights and libraries included.
        var wide = Options with { Width = 64, ImageSize = 64, Architecture = Architecture.Resnet18 };
        Assert.InRange(SpeedTrial.StepBytes(wide, 3, 256), 2.0e9, 3.5e9);
        Assert.InRange(SpeedTrial.StepBytes(wide with { Architecture = Architecture.Resnet18Small }, 3, 128), 12e9, 17e9);
    }

    [Fact]
    public void Nothing_is_tried_for_budgets_that_repeat_exactly_for_tiny_trainings_and_where_all_is_given()
    {
        var pixels = new MemoryPixels(Pictures.Batch(40, 32), 32);
        var normalisation = Normalisation.Of(pixels);
        SpeedChoice Choice(TrainOptions options) => SpeedTrial.Run(options, pixels, normalisation, TimeProvider.System, null);
        var untried = new SpeedChoice(256, Environment.ProcessorCount, null, 0);

        Assert.Equal(untried, Choice(Options with { Minutes = null, Budget = 1_000_000 }));
        Assert.Equal(untried, Choice(Options with { Minutes = null, Epochs = 100 }));
        Assert.Equal(untried, Choice(Options with { Minutes = 1.5 }));
        Assert.Equal(untried with { BatchSize = 8, Threads = 3 }, Choice(Options with { BatchSize = 8, Threads = 3 }));
    }

    [Fact]
    public void A_trial_ends_in_time_chooses_what_is_possible_and_leaves_what_is_given()
    {
        var pixels = new MemoryPixels(Pictures.Batch(400, 32), 32);
        var normalisation = Normalisation.Of(pixels);

        var open = SpeedTrial.Run(Options, pixels, normalisation, TimeProvider.System, null);
        var given = SpeedTrial.Run(Options with { BatchSize = 20 }, pixels, normalisation, TimeProvider.System, null);

        Assert.Contains(open.BatchSize, (int[])[256, 128]);
        Assert.InRange(open.Threads, 1, Environment.ProcessorCount);
        Assert.Equal(Curator.Learning.Native.Arithmetic.Single, open.Arithmetic);
        Assert.True(open.TrialSeconds > 0);
        Assert.Equal(20, given.BatchSize);
        Assert.Equal(Options with { BatchSize = open.BatchSize, Threads = open.Threads }, open.ApplyTo(Options));
        Assert.Equal(Options with { BatchSize = 20, Threads = 1 }, open.ApplyTo(Options with { BatchSize = 20, Threads = 1 }));
    }

    [Fact]
    public async Task A_training_goes_on_with_what_its_start_chose()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, 48, 32, Cancel);
        var options = Options with { Minutes = 0.5, CheckpointSeconds = 1, EverySteps = 1 };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Curator.Learning.Training.Training.TrainAsync(workspace, options, new PoolEngine(1), new StopAtFirstStep(stop), stop.Token));

        // The checkpoint says what was chosen; here it is made to say something that this machine would not choose, shortly before the end.
        var path = Assert.Single(Directory.GetFiles(Path.Combine(folder["w"], ".work"), "last.checkpoint", SearchOption.AllDirectories));
        string fingerprint;
        using (var file = ArtefactFile.Open(path, "CKPT", 1, "curator train")) fingerprint = file.Header.Fingerprint;
        var (progress, tensors) = Checkpoint.TryRead(path, fingerprint)!.Value;
        Assert.Equal(new SpeedChoice(48, Environment.ProcessorCount, Curator.Learning.Native.Arithmetic.Single, 0), progress.Speed);
        Checkpoint.Write(path, fingerprint, progress with { Steps = progress.Step + 2, Speed = progress.Speed! with { BatchSize = 12, Threads = 1 } }, tensors);

        var row = await Curator.Learning.Training.Training.TrainAsync(workspace, options, new PoolEngine(1), null, Cancel);

        var card = (await new EncoderStore(workspace).FindAsync(row.Id, Cancel)).Card;
        var settings = card.Lineage!.Settings!.Value;
        Assert.Equal((12, 1, progress.Step + 2), ((int)card.Metrics["batchSize"], (int)card.Metrics["threads"], card.Lineage.Steps));
        Assert.Equal((12, 1), (settings.GetProperty("BatchSize").GetInt32(), settings.GetProperty("Threads").GetInt32()));
    }

    private sealed class StopAtFirstStep(CancellationTokenSource source) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Note?.Contains("images/s", StringComparison.Ordinal) == true) source.Cancel();
        }
    }
}
