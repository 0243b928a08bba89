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

    [Theory]
    [InlineData(3, 1, 1, 1, true)]
    [InlineData(3, 1, 1, 2, true)]
    [InlineData(3, 1, 1, 3, false)]
    [InlineData(3, 2, 1, 2, true)]
    [InlineData(3, 2, 1, 4, false)]
    [InlineData(1, 1, 0, 1, true)]
    [InlineData(1, 2, 0, 2, false)]
    [InlineData(7, 2, 3, 4, true)]
    [InlineData(7, 2, 3, 5, false)]
    public void Where_each_output_sees_each_input_a_convolution_is_one_product_equal_to_the_definition(int kernel, int stride, int padding, int side, bool whole)
    {
        var layer = new Layer(LayerKind.ConvolutionNorm, "layer", Input: 1, Second: 0, In: 16, Out: 48, kernel, stride, padding);

        Assert.Equal(whole, Convolution.Cover(layer, side) is not null);
        Assert.True(ConvolutionCanary.ShapeError(layer, side, seed: 3) < 1e-4);
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
