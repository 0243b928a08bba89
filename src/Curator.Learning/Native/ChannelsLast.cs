using static TorchSharp.torch;

namespace Curator.Learning.Native;

/// <summary>
/// The memory order [B, H, W, C] under the shape [B, C, H, W], in which bfloat16 convolutions are quickest. Never with single precision on the
/// processor: libtorch 2.10 is wrong there (docs/design/learning.md, "Wrong convolutions").
/// </summary>
internal static class ChannelsLast
{
    /// <param name="images">[B, C, H, W].</param>
    /// <returns>The same numbers in the other order; the caller disposes.</returns>
    public static Tensor Of(Tensor images)
    {
        using var scope = NewDisposeScope();
        return images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
