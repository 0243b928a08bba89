using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>
/// The part behind the backbone that is thrown away after training: linear, batch norm, ReLU, linear. [B, F] → [B, P]. Chen et al. 2020,
/// "A Simple Framework for Contrastive Learning", section 4.2: what is before it serves better than what is behind it.
/// </summary>
internal sealed class ProjectionHead : nn.Module<Tensor, Tensor>
{
    private readonly Linear _hidden;
    private readonly BatchNorm1d _norm;
    private readonly Linear _output;

    public ProjectionHead(int features, int projection)
        : base("projection")
    {
        _hidden = nn.Linear(features, features, hasBias: false);
        _norm = nn.BatchNorm1d(features);
        _output = nn.Linear(features, projection, hasBias: false);
        register_module("hidden", _hidden);
        register_module("norm", _norm);
        register_module("output", _output);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _output.forward(nn.functional.relu(_norm.forward(_hidden.forward(input)))).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hidden.Dispose();
            _norm.Dispose();
            _output.Dispose();
        }
        base.Dispose(disposing);
    }
}
