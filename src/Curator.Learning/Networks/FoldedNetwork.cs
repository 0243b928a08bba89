using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>
/// A backbone for use alone, operation by operation: on a GPU, and in single precision. Batch norms are folded into the convolutions, weights once and for all in one kind of number on one device. Gives
/// the features of the backbone in evaluation mode up to rounding.
/// </summary>
internal sealed class FoldedNetwork : IFeatureNetwork
{
    private readonly NetworkPlan _plan;
    private readonly (Tensor Weights, Tensor Bias)?[] _convolutions;

    // The step after which a value is read no more: its memory is the next step's, still warm in the cache.
    private readonly int[] _lastReader;

    /// <param name="backbone">Only read.</param>
    public FoldedNetwork(Backbone backbone, ComputeDevice device, Arithmetic arithmetic)
    {
        _plan = backbone.Plan;
        _convolutions = new (Tensor, Tensor)?[_plan.Layers.Count];
        _lastReader = _plan.LastReaders();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        for (var step = 0; step < _plan.Layers.Count; step++)
        {
            var layer = _plan.Layers[step];
            if (layer.Kind != LayerKind.ConvolutionNorm) continue;
            var (weights, bias) = FoldedConvolution.Of(backbone, step).ToTensors(device, arithmetic, layer.Out, layer.In, layer.Kernel, layer.Kernel);
            _convolutions[step] = (weights.DetachFromDisposeScope(), bias.DetachFromDisposeScope());
        }
    }

    public Tensor Forward(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var values = new Tensor?[_plan.Layers.Count + 1];
        values[0] = pictures;
        for (var step = 0; step < _plan.Layers.Count; step++)
        {
            var layer = _plan.Layers[step];
            var result = Apply(step, layer, values);
            Forget(values, layer.Input, step, result);
            if (layer.Kind == LayerKind.Add) Forget(values, layer.Second, step, result);
            values[step + 1] = result;
        }
        return values[^1]!.MoveToOuterDisposeScope();
    }

    private Tensor Apply(int step, Layer layer, Tensor?[] values)
    {
        var value = values[layer.Input]!;
        return layer.Kind switch
        {
            LayerKind.ConvolutionNorm => nn.functional.conv2d(
                value, _convolutions[step]!.Value.Weights, _convolutions[step]!.Value.Bias, strides: [layer.Stride, layer.Stride], padding: [layer.Padding, layer.Padding]),
            // In place, as the backbone does it: nothing else reads what a convolution or a sum gives.
            LayerKind.Relu => value.relu_(),
            LayerKind.Add => value.Increase(values[layer.Second]!),
            LayerKind.MaxPool => nn.functional.max_pool2d(value, layer.Kernel, layer.Stride, layer.Padding),
            _ => value.mean([2, 3], type: ScalarType.Float32), // [B, F]
        };
    }

    private void Forget(Tensor?[] values, int value, int step, Tensor result)
    {
        // The input is the caller's; what was changed in place goes on under its new place.
        if (value == 0 || _lastReader[value] != step || ReferenceEquals(values[value], result)) return;
        values[value]!.Dispose();
        values[value] = null;
    }

    public void Dispose()
    {
        foreach (var convolution in _convolutions)
        {
            convolution?.Weights.Dispose();
            convolution?.Bias.Dispose();
        }
    }
}
