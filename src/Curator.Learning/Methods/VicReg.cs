using Curator.Learning.Native;
using Curator.Learning.Networks;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>
/// VICReg: views alike (invariance), every dimension spread (variance), no two dimensions alike (covariance). Bardes, Ponce and LeCun 2022, "VICReg", equations 1 to 6.
/// </summary>
internal sealed class VicReg(int features, int projection) : IMethod
{
    /// <summary>λ, μ, ν of equation 6; γ and ε of equation 1.</summary>
    private const double Invariance = 25, Variance = 25, Covariance = 1, Spread = 1, Epsilon = 1e-4;

    private readonly Mlp _head = new("projector", [features, projection, projection], lastNorm: false);

    public string Name => "vicreg";

    public int Views => 2;

    public nn.Module Head => _head;

    public Tensor Loss(Tensor features, Tensor views)
    {
        using var scope = NewDisposeScope();
        return LossOf(_head.forward(features)).MoveToOuterDisposeScope();
    }

    /// <param name="projections">[2B, P]; B at least 2.</param>
    internal static Tensor LossOf(Tensor projections)
    {
        using var scope = NewDisposeScope();
        var batch = projections.shape[0] / 2;
        Tensor first = projections.slice(0, 0, batch, 1), second = projections.slice(0, batch, 2 * batch, 1);
        // Equation 5: squared distance of the pairs, mean over the batch, summed over the dimensions.
        var invariance = (first - second).Squared().sum(1).mean();
        return (invariance * Number.Of(Invariance)).Plus(Spreading(first).Plus(Spreading(second)) * Number.Of(Variance))
            .Plus(Decorrelation(first).Plus(Decorrelation(second)) * Number.Of(Covariance)).MoveToOuterDisposeScope();
    }

    public void Dispose() => _head.Dispose();

    /// <summary>Equations 1 and 2: mean over the dimensions of max(0, γ − √(variance + ε)).</summary>
    private static Tensor Spreading(Tensor values) => nn.functional.relu(values.var([0], unbiased: true).Plus(Epsilon).sqrt().neg().Plus(Spread)).mean();

    /// <summary>Equations 3 and 4: squares of the covariance off the diagonal, over the number of dimensions.</summary>
    private static Tensor Decorrelation(Tensor values)
    {
        var centred = values - values.mean([0], keepdim: true);
        var covariance = centred.t().mm(centred) / Number.Of(values.shape[0] - 1); // [P, P]
        return (covariance.Squared().sum() - covariance.diagonal().Squared().sum()) / Number.Of(values.shape[1]);
    }
}
