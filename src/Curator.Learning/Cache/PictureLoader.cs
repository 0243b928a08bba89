using System.Runtime.InteropServices;
using Curator.Core.Images;
using Curator.Imagery;
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

    /// <summary>A row's picture: rendered and filled as the row says.</summary>
    /// <param name="pixels">[side, side, 3]; cleared when there is no picture.</param>
    /// <returns>Why there is no picture and one line about it, or null.</returns>
    public (ImageProblem Problem, string Detail)? Load(ImageRecord record, int side, Span<byte> pixels) =>
        Prepare(_decoder.DecodeRecord(record, DecodeOptions.Default), record.Gaps is not null, side, pixels);

    /// <inheritdoc cref="Load(ImageRecord, int, Span{byte})"/>
    /// <summary>A picture that no row is of.</summary>
    public (ImageProblem Problem, string Detail)? Load(string path, int side, Span<byte> pixels) => Prepare(_decoder.DecodeFile(path, DecodeOptions.Default), false, side, pixels);

    /// <inheritdoc cref="Load(ImageRecord, int, Span{byte})"/>
    /// <summary>Pixels that are there already.</summary>
    public (ImageProblem Problem, string Detail)? Load(RgbImage picture, int side, Span<byte> pixels)
    {
        Prepare(picture.Rgb.ToArray(), picture.Width, picture.Height, false, side, pixels);
        return null;
    }

    private (ImageProblem Problem, string Detail)? Prepare(DecodeResult result, bool isFilled, int side, Span<byte> pixels)
    {
        if (!result.Succeeded)
        {
            pixels.Clear();
            return (result.Problem.Value, result.Detail);
        }

        // The decoder's own buffer, which is ours until its next call.
        Prepare(MemoryMarshal.AsMemory(result.Image.Pixels).Span, result.Image.Width, result.Image.Height, isFilled, side, pixels);
        return null;
    }

    private void Prepare(Span<byte> rgb, int width, int height, bool isFilled, int side, Span<byte> pixels)
    {
        if (preprocessing == EncoderCard.FillAndStretch && !isFilled)
        {
            if (_mask.Length < width * height) _mask = new byte[width * height];
            var mask = _mask.AsSpan(0, width * height);
            if (_gaps.Detect(rgb, width, height, mask) > 0) GapFill.Apply(GapFillMethod.Smooth, rgb, width, height, mask, seed: 0);
        }

        if (width == side && height == side) rgb.CopyTo(pixels);
        else _resizer.ToSquare(rgb, width, height, pixels, side);
    }
}
