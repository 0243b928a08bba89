using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Onnx;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;
using Curator.Learning.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class TrainerTests
{
    private const int Side = 32, Images = 40, Steps = 12;

    private static readonly TrainOptions Options = new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, ImageSize = Side, BatchSize = 8, Projection = 16, EmbeddingSize = 16, Threads = 1,
        Precision = TrainingPrecision.Fp32, JoinStatistics = false, Budget = Steps * 8,
    };

    [Fact]
    public void A_training_that_is_stopped_and_restored_at_any_step_ends_with_the_same_bits()
    {
        var undisturbed = Run(stops: []);

        foreach (var stops in new int[][] { [1], [5, 6], [4, 9, 11] })
            Assert.Equal(undisturbed, Run(stops));
    }

    [Fact]
    public void Other_seeds_give_other_weights()
    {
        Assert.NotEqual(Run([]), Run([], Options with { Seed = 2 }));
    }

    [Fact]
    public void Timing_steps_for_a_budget_of_minutes_leaves_no_trace()
    {
        using var trainer = NewTrainer(Options with { Budget = null, Minutes = 0.05 });
        using var other = NewTrainer(Options);
        var planned = trainer.PlanSteps();

        Assert.InRange(planned, 1, 100_000);
        Assert.Equal(Bytes(other), Bytes(trainer));
    }

    [Fact]
    public void Every_epoch_shows_every_image_once_in_another_order()
    {
        var order = new EpochOrder(Images, Options.BatchSize, Options.Seed);
        int[] Epoch(int epoch) => [.. Enumerable.Range(epoch * 5, 5).SelectMany(step => order.Of(step).ToArray())];

        Assert.Equal(Enumerable.Range(0, Images), Epoch(0).Order());
        Assert.Equal(Enumerable.Range(0, Images), Epoch(3).Order());
        Assert.NotEqual(Epoch(0), Epoch(3));
        Assert.Equal(Epoch(0), Epoch(0));
    }

    [Fact]
    public void The_number_of_live_tensors_returns_to_where_it_began_and_stays_flat_over_steps()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var trainer = NewTrainer(Options))
        {
            trainer.Next(1000);
            var afterOne = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            for (var i = 0; i < 30; i++) trainer.Next(1000);
            Assert.Equal(afterOne, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            trainer.Features([0, 1, 2]).Dispose();
            Assert.Equal(afterOne, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.InRange(DisposeScopeManager.Statistics.ThreadTotalLiveCount - before, long.MinValue, 0);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_training_with_a_next_step()
    {
        using var trainer = NewTrainer(Options with { LearningRate = 10, WarmUp = 0, Temperature = 0.01 });
        using (no_grad())
        {
            var weights = trainer.State().First(pair => pair.Name.StartsWith("backbone.", StringComparison.Ordinal)).Value;
            weights.fill_(float.NaN);
        }

        var error = Assert.Throws<Curator.Core.CheckpointException>(() => trainer.Next(10));

        Assert.Contains("learning-rate", error.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Architecture.SmallCnn, 16)]
    [InlineData(Architecture.Resnet18, 16)]
    [InlineData(Architecture.Resnet18Small, 16)]
    public void The_exported_network_gives_the_trained_networks_numbers(Architecture architecture, int width)
    {
        using var scope = NewDisposeScope();
        using var trainer = NewTrainer(Options with { Architecture = architecture, Width = width });
        for (var i = 0; i < 2; i++) trainer.Next(Steps);
        var pixels = new MemoryPixels(Pictures.Batch(Images, Side), Side);
        var normalisation = Normalisation.Of(pixels);
        var whitening = Whitening.Fit(trainer.Features([.. Enumerable.Range(0, Images)]), 16);

        var model = BackboneExport.Write(trainer.Backbone, Side, normalisation.Mean, normalisation.Deviation, whitening);

        Assert.InRange(ExportCheck.Agreement(model, trainer, pixels, whitening, Side), 0.9999, 1.000001);
    }

    [Fact]
    public void Whitened_features_have_mean_zero_and_nearly_the_unit_covariance()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var features = (randn([500, 6], generator: generator) * tensor((float[])[9, 5, 3, 2, 1, 0.5f])) + 4;

        var whitening = Whitening.Fit(features, 6, ridge: 0);

        var white = features.mm(tensor(whitening.Matrix, [6, 6]).t()) + tensor(whitening.Shift);
        Assert.True(white.mean([0]).abs().max().item<float>() < 1e-3);
        Assert.True(((white.t().mm(white) / 499) - eye(6)).abs().max().item<float>() < 1e-3);
    }

    private static byte[] Run(int[] stops, TrainOptions? options = null)
    {
        options ??= Options;
        var trainer = NewTrainer(options);
        try
        {
            while (trainer.Step < Steps)
            {
                trainer.Next(Steps);
                if (!stops.Contains((int)trainer.Step)) continue;
                // What a kill leaves: the checkpoint's bytes, and nothing in memory.
                using var folder = new TemporaryFolder();
                Checkpoint.Write(folder["c"], new string('a', 64), new Progress(trainer.Step, Steps, 1, 1), TensorTable.ToArrays(trainer.State()));
                trainer.Dispose();
                trainer = NewTrainer(options);
                var (progress, tensors) = Checkpoint.TryRead(folder["c"], new string('a', 64))!.Value;
                trainer.Restore(progress.Step, tensors);
            }
            return Bytes(trainer);
        }
        finally
        {
            trainer.Dispose();
        }
    }

    private static byte[] Bytes(Trainer trainer) => Safetensors.ToBytes(TensorTable.ToArrays(trainer.State()));

    private static Trainer NewTrainer(TrainOptions options)
    {
        var pixels = new MemoryPixels(Pictures.Batch(Images, Side), Side);
        return new Trainer(options, pixels, Normalisation.Of(pixels), TimeProvider.System);
    }
}
