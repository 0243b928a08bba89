using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Imagery.Ingest;

/// <summary>What to take in, and under which name.</summary>
public sealed record IngestOptions
{
    /// <summary>Folders, searched with all their subfolders, or single files.</summary>
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
}
