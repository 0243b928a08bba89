using Curator.Learning.Networks;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>SimCLR: a projection head and <see cref="NtXent"/>. Chen et al. 2020, algorithm 1.</summary>
internal sealed class SimClr(int features, int projection, double temperature) : IMethod
{
    private readonly ProjectionHead _head = new(features, projection);

    public string Name => "simclr";

    public int Views => 2;

    public nn.Module Head => _head;

    public Tensor Loss(Tensor features, Tensor views)
    {
        using var scope = NewDisposeScope();
        return NtXent.Loss(_head.forward(features), temperature).MoveToOuterDisposeScope();
    }

    public void Dispose() => _head.Dispose();
}
