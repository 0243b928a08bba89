using System.Runtime.InteropServices;
using Curator.Core.Images;
using Curator.Imagery;
using Curator.Imagery.Decoding;
using Curator.Imagery.Gaps;
using Curator.Imagery.Resizing;
using Curator.Learning.Encoders;

namespace Curator.Learning.Cache;

/// <summary>One picture file to S × S pixels, RGB or bands, the way that an encoder's card says. Not thread-safe; keeps its buffers.</summary>
/// <param name="preprocessing">Text of a <see cref="Preparation"/>.</param>
internal sealed class PictureLoader(string preprocessing = EncoderCard.Stretch)
{
    private readonly Preparation _preparation = Preparation.Of(preprocessing);
    private readonly ImageDecoder _decoder = new();
    private readonly Resizer _resizer = new();
    private readonly GapDetector _gaps = new();
    private byte[] _mask = [];
    private byte[] _three = [];

    /// <summary>A row's picture: rendered and filled as the row says, unless bands are wanted.</summary>
    /// <param name="pixels">[side, side, C]; cleared when there is no picture.</param>
    /// <returns>Why there is no picture and one line about it, or null.</returns>
    public (ImageProblem Problem, string Detail)? Load(ImageRecord record, int side, Span<byte> pixels) =>
        _preparation.Rendering is { } bands ? LoadBands(record.Uri, bands, side, pixels) : Prepare(_decoder.DecodeRecord(record, DecodeOptions.Default), record.Gaps is not null, side, pixels);

    /// <inheritdoc cref="Load(ImageRecord, int, Span{byte})"/>
    /// <summary>A picture that no row is of.</summary>
    public (ImageProblem Problem, string Detail)? Load(string path, int side, Span<byte> pixels) =>
        _preparation.Rendering is { } bands ? LoadBands(path, bands, side, pixels) : Prepare(_decoder.DecodeFile(path, DecodeOptions.Default), false, side, pixels);

    /// <inheritdoc cref="Load(ImageRecord, int, Span{byte})"/>
    /// <summary>Pixels that are there already.</summary>
    public (ImageProblem Problem, string Detail)? Load(RgbImage picture, int side, Span<byte> pixels)
    {
        if (_preparation.Rendering is { } bands)
        {
            pixels.Clear();
            return (ImageProblem.Unsupported, $"the encoder takes the bands {string.Join(',', bands.Bands!)} of a TIFF, which a picture in colour does not have");
        }
        Prepare(picture.Rgb.ToArray(), picture.Width, picture.Height, false, side, pixels);
        return null;
    }

    /// <summary>Three bands at a time as if they were red, green and blue: one decoder and one resizer for everything.</summary>
    private (ImageProblem Problem, string Detail)? LoadBands(string path, Rendering rendering, int side, Span<byte> pixels)
    {
        var (bands, channels) = (rendering.Bands!, rendering.Bands!.Count);
        if (_three.Length != side * side * 3) _three = new byte[side * side * 3];
        for (var first = 0; first < channels; first += 3)
        {
            // The last band again where there are not three.
            int[] places = [.. Enumerable.Range(first, 3).Select(place => Math.Min(place, channels - 1))];
            var part = new Rendering
            {
                Bands = [.. places.Select(place => bands[place])],
                Stretch = rendering.Stretch is { Count: > 1 } stretch ? [.. places.Select(place => stretch[place])] : rendering.Stretch,
            };
            var result = _decoder.DecodeFile(path, DecodeOptions.Default with { Rendering = part });
            if (result.Succeeded && result.Image.Format != ImageFormat.Tiff)
            {
                pixels.Clear();
                return (ImageProblem.Unsupported, $"the encoder takes the bands {string.Join(',', bands)} of a TIFF; this is {result.Image.Format.ToString().ToUpperInvariant()}");
            }
            if (Prepare(result, isFilled: true, side, result.Succeeded ? _three : pixels) is { } problem) return problem;
            for (var p = 0; p < side * side; p++)
                for (var c = 0; c < Math.Min(3, channels - first); c++)
                    pixels[(p * channels) + first + c] = _three[(p * 3) + c];
        }
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
        if (_preparation.FillsGaps && !isFilled)
        {
            if (_mask.Length < width * height) _mask = new byte[width * height];
            var mask = _mask.AsSpan(0, width * height);
            if (_gaps.Detect(rgb, width, height, mask) > 0) GapFill.Apply(GapFillMethod.Smooth, rgb, width, height, mask, seed: 0);
        }

        if (width == side && height == side) rgb.CopyTo(pixels);
        else _resizer.ToSquare(rgb, width, height, pixels, side);
    }
}
