using Curator.Learning.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>
/// A <see cref="NetworkPlan"/> as a tensor module: [B, C, S, S] float32 → [B, F]. Weights start as in He et al. 2015 (fan out), norms at
/// scale 1; the last norm of each residual block at 0, so that a block begins as the identity. Owns its children.
/// </summary>
internal sealed class Backbone : nn.Module<Tensor, Tensor>
{
    private readonly List<(Conv2d Convolution, BatchNorm2d Norm)?> _weights = [];

    public Backbone(NetworkPlan plan)
        : base(plan.Architecture)
    {
        Plan = plan;
        foreach (var layer in plan.Layers)
        {
            if (layer.Kind != LayerKind.ConvolutionNorm)
            {
                _weights.Add(null);
                continue;
            }
            var convolution = nn.Conv2d(layer.In, layer.Out, layer.Kernel, stride: layer.Stride, padding: layer.Padding, bias: false);
            nn.init.kaiming_normal_(convolution.weight!, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
            var norm = nn.BatchNorm2d(layer.Out);
            if (layer.EndsBlock) nn.init.zeros_(norm.weight!);
            // Registered by hand because names with dots are not children's names.
            register_module(layer.Name.Replace('.', '_') + "_conv", convolution);
            register_module(layer.Name.Replace('.', '_') + "_norm", norm);
            _weights.Add((convolution, norm));
        }
    }

    public NetworkPlan Plan { get; }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var values = new Tensor[Plan.Layers.Count + 1];
        values[0] = input; // [B, C, S, S]
        for (var i = 0; i < Plan.Layers.Count; i++)
        {
            var layer = Plan.Layers[i];
            var value = values[layer.Input];
            values[i + 1] = layer.Kind switch
            {
                LayerKind.ConvolutionNorm => _weights[i]!.Value.Norm.forward(Convolution.Forward(layer, value, _weights[i]!.Value.Convolution.weight!)),
                // In place: what a norm or a sum gives is read by nothing else, and no gradient needs it (the plans guarantee it); a pass over memory less.
                LayerKind.Relu => value.relu_(),
                LayerKind.Add => value.Increase(values[layer.Second]),
                LayerKind.MaxPool => nn.functional.max_pool2d(value, layer.Kernel, layer.Stride, layer.Padding),
                _ => value.mean([2, 3]), // [B, F]
            };
        }
        return values[^1].MoveToOuterDisposeScope();
    }

    /// <summary>Puts the convolutions' weights into the memory order of <see cref="ChannelsLast"/>.</summary>
    public void UseChannelsLast()
    {
        using var noGradient = no_grad();
        foreach (var pair in _weights)
        {
            if (pair is not { } step) continue;
            using var before = step.Convolution.weight!;
            // A copy keeps the order of its numbers and is no view: a view made without gradients must not be changed in place with them.
            using var view = ChannelsLast.Of(before);
            step.Convolution.weight = new Parameter(view.clone());
        }
    }

    /// <summary>Copies of the step's weights for export: kernel [Out, In, K, K] and the norm's scale, shift, mean, variance [Out], all row-major.</summary>
    public (float[] Kernel, float[] Scale, float[] Shift, float[] Mean, float[] Variance) Weights(int step)
    {
        var (convolution, norm) = _weights[step] ?? throw new ArgumentOutOfRangeException(nameof(step), step, "A step without weights.");
        return (Copy(convolution.weight!), Copy(norm.weight!), Copy(norm.bias!), Copy(norm.running_mean!), Copy(norm.running_var!));
    }

    /// <summary>The batch norm's epsilon (TorchSharp's default).</summary>
    public const double NormEpsilon = 1e-5;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var pair in _weights)
            {
                pair?.Convolution.Dispose();
                pair?.Norm.Dispose();
            }
        base.Dispose(disposing);
    }

    private static float[] Copy(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().contiguous().data<float>().ToArray();
    }
}
