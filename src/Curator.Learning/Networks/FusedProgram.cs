using System.Text;
using Curator.Learning.Native;

namespace Curator.Learning.Networks;

/// <summary>
/// A network as a TorchScript program of oneDNN's convolutions that end with the ReLU, or with the sum of a residual block and its ReLU: a pass over memory for each of these is saved. Convolutions without
/// padding are matrix products, as in training (<see cref="Networks.Convolution"/>). The operations are those that PyTorch's own compiler writes for inference on a processor (pytorch,
/// <c>aten/src/ATen/native/mkldnn/RegisterMkldnnOpContextClass.cpp</c>).
/// </summary>
internal sealed class FusedProgram
{
    /// <summary>(weights of all convolutions) → the same in the order of numbers that oneDNN wants for this batch.</summary>
    public const string Pack = "pack";

    /// <summary>(pictures, weights and biases by turns) → features in single precision.</summary>
    public const string Forward = "forward";

    private const string NoNumbers = "annotate(List[Optional[number]], [])";

    private readonly NetworkPlan _plan;
    private readonly int[] _lastReader;
    private readonly StringBuilder _pack = new(), _forward = new();
    private int _convolutions;

    private FusedProgram(NetworkPlan plan)
    {
        _plan = plan;
        _lastReader = plan.LastReaders();
    }

    /// <param name="batch">B of the pictures.</param>
    /// <param name="imageSize">S of the pictures.</param>
    public static string Write(NetworkPlan plan, int batch, int imageSize) => new FusedProgram(plan).Write(batch, imageSize);

    private string Write(int batch, int imageSize)
    {
        var sides = _plan.Sides(imageSize);
        for (var step = 0; step < _plan.Layers.Count;) step += Append(step, sides[_plan.Layers[step].Input], batch);
        var packed = string.Join(", ", Enumerable.Range(0, _convolutions).Select(i => $"p{i}"));
        return $"  def {Pack}(self: __torch__.Net, w: List[Tensor]) -> List[Tensor]:\n{_pack}    return [{packed}]\n"
            + $"  def {Forward}(self: __torch__.Net, v0: Tensor, w: List[Tensor]) -> Tensor:\n{_forward}    return v{_plan.Layers.Count}\n";
    }

    /// <returns>How many layers the line is.</returns>
    private int Append(int step, int side, int batch)
    {
        var layer = _plan.Layers[step];
        var (input, output) = ($"v{layer.Input}", $"v{step + 1}");
        switch (layer.Kind)
        {
            case LayerKind.ConvolutionNorm:
                return Convolution(step, layer, side, batch);
            case LayerKind.Relu:
                Line($"{output} = torch.relu({input})");
                break;
            case LayerKind.Add:
                Line($"{output} = torch.add({input}, v{layer.Second})");
                break;
            case LayerKind.MaxPool when layer is { Kernel: 3, Stride: 2, Padding: 1 } && side % 2 == 0:
                // Rows first, then columns, each the greatest of three: quicker than libtorch's own maximum, which notes the places too.
                MaximumOfThree(input, $"r{output}", dimension: 2, side);
                MaximumOfThree($"r{output}", output, dimension: 3, side);
                break;
            case LayerKind.MaxPool:
                Line($"{output} = torch.max_pool2d({input}, {Twice(layer.Kernel)}, {Twice(layer.Stride)}, {Twice(layer.Padding)}, [1, 1], False)");
                break;
            default:
                Line($"{output} = torch.mean({input}, [2, 3], False, dtype=6)"); // float32
                break;
        }
        return 1;
    }

    private int Convolution(int step, Layer layer, int side, int batch)
    {
        if (Networks.Convolution.Cover(layer, side) is not null) return Product(step, layer, side, batch);
        var number = _convolutions++;
        _pack.Append($"    p{number} = ops.mkldnn._reorder_convolution_weight(w[{number}], {Shape(layer)}, [{batch}, {layer.In}, {side}, {side}])\n");
        var operands = $"v{layer.Input}, w[{2 * number}], w[{(2 * number) + 1}], {Shape(layer)}";
        if (IsRelu(step + 1))
        {
            Line($"v{step + 2} = ops.mkldnn._convolution_pointwise({operands}, \"relu\", {NoNumbers}, None)");
            return 2;
        }
        // The sum goes into the other summand's memory, which nothing reads later.
        if (IsSum(step + 1) && IsRelu(step + 2))
        {
            Line($"v{step + 3} = ops.mkldnn._convolution_pointwise_(v{_plan.Layers[step + 1].Second}, {operands}, \"add\", 1.0, \"relu\", {NoNumbers}, None)");
            return 3;
        }
        Line($"v{step + 1} = ops.mkldnn._convolution_pointwise({operands}, \"none\", {NoNumbers}, None)");
        return 1;
    }

    /// <summary>Channels last, a picture is a row of numbers: no number is moved between the shapes.</summary>
    private int Product(int step, Layer layer, int side, int batch)
    {
        var number = _convolutions++;
        var outSide = LiteralConvolution.OutputSide(side, layer.Kernel, layer.Stride, layer.Padding);
        _pack.Append($"    p{number} = ops.mkldnn._reorder_linear_weight(w[{number}], {batch})\n");
        var (input, weights) = (Flat(layer.Input, side, layer.In), $"w[{2 * number}], w[{(2 * number) + 1}]");
        if (IsRelu(step + 1))
        {
            Line($"v{step + 2} = {Picture($"ops.mkldnn._linear_pointwise({input}, {weights}, \"relu\", {NoNumbers}, None)")}");
            return 2;
        }
        if (IsSum(step + 1) && IsRelu(step + 2))
        {
            Line($"v{step + 3} = {Picture($"torch.relu_(ops.mkldnn._linear_pointwise({input}, {Flat(_plan.Layers[step + 1].Second, outSide, layer.Out)}, {weights}, \"add\"))")}");
            return 3;
        }
        Line($"v{step + 1} = {Picture($"ops.mkldnn._linear_pointwise({input}, {weights}, \"none\", {NoNumbers}, None)")}");
        return 1;

        string Flat(int value, int places, int channels) => $"torch.reshape(torch.permute(v{value}, [0, 2, 3, 1]), [{batch}, {places * places * channels}])";
        string Picture(string rows) => $"torch.permute(torch.reshape({rows}, [{batch}, {outSide}, {outSide}, {layer.Out}]), [0, 3, 1, 2])";
    }

    private void MaximumOfThree(string input, string output, int dimension, int side)
    {
        // Places 2y and 2y + 1, then 2y − 1 where there is one.
        Line($"{output} = torch.maximum({Every(2, input, 0, side)}, {Every(2, input, 1, side)})");
        Line($"torch.maximum({Every(1, output, 1, side / 2)}, {Every(2, input, 1, side - 1)}, out={Every(1, output, 1, side / 2)})");

        string Every(int stride, string value, int first, int end) => $"torch.slice({value}, {dimension}, {first}, {end}, {stride})";
    }

    private bool IsRelu(int step) => _plan.Layers[step] is { Kind: LayerKind.Relu } relu && relu.Input == step && _lastReader[step] == step;

    private bool IsSum(int step) =>
        _plan.Layers[step] is { Kind: LayerKind.Add } sum && sum.Input == step && _lastReader[step] == step && sum.Second != 0 && sum.Second != step && _lastReader[sum.Second] == step;

    private void Line(string text) => _forward.Append("    ").Append(text).Append('\n');

    private static string Shape(Layer layer) => $"{Twice(layer.Padding)}, {Twice(layer.Stride)}, [1, 1], 1";

    private static string Twice(int value) => $"[{value}, {value}]";
}
