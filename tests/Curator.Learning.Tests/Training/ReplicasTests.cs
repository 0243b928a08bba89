using Curator.Learning.Methods;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class ReplicasTests
{
    private const int Images = 12, Side = 32;

    [Theory]
    [InlineData(Architecture.SmallCnn, 2)]
    [InlineData(Architecture.SmallCnn, 3)]
    [InlineData(Architecture.Resnet18, 4)]
    public void Several_devices_give_the_gradient_of_one_that_counts_its_batch_norms_by_share(Architecture architecture, int devices)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var cpu = ComputeDevice.Resolve("cpu");
        var views = randn([2 * Images, 3, Side, Side], generator: generator);
        manual_seed(1);
        using var leader = new Backbone(Architectures.Plan(architecture, 16));
        using var alone = new Backbone(leader.Plan);
        TensorTable.Load(TensorTable.ToArrays(TensorTable.Of("", leader)), TensorTable.Of("", alone));
        using var replicas = new Replicas(leader, cpu, [.. Enumerable.Repeat(cpu, devices - 1)], bfloat16: false);

        var features = replicas.Forward(views, Images);
        var loss = NtXent.Loss(features, 0.2);
        loss.backward();
        replicas.Backward(features.grad!);

        // The literal way: one network, one share after the other, both views of the share's images, and one loss over all.
        var whole = zeros([2 * Images, leader.Plan.Features]);
        for (var device = 0; device < devices; device++)
        {
            int first = Images * device / devices, end = Images * (device + 1) / devices;
            var rows = tensor(Enumerable.Range(first, end - first).Concat(Enumerable.Range(Images + first, end - first)).Select(i => (long)i).ToArray());
            whole = whole.index_copy(0, rows, alone.forward(views.index_select(0, rows)));
        }
        var expected = NtXent.Loss(whole, 0.2);
        expected.backward();

        Assert.Equal(expected.item<float>(), loss.item<float>(), 1e-5f);
        foreach (var ((name, own), (_, theirs)) in leader.named_parameters().Zip(alone.named_parameters()))
        {
            var largest = theirs.grad!.abs().max().item<float>();
            Assert.True((own.grad! - theirs.grad!).abs().max().item<float>() <= (1e-4f * largest) + 1e-7f, name);
        }
    }

    [Fact]
    public void A_training_on_two_devices_keeps_their_weights_equal_and_learns()
    {
        var pixels = new MemoryPixels(Pictures.Batch(32, Side), Side);
        var options = new TrainOptions
        {
            Architecture = Architecture.SmallCnn, Width = 16, ImageSize = Side, BatchSize = 16, Projection = 16, Threads = 1, Precision = TrainingPrecision.Fp32, Device = "cpu,cpu",
            JoinStatistics = false, Budget = 160,
        };
        using var trainer = new Trainer(options, pixels, Normalisation.Of(pixels), TimeProvider.System);
        using var single = new Trainer(options with { Device = "cpu" }, pixels, Normalisation.Of(pixels), TimeProvider.System);

        var first = trainer.Next(10).Loss;
        // The same pictures, views and weights; only the batch norms count half as many.
        Assert.Equal(single.Next(10).Loss, first, 0.25);
        for (var i = 0; i < 9; i++) trainer.Next(10);
        Assert.True(trainer.Next(100).Loss < first);
    }
}
