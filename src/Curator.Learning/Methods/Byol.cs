using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>
/// BYOL: each view predicts the other's projection by a copy of the network that follows slowly. Grill et al. 2020, "Bootstrap Your Own Latent", section 3.1. The
/// online backbone is not owned.
/// </summary>
internal sealed class Byol : IMethod
{
    private readonly PredictedHead _head;
    private readonly Backbone _online, _target;
    private readonly Mlp _targetProjector;
    private readonly double _momentum;

    /// <param name="momentum">τ at the start of training; it rises to 1.</param>
    public Byol(Backbone online, int projection, double momentum)
    {
        _online = online;
        _momentum = momentum;
        _head = new PredictedHead(online.Plan.Features, projection);
        _target = new Backbone(online.Plan);
        _targetProjector = new Mlp("target", [online.Plan.Features, online.Plan.Features, projection], lastNorm: true);
        Follow(0);
        foreach (var (_, parameter) in _target.named_parameters().Concat(_targetProjector.named_parameters())) parameter.requires_grad = false;
    }

    public string Name => "byol";

    public int Views => 2;

    public nn.Module Head => _head;

    public IEnumerable<(string Name, Tensor Value)> State() => TensorTable.Of("target.", _target).Concat(TensorTable.Of("target-projector.", _targetProjector));

    public Tensor Loss(Tensor features, Tensor views)
    {
        using var scope = NewDisposeScope();
        var predictions = _head.Predictor.forward(_head.Projector.forward(features));
        Tensor targets;
        using (no_grad())
        {
            _target.train();
            _targetProjector.train();
            targets = _targetProjector.forward(_target.forward(views).to(features.dtype));
        }
        return LossOf(predictions, targets).MoveToOuterDisposeScope();
    }

    /// <summary>Equation 2 in both directions, mean over the images: 2 − 2·cos(q₁, z₂) + 2 − 2·cos(q₂, z₁).</summary>
    /// <param name="predictions">q: [2B, P].</param>
    /// <param name="targets">z: [2B, P].</param>
    internal static Tensor LossOf(Tensor predictions, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var other = targets.roll(targets.shape[0] / 2, 0);
        return (nn.functional.cosine_similarity(predictions, other, dim: 1).mean() * Number.Of(4)).neg().Plus(4).MoveToOuterDisposeScope();
    }

    /// <summary>ξ ← τ·ξ + (1 − τ)·θ with τ = 1 − (1 − τ₀)·(cos(π·progress) + 1)/2; section 3.3.</summary>
    public void AfterStep(double progress) => Follow(Momentum(_momentum, progress));

    internal static double Momentum(double start, double progress) => 1 - ((1 - start) * (Math.Cos(Math.PI * Math.Clamp(progress, 0, 1)) + 1) / 2);

    public void MoveTo(Device device)
    {
        _head.to(device);
        _target.to(device);
        _targetProjector.to(device);
    }

    public void Dispose()
    {
        _head.Dispose();
        _target.Dispose();
        _targetProjector.Dispose();
    }

    private void Follow(double momentum)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (target, online) in _target.parameters().Zip(_online.parameters()).Concat(_targetProjector.parameters().Zip(_head.Projector.parameters())))
            target.mul_(Number.Of(momentum)).add_(online, alpha: Number.Of(1 - momentum));
    }
}
