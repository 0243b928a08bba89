using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Onnx;
using Curator.Learning.Optimizers;
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

    [Theory]
    [InlineData(LearningMethod.Simsiam, OptimizerKind.Sgd, 1)]
    [InlineData(LearningMethod.Byol, OptimizerKind.Adamw, 1)]
    [InlineData(LearningMethod.BarlowTwins, OptimizerKind.Lars, 1)]
    [InlineData(LearningMethod.Vicreg, OptimizerKind.Adam, 1)]
    [InlineData(LearningMethod.Emp, OptimizerKind.Adamw, 1)]
    [InlineData(LearningMethod.FastSiam, OptimizerKind.Adamw, 1)]
    [InlineData(LearningMethod.Simclr, OptimizerKind.Adamw, 2)]
    public void Every_method_and_optimizer_goes_on_after_a_stop_with_the_same_bits(LearningMethod method, OptimizerKind optimizer, int accumulate)
    {
        var options = Options with { Method = method, Optimizer = optimizer, Accumulate = accumulate, Patches = 3, BatchSize = 8 / accumulate };

        Assert.Equal(Run([], options), Run([4], options));
    }

    [Theory]
    [InlineData(Architecture.SmallCnn, OptimizerKind.Adamw)]
    [InlineData(Architecture.Resnet18, OptimizerKind.Adamw)]
    [InlineData(Architecture.SmallCnn, OptimizerKind.Lars)]
    [InlineData(Architecture.SmallCnn, OptimizerKind.Sgd)]
    public void Training_in_bfloat16_goes_on_after_its_trial_steps_and_after_a_restored_checkpoint(Architecture architecture, OptimizerKind optimizer)
    {
        Assert.SkipUnless(Curator.Learning.Native.Processor.HasBFloat16, "this processor has no bfloat16");
        using var trainer = NewTrainer(Options with { Architecture = architecture, Optimizer = optimizer, Precision = TrainingPrecision.Bf16, Budget = null, Minutes = 1 });
        Assert.True(trainer.BFloat16);
        var steps = trainer.PlanSteps();
        for (var i = 0; i < 3; i++) Assert.True(double.IsFinite(trainer.Next(steps).Loss));
        trainer.Restore(trainer.Step, TensorTable.ToArrays(trainer.State()));
        Assert.True(double.IsFinite(trainer.Next(steps).Loss));
    }

    [Fact]
    public void Gradients_of_several_batches_add_up_to_their_mean()
    {
        using var scope = NewDisposeScope();
        // Plain descent without momentum on the first step: the weights' way is the rate times the gradient.
        var options = Options with { Method = LearningMethod.Simsiam, Optimizer = OptimizerKind.Sgd, WeightDecay = 0, BatchSize = 4, WarmUp = 0 };
        float[] Way(TrainOptions settings, long step)
        {
            using var trainer = NewTrainer(settings);
            trainer.Restore(step, TensorTable.ToArrays(trainer.State()));
            float[] Weights() => TensorTable.ToArrays(trainer.State().Where(pair => pair.Name == "backbone.stem_conv.weight"))[0].Values;
            var before = Weights();
            trainer.Next(1_000_000);
            return [.. Weights().Zip(before, (after, value) => after - value)];
        }

        float[] first = Way(options, 0), second = Way(options, 1), both = Way(options with { Accumulate = 2 }, 0);

        var largest = both.Max(Math.Abs);
        Assert.True(largest > 0);
        for (var i = 0; i < both.Length; i++) Assert.Equal((first[i] + second[i]) / 2, both[i], 1e-3 * largest);
    }

    [Fact]
    public void Pictures_of_any_number_of_channels_are_learned_and_exported()
    {
        using var scope = NewDisposeScope();
        const int channels = 5;
        var bytes = new byte[Images * Side * Side * channels];
        new Random(4).NextBytes(bytes);
        var pixels = new MemoryPixels(bytes, Side, channels);
        var normalisation = Normalisation.Of(pixels);
        using var trainer = new Trainer(Options with { Preset = Curator.Learning.Views.ViewPreset.Multispectral, ChannelDrop = 0.5f, EmbeddingSize = 200 }, pixels, normalisation, TimeProvider.System);

        for (var i = 0; i < 2; i++) Assert.True(double.IsFinite(trainer.Next(Steps).Loss));

        Assert.Equal((channels, 208), (trainer.Backbone.Plan.Channels, trainer.Backbone.Plan.Features));
        var whitening = Whitening.Fit(trainer.Features([.. Enumerable.Range(0, Images)]), 16);
        var model = BackboneExport.Write(trainer.Backbone, Side, normalisation.Mean, normalisation.Deviation, whitening);
        Assert.InRange(ExportCheck.Agreement(model, trainer, pixels, whitening, Side), 0.9999, 1.000001);
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
        var order = new EpochOrder(Images, Options.BatchSize!.Value, Options.Seed);
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

    // Minutes of processor time; run it with: dotnet test --project tests/Curator.Learning.Tests -c Release --explicit only
    [Fact(Explicit = true)]
    public void Ten_thousand_steps_leave_no_tensor_behind_and_the_process_grows_no_further()
    {
        const int steps = 10_000;
        using var trainer = NewTrainer(Options with { BatchSize = 4 });
        for (var i = 0; i < 100; i++) trainer.Next(steps);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var bytes = Environment.WorkingSet;

        for (var i = 100; i < steps; i++) trainer.Next(steps);

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.InRange(Environment.WorkingSet - bytes, long.MinValue, 64L << 20);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_says_so_and_leaves_the_last_one()
    {
        using var folder = new TemporaryFolder();
        NamedTensor[] tensors = [new NamedTensor("w", [2], [1, 2])];
        Checkpoint.Write(folder["c"], new string('a', 64), new Progress(1, 2, 1, 1), tensors);

        var error = Assert.Throws<Curator.Core.CheckpointException>(() => Checkpoint.Write(Path.Combine(folder["c"], "below-a-file"), new string('a', 64), new Progress(2, 2, 1, 1), tensors));

        Assert.Contains("disk space", error.NextStep, StringComparison.Ordinal);
        Assert.Equal(1, Checkpoint.TryRead(folder["c"], new string('a', 64))!.Value.Progress.Step);
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
    [InlineData(Architecture.Resnet34, 16)]
    [InlineData(Architecture.Resnet50, 16)]
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
