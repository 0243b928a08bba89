using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>
/// FastSiam: SimSiam whose target is the mean of several views' projections, which is steadier, so that small batches and few epochs do. Pototzky et al. 2022,
/// "FastSiam: Resource-Efficient Self-supervised Learning on a Single GPU", equation 3.
/// </summary>
internal sealed class FastSiam(int features, int projection, int views) : IMethod
{
    private readonly PredictedHead _head = new(features, projection);

    public string Name => "fast-siam";

    public int Views => views;

    public nn.Module Head => _head;

    public Tensor Loss(Tensor features, Tensor views)
    {
        using var scope = NewDisposeScope();
        var projections = _head.Projector.forward(features);
        return LossOf(_head.Predictor.forward(projections), projections, Views).MoveToOuterDisposeScope();
    }

    /// <summary>Mean over views v and images of D(p_v, mean over u ≠ v of z_u), D the negative cosine, z without gradient.</summary>
    /// <param name="predictions">p: [V·B, P].</param>
    /// <param name="projections">z: [V·B, P].</param>
    internal static Tensor LossOf(Tensor predictions, Tensor projections, int views)
    {
        using var scope = NewDisposeScope();
        var byView = projections.detach().reshape(views, -1, projections.shape[1]); // [V, B, P]
        var others = (byView.sum(0, keepdim: true) - byView) / Number.Of(views - 1); // [V, B, P]
        return nn.functional.cosine_similarity(predictions, others.reshape(predictions.shape), dim: 1).mean().neg().MoveToOuterDisposeScope();
    }

    public void Dispose() => _head.Dispose();
}
