using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Core.Images;

namespace Curator.Imagery.Decoding;

/// <summary>What a decoder accepts. The limits are checked on the header, before anything is decoded or allocated.</summary>
public sealed record DecodeOptions
{
    /// <summary>The defaults: 250 megapixels, 1 GiB.</summary>
    public static DecodeOptions Default { get; } = new();

    /// <summary>Longest side, in pixels, of any picture: what JPEG and most readers can hold.</summary>
    public const int MaxSide = 65_535;

    /// <summary>Most pixels a picture may have. Decoding needs four bytes a pixel.</summary>
    [Range(1, 500_000_000)]
    [Description("Most pixels a picture may have; larger ones are refused by their header.")]
    public long LimitPixels { get; init; } = 250_000_000;

    /// <summary>Most bytes a file may have to be read as a whole.</summary>
    [Range(1, 2_000_000_000)]
    [Description("Most bytes a picture file may have.")]
    public long LimitFileBytes { get; init; } = 1L << 30;

    /// <summary>
    /// For those who shrink the picture at once: its shortest side may come out smaller, but not below this many pixels; 0 for the picture as it is. Only JPEG makes use of it, whose blocks
    /// are then decoded to a half, quarter or eighth of their sides, in two thirds to a third of the time. <see cref="DecodedImage.Width"/> and Height are those that came out.
    /// </summary>
    public int ShortestSide { get; init; }

    /// <summary>
    /// Bands and stretch of TIFF pictures; other formats have neither. What is filled is not decided here: <see cref="ImageDecoder.DecodeRecord"/> does that.
    /// </summary>
    public Rendering Rendering { get; init; } = Rendering.Plain;
}
