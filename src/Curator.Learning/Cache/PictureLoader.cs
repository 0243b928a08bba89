using System.Runtime.InteropServices;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Gaps;
using Curator.Imagery.Resizing;
using Curator.Learning.Encoders;

namespace Curator.Learning.Cache;

/// <summary>One picture file to S × S RGB, the way that an encoder's card says. Not thread-safe; keeps its buffers.</summary>
/// <param name="preprocessing"><see cref="EncoderCard.Stretch"/> or <see cref="EncoderCard.FillAndStretch"/>.</param>
internal sealed class PictureLoader(string preprocessing = EncoderCard.Stretch)
{
    private readonly ImageDecoder _decoder = new();
    private readonly Resizer _resizer = new();
    private readonly GapDetector _gaps = new();
    private byte[] _mask = [];

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
        if (preprocessing == EncoderCard.FillAndStretch)
        {
            // The decoder's own buffer, which is ours until its next call.
            var pixelsOf = MemoryMarshal.AsMemory(result.Image.Pixels).Span;
            var (width, height) = (result.Image.Width, result.Image.Height);
            if (_mask.Length < width * height) _mask = new byte[width * height];
            var mask = _mask.AsSpan(0, width * height);
            if (_gaps.Detect(pixelsOf, width, height, mask) > 0) GapFill.Apply(GapFillMethod.Smooth, pixelsOf, width, height, mask, seed: 0);
        }
        if (result.Image.Width == side && result.Image.Height == side) result.Image.Pixels.Span.CopyTo(pixels);
        else _resizer.ToSquare(result.Image.Pixels.Span, result.Image.Width, result.Image.Height, pixels, side);
        return null;
    }
}
