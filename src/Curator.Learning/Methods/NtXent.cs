using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>
/// The normalised temperature-scaled cross entropy loss: Chen et al. 2020, "A Simple Framework for Contrastive Learning of Visual
/// Representations", equation 1, averaged over both directions of every pair.
/// </summary>
internal static class NtXent
{
    /// <param name="projections">[2B, P] float32; rows i and i + B are the two views of one image. Need not be normalised.</param>
    /// <param name="temperature">τ, above 0.</param>
    /// <returns>A scalar; the caller disposes.</returns>
    public static Tensor Loss(Tensor projections, double temperature)
    {
        using var scope = NewDisposeScope();
        var count = projections.shape[0];
        var unit = nn.functional.normalize(projections, dim: 1); // [2B, P]
        var similarity = unit.mm(unit.t()) / Number.Of(temperature); // [2B, 2B]
        // A view is never its own negative: the sum in the denominator runs over k ≠ i.
        var self = eye(count, dtype: ScalarType.Bool, device: projections.device);
        var logits = similarity.masked_fill(self, Number.Of(double.NegativeInfinity));
        var partner = arange(Number.Of(0), Number.Of(count), Number.Of(1), device: projections.device).roll(-(count / 2), 0); // [2B]
        return nn.functional.cross_entropy(logits, partner).MoveToOuterDisposeScope();
    }
}
