using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;

namespace Curator.Learning.Tests.Native;

[Collection(TorchTests.Name)]
public sealed class ConvolutionTests
{
    [Theory]
    [InlineData(Architecture.SmallCnn, 16, 64)]
    [InlineData(Architecture.SmallCnn, 32, 32)]
    [InlineData(Architecture.Resnet18, 16, 64)]
    [InlineData(Architecture.Resnet18, 32, 32)]
    [InlineData(Architecture.Resnet18Small, 16, 16)]
    public void Every_convolution_and_its_gradients_equal_the_definition_in_double_precision(Architecture architecture, int width, int imageSize)
    {
        foreach (var (layer, side) in Architectures.Plan(architecture, width).Convolutions(imageSize))
            Assert.True(
                ConvolutionCanary.ShapeError(layer, side, seed: side + layer.Out) < 1e-4,
                $"{layer.In}→{layer.Out}, kernel {layer.Kernel}, stride {layer.Stride} at {side}×{side} is wrong.");
    }

    [Fact]
    public void A_literal_convolution_of_a_known_picture_has_the_known_result()
    {
        float[] input = [1, 2, 3, 4, 5, 6, 7, 8, 9], kernel = [0, 1, 0, 1, -4, 1, 0, 1, 0];

        var output = LiteralConvolution.Forward(input, kernel, 1, 1, 3, 1, 3, 1, 1);

        // Laplacian of a plane with zeros around it; worked by hand.
        Assert.Equal([2, 1, -4, -3, 0, -7, -16, -11, -22], output);
    }

    [Fact]
    public void The_description_names_libraries_threads_and_the_canary()
    {
        var description = TorchRuntime.Describe();

        Assert.True(description.Available, description.Problem);
        Assert.True(File.Exists(Path.Combine(description.LibraryDirectory!, "libtorch_cpu.so")));
        Assert.True(File.Exists(description.ShimPath));
        Assert.Equal(1, description.Threads);
        Assert.StartsWith("right", description.Canary, StringComparison.Ordinal);
    }
}
