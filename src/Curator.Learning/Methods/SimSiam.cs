using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>SimSiam: each view predicts the other's projection, which does not move. Chen and He 2021, "Exploring Simple Siamese Representation Learning", algorithm 1.</summary>
internal sealed class SimSiam(int features, int projection) : IMethod
{
    private readonly PredictedHead _head = new(features, projection);

    public string Name => "simsiam";

    public int Views => 2;

    public nn.Module Head => _head;

    public Tensor Loss(Tensor features, Tensor views)
    {
        using var scope = NewDisposeScope();
        var projections = _head.Projector.forward(features);
        return LossOf(_head.Predictor.forward(projections), projections).MoveToOuterDisposeScope();
    }

    /// <summary>Equations 1 to 4: ½ D(p₁, z₂) + ½ D(p₂, z₁), D the negative cosine, z without gradient; mean over the images.</summary>
    /// <param name="predictions">p: [2B, P].</param>
    /// <param name="projections">z: [2B, P].</param>
    internal static Tensor LossOf(Tensor predictions, Tensor projections)
    {
        using var scope = NewDisposeScope();
        var other = projections.detach().roll(projections.shape[0] / 2, 0); // [2B, P]: z of the other view
        return nn.functional.cosine_similarity(predictions, other, dim: 1).mean().neg().MoveToOuterDisposeScope();
    }

    public void Dispose() => _head.Dispose();
}
