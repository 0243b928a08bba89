using static TorchSharp.torch;

namespace Curator.Learning.Optimizers;

/// <summary>Which optimizer moves the weights.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay: forgiving, the default.</summary>
    Adamw,

    /// <summary>Adam with weight decay as a part of the gradient.</summary>
    Adam,

    /// <summary>Gradient descent with momentum 0.9.</summary>
    Sgd,

    /// <summary>Layer-wise adapted rates, for batches of thousands.</summary>
    Lars,
}

/// <summary>
/// Moves parameters against their gradients. Our own because the whole state must go into a checkpoint under the parameters' names. Vectors (norms, biases)
/// are not decayed. Owns its state. Not thread-safe.
/// </summary>
internal abstract class Optimizer : IDisposable
{
    private readonly string _name;
    private readonly string[] _slots;
    private readonly IReadOnlyList<(string Name, Tensor Parameter)> _parameters;
    private readonly IReadOnlyList<double>? _rates;
    private readonly double _weightDecay;
    private readonly Tensor[][] _state;

    /// <param name="name">Begins the names of its state.</param>
    /// <param name="parameters">Not owned.</param>
    /// <param name="rates">Share of the learning rate that each parameter learns at; null for all of it.</param>
    /// <param name="slots">Names of the tensors that it keeps for each parameter, zero at the start.</param>
    protected Optimizer(string name, IReadOnlyList<(string Name, Tensor Parameter)> parameters, double weightDecay, IReadOnlyList<double>? rates, params string[] slots)
    {
        using var noGradient = no_grad();
        (_name, _parameters, _weightDecay, _rates, _slots) = (name, parameters, weightDecay, rates, slots);
        _state = [.. parameters.Select(pair => slots.Select(_ => zeros_like(pair.Parameter).DetachFromDisposeScope()).ToArray())];
    }

    /// <summary>Steps taken.</summary>
    public long Steps { get; set; }

    public static Optimizer Create(OptimizerKind kind, IReadOnlyList<(string Name, Tensor Parameter)> parameters, double weightDecay, IReadOnlyList<double>? rates = null) => kind switch
    {
        OptimizerKind.Adamw => new AdamW(parameters, weightDecay, rates),
        OptimizerKind.Adam => new Adam(parameters, weightDecay, rates),
        OptimizerKind.Sgd => new Sgd(parameters, weightDecay, rates),
        OptimizerKind.Lars => new Lars(parameters, weightDecay, rates),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>What is kept for each parameter, under its name, for checkpoints. Still owned by this.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        _parameters.SelectMany((pair, i) => _slots.Select((slot, s) => ($"{_name}.{slot}.{pair.Name}", _state[i][s])));

    /// <summary>Moves the parameters against their gradients and clears the gradients.</summary>
    public void Step(double learningRate)
    {
        Steps++;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        for (var i = 0; i < _parameters.Count; i++)
        {
            var parameter = _parameters[i].Parameter;
            if (parameter.grad is not { } gradient) continue;
            Update(parameter, gradient, _state[i], learningRate * (_rates?[i] ?? 1), parameter.dim() > 1 ? _weightDecay : 0);
            gradient.zero_();
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _state.SelectMany(tensors => tensors)) tensor.Dispose();
    }

    /// <summary>One parameter's step; gradients are not recorded.</summary>
    /// <param name="state">One tensor a slot.</param>
    /// <param name="rate">Learning rate of this parameter.</param>
    /// <param name="weightDecay">0 for vectors.</param>
    protected abstract void Update(Tensor parameter, Tensor gradient, Tensor[] state, double rate, double weightDecay);
}
