using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>
/// Adam with decoupled weight decay: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2. Our own because its whole
/// state must go into a checkpoint under the parameters' names. Vectors (norms, biases) are not decayed. Owns its moments. Not thread-safe.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly IReadOnlyList<(string Name, Tensor Parameter)> _parameters;
    private readonly Tensor[] _first;
    private readonly Tensor[] _second;
    private readonly double _weightDecay;
    private readonly IReadOnlyList<double>? _rates;

    /// <param name="parameters">Not owned.</param>
    /// <param name="rates">Share of the learning rate that each parameter learns at; null for all of it.</param>
    public AdamW(IReadOnlyList<(string Name, Tensor Parameter)> parameters, double weightDecay, IReadOnlyList<double>? rates = null)
    {
        using var noGradient = no_grad();
        _parameters = parameters;
        _weightDecay = weightDecay;
        _rates = rates;
        _first = [.. parameters.Select(pair => zeros_like(pair.Parameter).DetachFromDisposeScope())];
        _second = [.. parameters.Select(pair => zeros_like(pair.Parameter).DetachFromDisposeScope())];
    }

    /// <summary>Steps taken; sets the correction of the moments' start at zero.</summary>
    public long Steps { get; set; }

    /// <summary>The moments under their parameters' names, for checkpoints. Still owned by this.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        _parameters.SelectMany((pair, i) => new[] { ($"adamw.first.{pair.Name}", _first[i]), ($"adamw.second.{pair.Name}", _second[i]) });

    /// <summary>Moves the parameters against their gradients and clears the gradients.</summary>
    public void Step(double learningRate)
    {
        Steps++;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        double correction1 = 1 - Math.Pow(Beta1, Steps), correction2 = 1 - Math.Pow(Beta2, Steps);
        for (var i = 0; i < _parameters.Count; i++)
        {
            var parameter = _parameters[i].Parameter;
            if (parameter.grad is not { } gradient) continue;
            var rate = learningRate * (_rates?[i] ?? 1);
            if (parameter.dim() > 1) parameter.mul_(1 - (rate * _weightDecay));
            _first[i].mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
            _second[i].mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            var denominator = _second[i].sqrt().div_(Math.Sqrt(correction2)).add_(Epsilon);
            parameter.addcdiv_(_first[i], denominator, -rate / correction1);
            gradient.zero_();
        }
    }

    public void Dispose()
    {
        foreach (var moment in _first) moment.Dispose();
        foreach (var moment in _second) moment.Dispose();
    }
}
