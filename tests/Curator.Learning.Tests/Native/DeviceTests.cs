using Curator.Core;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;
using static TorchSharp.torch;

namespace Curator.Learning.Tests.Native;

[Collection(TorchTests.Name)]
public sealed class DeviceTests
{
    private const int Side = 32;

    [Fact]
    public void Auto_is_the_processor_where_libtorch_knows_no_gpu()
    {
        Assert.SkipUnless(ComputeDevice.CudaCount == 0, "There is a GPU.");

        Assert.Equal("cpu", ComputeDevice.Resolve("auto").Name);
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_with_the_way_to_get_one()
    {
        var error = Assert.Throws<WorkspaceException>(() => ComputeDevice.Resolve("cuda:42"));

        Assert.Contains("cuda:42", error.Message, StringComparison.Ordinal);
        Assert.Contains("--device", error.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Architecture.SmallCnn, 16)]
    [InlineData(Architecture.Resnet18, 32)]
    public void The_shapes_of_a_network_are_right_in_every_arithmetic_that_is_offered(Architecture architecture, int width)
    {
        var cpu = ComputeDevice.Resolve("cpu");
        var plan = Architectures.Plan(architecture, width);

        Assert.InRange(PlanCanary.WorstError(plan, Side, cpu, Arithmetic.Single), 0, 1e-4);
        if (Processor.HasBFloat16) Assert.InRange(PlanCanary.WorstError(plan, Side, cpu, Arithmetic.BFloat16), 1e-4, PlanCanary.Tolerance(Arithmetic.BFloat16));
    }

    [Fact]
    public void All_functions_that_the_binding_calls_are_found_in_its_own_libtorch_and_most_are_missed_in_another_library()
    {
        var description = TorchRuntime.Describe();
        var binding = File.ReadAllBytes(description.ShimPath!);
        var fitting = System.Runtime.InteropServices.NativeLibrary.Load(Path.Combine(description.LibraryDirectory!, "libtorch.so"));
        var foreign = System.Runtime.InteropServices.NativeLibrary.Load("libm.so.6");

        Assert.Empty(TorchRuntime.MissingSymbols(binding, [fitting]));
        // 1,201 of its calls go to other libraries; those of the C++ runtime are not in this one either.
        Assert.InRange(TorchRuntime.MissingSymbols(binding, [foreign]).Count, 1_000, 2_000);
    }

    [Fact]
    public void The_canary_tells_a_wrong_kernel_from_rounding()
    {
        // Double precision rounded to bfloat16 on the way in is off by less than a hundredth; a lost block of channels by the whole value.
        using var scope = NewDisposeScope();
        var layer = new Layer(LayerKind.ConvolutionNorm, "probe", 1, 0, 32, 32, 3, 1, 1);

        var error = PlanCanary.ShapeError(layer, 8, ComputeDevice.Resolve("cpu"), Arithmetic.Single);

        Assert.InRange(error, 0, 1e-5);
        Assert.True(PlanCanary.Tolerance(Arithmetic.BFloat16) < 0.1);
    }

    [Fact]
    public void A_step_in_bfloat16_with_channels_last_has_nearly_the_single_precision_loss_and_leaves_finite_weights_in_the_same_layout_of_the_checkpoint()
    {
        Assert.SkipUnless(Processor.HasBFloat16, "This processor has no bfloat16 instructions.");
        using var single = NewTrainer(TrainingPrecision.Fp32);
        using var halved = NewTrainer(TrainingPrecision.Bf16);
        Assert.Equal(Arithmetic.BFloat16, halved.Arithmetic);
        var start = TensorTable.ToArrays(halved.State());
        Assert.Equal(TensorTable.ToArrays(single.State()).SelectMany(tensor => tensor.Values), start.SelectMany(tensor => tensor.Values));

        double expected = single.Next(100).Loss, actual = halved.Next(100).Loss;

        Assert.InRange(actual, expected - 0.05, expected + 0.05);
        // A checkpoint of one arithmetic continues in the other.
        single.Restore(halved.Step, TensorTable.ToArrays(halved.State()));
        Assert.Equal(
            TensorTable.ToArrays(halved.State()).SelectMany(tensor => tensor.Values), TensorTable.ToArrays(single.State()).SelectMany(tensor => tensor.Values));
    }

    private static Trainer NewTrainer(TrainingPrecision precision)
    {
        var options = new TrainOptions
        {
            Architecture = Architecture.Resnet18, Width = 16, ImageSize = Side, BatchSize = 16, Projection = 16, Threads = 1, Precision = precision, Device = "cpu", Budget = 1000,
        };
        var pixels = new MemoryPixels(Pictures.Batch(32, Side), Side);
        return new Trainer(options, pixels, Normalisation.Of(pixels), TimeProvider.System);
    }
}
