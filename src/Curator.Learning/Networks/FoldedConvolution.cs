using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>
/// A convolution with the batch norm behind it folded in: γ·(w∗x − μ)/√(σ² + ε) + β is one convolution with the weights w·γ/√(σ² + ε) and the bias β − μ·γ/√(σ² + ε). Computed in double precision.
/// </summary>
/// <param name="Weights">[Out, In, K, K], row-major.</param>
/// <param name="Bias">[Out].</param>
internal sealed record FoldedConvolution(float[] Weights, float[] Bias)
{
    /// <param name="step">A convolution's place among the layers of the backbone's plan.</param>
    public static FoldedConvolution Of(Backbone backbone, int step)
    {
        var (kernel, scale, shift, mean, variance) = backbone.Weights(step);
        var weights = new float[kernel.Length];
        var bias = new float[scale.Length];
        var each = kernel.Length / scale.Length;
        for (var o = 0; o < scale.Length; o++)
        {
            var factor = scale[o] / Math.Sqrt(variance[o] + Backbone.NormEpsilon);
            for (var i = o * each; i < (o + 1) * each; i++) weights[i] = (float)(kernel[i] * factor);
            bias[o] = (float)(shift[o] - (mean[o] * factor));
        }
        return new FoldedConvolution(weights, bias);
    }

    /// <summary>The same as a matrix product of pictures as rows, places first and channels within: [o·o·Out, S·S·In] and [o·o·Out].</summary>
    /// <param name="cover"><see cref="Convolution.Cover"/> for this layer.</param>
    public FoldedConvolution ToProduct(Layer layer, int side, long[] cover)
    {
        var (positions, taps) = (side * side, layer.Kernel * layer.Kernel);
        var matrix = new float[cover.Length * layer.Out * layer.In];
        var next = 0;
        for (var p = 0; p < cover.Length / positions; p++)
            for (var o = 0; o < layer.Out; o++)
                for (var q = 0; q < positions; q++)
                    for (var c = 0; c < layer.In; c++)
                        matrix[next++] = Weights[(((o * layer.In) + c) * taps) + cover[(p * positions) + q]];
        return new FoldedConvolution(matrix, [.. Enumerable.Repeat(Bias, cover.Length / positions).SelectMany(bias => bias)]);
    }

    /// <summary>What pictures and weights are stored in.</summary>
    public static ScalarType Type(Arithmetic arithmetic) => arithmetic == Arithmetic.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <param name="shape">Of the weights.</param>
    /// <returns>The weights, channels last for a bfloat16 kernel, and the bias; the caller disposes.</returns>
    public (Tensor Weights, Tensor Bias) ToTensors(ComputeDevice device, Arithmetic arithmetic, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var weights = device.Upload(Weights, shape).to(Type(arithmetic));
        if (arithmetic == Arithmetic.BFloat16 && shape.Length == 4) weights = ChannelsLast.Of(weights);
        return (weights.MoveToOuterDisposeScope(), device.Upload(Bias, Bias.Length).to(Type(arithmetic)).MoveToOuterDisposeScope());
    }
}
