using System.Runtime.InteropServices;
using Curator.Core;
using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>A backbone for use alone on the processor, in bfloat16, for one size of batch: a <see cref="FusedProgram"/> with its weights in oneDNN's own order.</summary>
internal sealed class FusedNetwork : IFeatureNetwork
{
    private readonly TorchScript _program;
    private readonly Tensor[] _weights;

    /// <param name="backbone">Only read.</param>
    /// <exception cref="WorkspaceException">This libtorch has no such operations.</exception>
    public FusedNetwork(Backbone backbone, int batch, int imageSize)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (plan, sides, processor) = (backbone.Plan, backbone.Plan.Sides(imageSize), ComputeDevice.Resolve("cpu"));
        var convolutions = Enumerable.Range(0, plan.Layers.Count).Where(step => plan.Layers[step].Kind == LayerKind.ConvolutionNorm)
            .Select(step => Weights(backbone, step, sides[plan.Layers[step].Input], processor)).ToArray();
        try
        {
            _program = new TorchScript(FusedProgram.Write(plan, batch, imageSize));
            var packed = _program.Map(FusedProgram.Pack, [.. convolutions.Select(convolution => convolution.Weights)]);
            _weights = [.. packed.Zip(convolutions, (weights, convolution) => (Tensor[])[weights.DetachFromDisposeScope(), convolution.Bias.DetachFromDisposeScope()]).SelectMany(pair => pair)];
        }
        catch (ExternalException e)
        {
            _program?.Dispose();
            throw new WorkspaceException(
                $"This libtorch cannot run networks in bfloat16 on the processor: {e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()}",
                $"Use --arithmetic fp32, or another libtorch ({TorchRuntime.FolderVariable}).", e);
        }
    }

    public Tensor Forward(Tensor pictures) => _program.Apply(FusedProgram.Forward, pictures, _weights);

    private static (Tensor Weights, Tensor Bias) Weights(Backbone backbone, int step, int side, ComputeDevice processor)
    {
        var (layer, folded) = (backbone.Plan.Layers[step], FoldedConvolution.Of(backbone, step));
        if (Convolution.Cover(layer, side) is not { } cover) return folded.ToTensors(processor, Arithmetic.BFloat16, layer.Out, layer.In, layer.Kernel, layer.Kernel);
        var product = folded.ToProduct(layer, side, cover);
        return product.ToTensors(processor, Arithmetic.BFloat16, product.Bias.Length, product.Weights.Length / product.Bias.Length);
    }

    public void Dispose()
    {
        foreach (var tensor in _weights) tensor.Dispose();
        _program.Dispose();
    }
}
