using static TorchSharp.torch;

namespace Curator.Learning.Networks;

/// <summary>A network for use alone, its batch norms folded into its convolutions. Thread-safe. Owns its tensors.</summary>
internal interface IFeatureNetwork : IDisposable
{
    /// <param name="pictures">[B, C, S, S] of the network's kind of number, on its device; channels last for bfloat16. Only read.</param>
    /// <returns>[B, F] float32 on the device; the caller disposes.</returns>
    Tensor Forward(Tensor pictures);
}
