using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Optimizers;

/// <summary>Gradient descent with momentum: Sutskever et al. 2013, "On the importance of initialization and momentum", equations 1 and 2, with the rate outside of the momentum.</summary>
internal sealed class Sgd(IReadOnlyList<(string Name, Tensor Parameter)> parameters, double weightDecay, IReadOnlyList<double>? rates = null)
    : Optimizer("sgd", parameters, weightDecay, rates, "momentum")
{
    private const double Momentum = 0.9;

    protected override void Update(Tensor parameter, Tensor gradient, Tensor[] state, double rate, double weightDecay)
    {
        if (weightDecay > 0) gradient.add_(parameter, alpha: Number.Of(weightDecay));
        state[0].mul_(Number.Of(Momentum)).Increase(gradient);
        parameter.add_(state[0], alpha: Number.Of(-rate));
    }
}
