using Curator.Learning.Native;
using Curator.Learning.Networks;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>
/// Many small patches of each image agree with their mean while the batch stays spread out: Tong et al. 2023, "EMP-SSL: Towards Self-Supervised Learning in One Training
/// Epoch", equations 1 to 3. The spread is the coding rate of Yu et al. 2020, "Maximal Coding Rate Reduction".
/// </summary>
internal sealed class Emp(int features, int projection, int patches) : IMethod
{
    /// <summary>λ of equation 1 and ε² of equation 2, as in the authors' program.</summary>
    private const double Agreement = 200, Distortion = 0.2;

    private readonly Mlp _head = new("projector", [features, features, projection], lastNorm: false);

    public string Name => "emp";

    public int Views => patches;

    public nn.Module Head => _head;

    public Tensor Loss(Tensor features, Tensor views)
    {
        using var scope = NewDisposeScope();
        return LossOf(_head.forward(features), Views, Agreement, Distortion).MoveToOuterDisposeScope();
    }

    /// <summary>−1/n · Σᵢ [R(Zᵢ) + λ·D(Zᵢ, Z̄)] with R(Z) = ½·log det(I + d/(b·ε²)·ZᵀZ) and D the mean cosine to the mean over the patches.</summary>
    /// <param name="projections">[n·B, P]; brought to length one here.</param>
    internal static Tensor LossOf(Tensor projections, int patches, double agreement, double distortion)
    {
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(projections, dim: 1).reshape(patches, -1, projections.shape[1]); // [n, B, P]
        var mean = unit.mean([0], keepdim: true); // [1, B, P]
        var alike = nn.functional.cosine_similarity(unit, mean.expand_as(unit), dim: 2).mean();
        var (batch, length) = (unit.shape[1], unit.shape[2]);
        var gram = unit.transpose(1, 2).bmm(unit) * Number.Of((double)length / (batch * distortion)); // [n, P, P]
        var rate = gram.Plus(eye(length, dtype: unit.dtype, device: unit.device)).logdet().mean() / Number.Of(2);
        return rate.Plus(alike * Number.Of(agreement)).neg().MoveToOuterDisposeScope();
    }

    public void Dispose() => _head.Dispose();
}
