using System.Collections.Concurrent;
using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>
/// How a layer's convolution is computed. Where every output position sees every input position (3 × 3 over the 2 × 2 positions that a ResNet's last stage has at 64 pixels) the convolution is one matrix
/// product, in which no position is padding: 16 products of channels an image instead of 36. On the processor that is also far quicker than oneDNN's bfloat16 convolution, whose gradient by such a weight takes several times
/// as long as by others of as many products (docs/design/learning.md, "Figures"). Thread-safe.
/// </summary>
internal static class Convolution
{
    private static readonly ConcurrentDictionary<(int Kernel, int Stride, int Padding, int Side), long[]?> Covers = new();

    /// <param name="input">[B, In, S, S], on any device.</param>
    /// <param name="weight">[Out, In, K, K].</param>
    /// <returns>[B, Out, o, o], in the input's arithmetic or that of a region of bfloat16.</returns>
    public static Tensor Forward(Layer layer, Tensor input, Tensor weight)
    {
        if (input.device_type == TorchSharp.DeviceType.CPU && Cover(layer, (int)input.shape[2]) is { } cover) return Product(input, weight, cover);
        return nn.functional.conv2d(input, weight, strides: [layer.Stride, layer.Stride], padding: [layer.Padding, layer.Padding]);
    }

    /// <summary>
    /// The place in the kernel, row-major, of every pair of output position and input position, output positions first; null when some output does not see some input, and there is padding to compute with.
    /// </summary>
    public static long[]? Cover(Layer layer, int side) => Covers.GetOrAdd((layer.Kernel, layer.Stride, layer.Padding, side), static shape =>
    {
        var (kernel, stride, padding, side) = shape;
        var outSide = LiteralConvolution.OutputSide(side, kernel, stride, padding);
        // An output in the first row that sees the last row, and the other way round, see all between.
        if (side - 1 + padding >= kernel || padding < (outSide - 1) * stride) return null;
        var places = new List<long>(outSide * outSide * side * side);
        for (var y = 0; y < outSide; y++)
            for (var x = 0; x < outSide; x++)
                for (var row = 0; row < side; row++)
                    for (var column = 0; column < side; column++)
                        places.Add(((row - (y * stride) + padding) * kernel) + (column - (x * stride) + padding));
        return [.. places];
    });

    private static Tensor Product(Tensor input, Tensor weight, long[] cover)
    {
        using var scope = NewDisposeScope();
        var (images, channels, positions) = (input.shape[0], input.shape[1], input.shape[2] * input.shape[3]);
        var (outputs, outPositions) = (weight.shape[0], cover.Length / positions);
        var outSide = (long)Math.Sqrt(outPositions);
        var kernel = weight.to(input.dtype).permute(0, 2, 3, 1).reshape(outputs, -1, channels); // [Out, K·K, In]
        var matrix = kernel.index_select(1, tensor(cover)).reshape(outputs * outPositions, positions * channels);
        var rows = input.permute(0, 2, 3, 1).reshape(images, positions * channels);
        return nn.functional.linear(rows, matrix).reshape(images, outputs, outSide, outSide).MoveToOuterDisposeScope();
    }
}
