using System.Diagnostics.CodeAnalysis;
using Curator.Core.Images;

namespace Curator.Imagery.Decoding;

/// <summary>A decoded picture.</summary>
/// <param name="Width">Pixels, after the EXIF orientation was applied.</param>
/// <param name="Height">Pixels, after the EXIF orientation was applied.</param>
/// <param name="Channels">As stored in the file: 1 grey, 2 grey and alpha, 3 RGB or palette, 4 RGBA or CMYK.</param>
/// <param name="BitDepth">Bits per channel as stored in the file.</param>
/// <param name="Pixels">
/// RGB, uint8, <c>[Height, Width, 3]</c>, row-major; transparent parts lie on black. It is the decoder's own buffer: valid until the next
/// call to the same <see cref="ImageDecoder"/>; copy what must live longer.
/// </param>
public sealed record DecodedImage(int Width, int Height, int Channels, int BitDepth, ImageFormat Format, ReadOnlyMemory<byte> Pixels);

/// <summary>Either a picture, or why there is none.</summary>
public readonly struct DecodeResult
{
    private DecodeResult(DecodedImage? image, ImageProblem? problem, string detail)
    {
        Image = image;
        Problem = problem;
        Detail = detail;
    }

    /// <summary>The picture; null when <see cref="Problem"/> is set.</summary>
    public DecodedImage? Image { get; }

    /// <summary>Why there is no picture; null when there is one.</summary>
    public ImageProblem? Problem { get; }

    /// <summary>One line for a person about <see cref="Problem"/>; empty when there is a picture.</summary>
    public string Detail { get; }

    [MemberNotNullWhen(true, nameof(Image))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Image is not null;

    internal static DecodeResult Of(DecodedImage image) => new(image, null, "");

    internal static DecodeResult Refused(ImageProblem problem, string detail) => new(null, problem, detail);
}
