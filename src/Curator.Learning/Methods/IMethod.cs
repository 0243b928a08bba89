using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Methods;

/// <summary>
/// A way to learn without labels: owns what stands behind the backbone and turns the features of several views of each image into a loss. Not thread-safe.
/// </summary>
internal interface IMethod : IDisposable
{
    /// <summary>Name in settings and cards.</summary>
    string Name { get; }

    /// <summary>Views V of each image in a step.</summary>
    int Views { get; }

    /// <summary>What is trained beside the backbone, saved in checkpoints.</summary>
    nn.Module Head { get; }

    /// <summary>What is kept beside weights: momentum copies, saved in checkpoints. Still owned by this.</summary>
    IEnumerable<(string Name, Tensor Value)> State() => [];

    /// <param name="features">[V·B, F] float32; row v·B + i belongs to view v of image i.</param>
    /// <param name="views">[V·B, C, S, S], what the features were computed from.</param>
    /// <returns>A scalar; the caller disposes.</returns>
    Tensor Loss(Tensor features, Tensor views);

    /// <summary>Called after the optimizer's step.</summary>
    /// <param name="progress">Share of the training that is done, 0 to 1.</param>
    void AfterStep(double progress)
    {
    }

    /// <summary>Moves all that it owns to a device.</summary>
    void MoveTo(Device device) => Head.to(device);
}
