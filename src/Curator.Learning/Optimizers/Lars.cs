using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Optimizers;

/// <summary>
/// Layer-wise adaptive rate scaling: You, Gitman and Ginsburg 2017, "Large Batch Training of Convolutional Networks", algorithm 1. Vectors move as with plain
/// momentum, as in SimCLR.
/// </summary>
internal sealed class Lars(IReadOnlyList<(string Name, Tensor Parameter)> parameters, double weightDecay, IReadOnlyList<double>? rates = null)
    : Optimizer("lars", parameters, weightDecay, rates, "momentum")
{
    /// <summary>η of the paper.</summary>
    private const double Trust = 0.001;

    private const double Momentum = 0.9;

    protected override void Update(Tensor parameter, Tensor gradient, Tensor[] state, double rate, double weightDecay)
    {
        if (parameter.dim() > 1)
        {
            Tensor weightLength = parameter.norm(), gradientLength = gradient.norm();
            gradient.add_(parameter, alpha: Number.Of(weightDecay));
            var local = weightLength * Number.Of(Trust) / gradientLength.Plus(weightLength * Number.Of(weightDecay)).Plus(1e-12);
            // A layer of zeros, or one without a gradient, has no direction to adapt to.
            gradient.mul_(local.where((weightLength > Number.Of(0)).logical_and(gradientLength > Number.Of(0)), ones_like(local)));
        }
        state[0].mul_(Number.Of(Momentum)).add_(gradient, alpha: Number.Of(rate));
        parameter.sub_(state[0]);
    }
}
