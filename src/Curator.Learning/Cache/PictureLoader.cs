using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Resizing;

namespace Curator.Learning.Cache;

/// <summary>One picture file to S × S RGB, the way that <see cref="Encoders.EncoderCard.Stretch"/> says. Not thread-safe; keeps its buffers.</summary>
internal sealed class PictureLoader
{
    private readonly ImageDecoder _decoder = new();
    private readonly Resizer _resizer = new();

    /// <param name="pixels">[side, side, 3]; cleared when there is no picture.</param>
    /// <returns>Why there is no picture and one line about it, or null.</returns>
    public (ImageProblem Problem, string Detail)? Load(string path, int side, Span<byte> pixels)
    {
        var result = _decoder.DecodeFile(path, DecodeOptions.Default);
        if (!result.Succeeded)
        {
            pixels.Clear();
            return (result.Problem.Value, result.Detail);
        }
        if (result.Image.Width == side && result.Image.Height == side) result.Image.Pixels.Span.CopyTo(pixels);
        else _resizer.ToSquare(result.Image.Pixels.Span, result.Image.Width, result.Image.Height, pixels, side);
        return null;
    }
}
