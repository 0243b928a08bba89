namespace Curator.Learning.Native;

/// <summary>
/// The convolution as its definition says, in double precision: the oracle for libtorch's. O(B·Out·In·K²·H·W), for small shapes.
/// </summary>
internal static class LiteralConvolution
{
    /// <summary>Side of the output.</summary>
    public static int OutputSide(int side, int kernel, int stride, int padding) => ((side + (2 * padding) - kernel) / stride) + 1;

    /// <param name="input">[B, In, side, side], row-major.</param>
    /// <param name="weight">[Out, In, K, K].</param>
    /// <returns>[B, Out, o, o].</returns>
    public static double[] Forward(float[] input, float[] weight, int batch, int inChannels, int side, int outChannels, int kernel, int stride, int padding)
    {
        var output = new double[batch * outChannels * Square(OutputSide(side, kernel, stride, padding))];
        Walk(batch, inChannels, side, outChannels, kernel, stride, padding, (o, i, w) => output[o] += (double)input[i] * weight[w]);
        return output;
    }

    /// <summary>Gradients of Σ output·<paramref name="outputGradient"/> by input and by weight.</summary>
    public static (double[] Input, double[] Weight) Backward(
        float[] input, float[] weight, float[] outputGradient, int batch, int inChannels, int side, int outChannels, int kernel, int stride, int padding)
    {
        var byInput = new double[input.Length];
        var byWeight = new double[weight.Length];
        Walk(batch, inChannels, side, outChannels, kernel, stride, padding, (o, i, w) =>
        {
            byInput[i] += (double)outputGradient[o] * weight[w];
            byWeight[w] += (double)outputGradient[o] * input[i];
        });
        return (byInput, byWeight);
    }

    private static int Square(int side) => side * side;

    /// <summary>Visits every product of the convolution as (output index, input index, weight index).</summary>
    private static void Walk(int batch, int inChannels, int side, int outChannels, int kernel, int stride, int padding, Action<int, int, int> visit)
    {
        var outSide = OutputSide(side, kernel, stride, padding);
        for (var b = 0; b < batch; b++)
            for (var o = 0; o < outChannels; o++)
                for (var y = 0; y < outSide; y++)
                    for (var x = 0; x < outSide; x++)
                        for (var c = 0; c < inChannels; c++)
                            for (var ky = Math.Max(0, padding - (y * stride)); ky < Math.Min(kernel, side + padding - (y * stride)); ky++)
                                for (var kx = Math.Max(0, padding - (x * stride)); kx < Math.Min(kernel, side + padding - (x * stride)); kx++)
                                    visit(
                                        (((((b * outChannels) + o) * outSide) + y) * outSide) + x,
                                        (((((b * inChannels) + c) * side) + (y * stride) + ky - padding) * side) + (x * stride) + kx - padding,
                                        (((((o * inChannels) + c) * kernel) + ky) * kernel) + kx);
    }
}
