using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Imagery.Ingest;

/// <summary>What to take in, and under which name.</summary>
public sealed record IngestOptions
{
    /// <summary>
    /// Folders, searched with all their subfolders, or single files: pictures, containers (.tar, .tfrecord), or lists of pictures (.csv, .parquet).
    /// </summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>First part of the partition's name; null for the folder's name, with what cannot be in a file name turned to '_'.</summary>
    [Description("Product that the pictures belong to; the folder's name when not given.")]
    public string? Product { get; init; }

    [Description("Resolution of the product, a name such as 250m.")]
    public string Resolution { get; init; } = "native";

    [Description("Period that the pictures are of, a name such as 2020-09.")]
    public string Period { get; init; } = "all";

    /// <summary>Most pixels a picture may have; larger ones are refused by their header.</summary>
    [Range(1, 500_000_000)]
    [Description("Most pixels a picture may have; larger ones are refused by their header.")]
    public long LimitPixels { get; init; } = 250_000_000;

    [Description("TIFF: bands for red, green and blue, such as 4,3,2, or one for grey; the first ones when not given.")]
    public string? Bands { get; init; }

    [Description("TIFF: samples that become black and white: 0:3000 (one pair, or one a band), or 2% for each picture's own 2nd and 98th percentile; the whole range when not given.")]
    public string? Stretch { get; init; }

    [Description("Fill pixels that were never seen (gaps between swaths, night) before anything is learnt of them; the mask is kept.")]
    public IngestFill Fill { get; init; }

    [Description("Folder of masks, bright where nothing was seen, named like the pictures; gaps are found in the pictures themselves when not given.")]
    public string? Mask { get; init; }
}

/// <summary>What pixels that were never seen become.</summary>
public enum IngestFill
{
    None,

    /// <summary>Random colours.</summary>
    Color,

    /// <summary>Random pixels of the picture.</summary>
    Pixel,

    /// <summary>Random pixels of the neighbourhood.</summary>
    Neighbor,

    /// <summary>What lies around, blended.</summary>
    Smooth,
}
