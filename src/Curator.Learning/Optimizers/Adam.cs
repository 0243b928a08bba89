using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Optimizers;

/// <summary>Kingma and Ba 2015, "Adam", algorithm 1; weight decay is added to the gradient.</summary>
internal sealed class Adam(IReadOnlyList<(string Name, Tensor Parameter)> parameters, double weightDecay, IReadOnlyList<double>? rates = null)
    : Optimizer("adam", parameters, weightDecay, rates, "first", "second")
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    protected override void Update(Tensor parameter, Tensor gradient, Tensor[] state, double rate, double weightDecay)
    {
        if (weightDecay > 0) gradient.add_(parameter, alpha: Number.Of(weightDecay));
        state[0].mul_(Number.Of(Beta1)).add_(gradient, alpha: Number.Of(1 - Beta1));
        state[1].mul_(Number.Of(Beta2)).addcmul_(gradient, gradient, Number.Of(1 - Beta2));
        var denominator = state[1].sqrt().div_(Number.Of(Math.Sqrt(1 - Math.Pow(Beta2, Steps)))).Increase(Epsilon);
        parameter.addcdiv_(state[0], denominator, Number.Of(-rate / (1 - Math.Pow(Beta1, Steps))));
    }
}
