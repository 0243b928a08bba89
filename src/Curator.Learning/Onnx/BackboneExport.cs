using Curator.Learning.Encoders;
using Curator.Learning.Networks;

namespace Curator.Learning.Onnx;

/// <summary>Writes a trained backbone as ONNX: bytes in, normalisation, convolutions with their batch norms folded in, whitening, embedding out.</summary>
internal static class BackboneExport
{
    /// <param name="mean">[C], 0 to 1; subtracted.</param>
    /// <param name="deviation">[C]; divided by.</param>
    /// <param name="whitening">What stands behind the features.</param>
    public static byte[] Write(Backbone backbone, int imageSize, IReadOnlyList<float> mean, IReadOnlyList<float> deviation, Whitening whitening)
    {
        var plan = backbone.Plan;
        var graph = new OnnxGraph();
        var cast = graph.Node("Cast", [OnnxEncoder.InputName], attributes: ("to", 1L));
        var planar = graph.Node("Transpose", [cast], attributes: ("perm", (long[])[0, 3, 1, 2])); // [N, C, S, S]
        var scale = graph.Weight("input.scale", [.. deviation.Select(value => 1 / (255 * value))], 1, plan.Channels, 1, 1);
        var shift = graph.Weight("input.shift", [.. mean.Zip(deviation, (m, d) => -m / d)], 1, plan.Channels, 1, 1);
        var values = new List<string> { graph.Node("Add", [graph.Node("Mul", [planar, scale]), shift]) };
        var sides = plan.Sides(imageSize);
        for (var step = 0; step < plan.Layers.Count; step++)
        {
            var layer = plan.Layers[step];
            var value = values[layer.Input];
            values.Add(layer.Kind switch
            {
                LayerKind.ConvolutionNorm => Convolved(graph, backbone, step, sides[layer.Input], value),
                LayerKind.Relu => graph.Node("Relu", [value]),
                LayerKind.Add => graph.Node("Add", [value, values[layer.Second]]),
                LayerKind.MaxPool => graph.Node("MaxPool", [value], attributes:
                    [("kernel_shape", Twice(layer.Kernel)), ("strides", Twice(layer.Stride)), ("pads", (long[])[layer.Padding, layer.Padding, layer.Padding, layer.Padding])]),
                _ => graph.Node("Flatten", [graph.Node("GlobalAveragePool", [value])], attributes: ("axis", 1L)), // [N, F]
            });
        }
        graph.Node(
            "Gemm", [values[^1], graph.Weight("whitening.matrix", whitening.Matrix, whitening.Dimension, whitening.Features), graph.Weight("whitening.shift", whitening.Shift, whitening.Dimension)],
            OnnxEncoder.OutputName, ("transB", 1L)); // [N, D]
        return graph.Build(plan.Architecture, OnnxEncoder.InputName, [imageSize, imageSize, plan.Channels], OnnxEncoder.OutputName, [whitening.Dimension]);
    }

    private static string Convolved(OnnxGraph graph, Backbone backbone, int step, int side, string input)
    {
        var layer = backbone.Plan.Layers[step];
        var (weights, bias) = FoldedConvolution.Of(backbone, step);
        if (Networks.Convolution.Cover(layer, side) is { } cover) return Product(graph, layer, side, cover, weights, bias, input);
        return graph.Node(
            "Conv",
            [input, graph.Weight($"{layer.Name}.weight", weights, layer.Out, layer.In, layer.Kernel, layer.Kernel), graph.Weight($"{layer.Name}.bias", bias, layer.Out)],
            attributes:
            [
                ("kernel_shape", Twice(layer.Kernel)), ("strides", Twice(layer.Stride)),
                ("pads", (long[])[layer.Padding, layer.Padding, layer.Padding, layer.Padding]),
            ]);
    }

    /// <summary>The convolution as one matrix product (<see cref="Networks.Convolution"/>): [N, In, S, S] → [N, In·S·S] → [N, Out·o·o] → [N, Out, o, o].</summary>
    private static string Product(OnnxGraph graph, Layer layer, int side, long[] cover, float[] weights, float[] bias, string input)
    {
        var positions = side * side;
        var (outPositions, taps) = (cover.Length / positions, layer.Kernel * layer.Kernel);
        var outSide = (int)Math.Sqrt(outPositions);
        var matrix = new float[(long)layer.Out * outPositions * layer.In * positions];
        var next = 0;
        for (var o = 0; o < layer.Out; o++)
            for (var p = 0; p < outPositions; p++)
                for (var c = 0; c < layer.In; c++)
                    for (var q = 0; q < positions; q++)
                        matrix[next++] = weights[(((o * layer.In) + c) * taps) + cover[(p * positions) + q]];
        float[] shift = [.. bias.SelectMany(value => Enumerable.Repeat(value, outPositions))];
        var flat = graph.Node("Flatten", [input], attributes: ("axis", 1L));
        var product = graph.Node(
            "Gemm",
            [flat, graph.Weight($"{layer.Name}.weight", matrix, layer.Out * outPositions, layer.In * positions), graph.Weight($"{layer.Name}.bias", shift, layer.Out * outPositions)],
            attributes: ("transB", 1L));
        return graph.Node("Reshape", [product, graph.Shape($"{layer.Name}.shape", 0, layer.Out, outSide, outSide)]);
    }

    private static long[] Twice(long value) => [value, value];
}
