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
}
