using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>
/// A way to learn without labels: owns what stands behind the backbone and turns the features of two views into a loss. Not thread-safe.
/// </summary>
internal interface IMethod : IDisposable
{
    /// <summary>Name in settings and cards.</summary>
    string Name { get; }

    /// <summary>What is trained beside the backbone, saved in checkpoints.</summary>
    nn.Module Head { get; }

    /// <param name="features">[2B, F]; rows i and i + B belong to one image.</param>
    /// <returns>A scalar; the caller disposes.</returns>
    Tensor Loss(Tensor features);
}
