using Curator.Learning.Native;
using Curator.Learning.Networks;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>Barlow Twins: the cross-correlation of two views' projections is driven to the identity. Zbontar et al. 2021, "Barlow Twins", equations 1 and 2.</summary>
internal sealed class BarlowTwins(int features, int projection) : IMethod
{
    /// <summary>λ of equation 1.</summary>
    private const double OffDiagonal = 0.005;

    private readonly Mlp _head = new("projector", [features, projection, projection], lastNorm: false);

    public string Name => "barlow-twins";

    public int Views => 2;

    public nn.Module Head => _head;

    public Tensor Loss(Tensor features, Tensor views)
    {
        using var scope = NewDisposeScope();
        return LossOf(_head.forward(features), OffDiagonal).MoveToOuterDisposeScope();
    }

    /// <summary>Σᵢ (1 − Cᵢᵢ)² + λ·Σ_{i≠j} Cᵢⱼ², C the correlation over the batch between the dimensions of the two views, each standardised over the batch.</summary>
    /// <param name="projections">[2B, P].</param>
    internal static Tensor LossOf(Tensor projections, double offDiagonal)
    {
        using var scope = NewDisposeScope();
        var batch = projections.shape[0] / 2;
        Tensor first = Standardised(projections.slice(0, 0, batch, 1)), second = Standardised(projections.slice(0, batch, 2 * batch, 1));
        var correlation = first.t().mm(second) / Number.Of(batch); // [P, P]
        var diagonal = correlation.diagonal();
        var off = correlation.Squared().sum() - diagonal.Squared().sum();
        return diagonal.neg().Plus(1).Squared().sum().Plus(off * Number.Of(offDiagonal)).MoveToOuterDisposeScope();
    }

    public void Dispose() => _head.Dispose();

    private static Tensor Standardised(Tensor values) => (values - values.mean([0], keepdim: true)) / values.var([0], unbiased: false, keepdim: true).Plus(1e-5).sqrt();
}
