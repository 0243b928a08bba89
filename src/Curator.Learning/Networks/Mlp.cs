using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>Linear layers with batch norm and ReLU between them, as stands behind backbones while they learn. [B, sizes₀] → [B, sizesₙ]. Owns its layers.</summary>
internal sealed class Mlp : nn.Module<Tensor, Tensor>
{
    private readonly List<(Linear Linear, BatchNorm1d? Norm)> _layers = [];

    /// <param name="sizes">At least two.</param>
    /// <param name="lastNorm">Whether a batch norm without scale follows the last layer.</param>
    public Mlp(string name, IReadOnlyList<int> sizes, bool lastNorm)
        : base(name)
    {
        for (var i = 0; i + 1 < sizes.Count; i++)
        {
            var last = i + 2 == sizes.Count;
            var norm = !last || lastNorm ? nn.BatchNorm1d(sizes[i + 1], affine: !last) : null;
            var linear = nn.Linear(sizes[i], sizes[i + 1], hasBias: norm is null);
            register_module($"linear{i}", linear);
            if (norm is not null) register_module($"norm{i}", norm);
            _layers.Add((linear, norm));
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var value = input;
        for (var i = 0; i < _layers.Count; i++)
        {
            value = _layers[i].Linear.forward(value);
            if (_layers[i].Norm is { } norm) value = norm.forward(value);
            if (i + 1 < _layers.Count) value = nn.functional.relu(value);
        }
        return value.MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var (linear, norm) in _layers)
            {
                linear.Dispose();
                norm?.Dispose();
            }
        base.Dispose(disposing);
    }
}
