using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Search.Indexes;

/// <summary>How a partition's index is built. Recorded in the file and part of its fingerprint.</summary>
public sealed record IndexOptions
{
    /// <summary>Partitions with fewer rows have no lists: reading all their 8-bit rows is as fast. Whether lists are used is decided by <see cref="SearchTuning.ExactBelow"/>.</summary>
    [Description("Partitions with fewer images than this have no inverted lists.")]
    [Range(0, int.MaxValue)]
    public int ListsFrom { get; init; } = 1024;

    /// <summary>Inverted lists; 0 for the square root of the rows.</summary>
    [Description("Inverted lists of a large partition; 0 for the square root of its images.")]
    [Range(0, 1 << 20)]
    public int Lists { get; init; }

    /// <summary>Rows a list that k-means is trained on.</summary>
    [Description("Images a list that its clustering is trained on.")]
    [Range(1, 4096)]
    public int SamplesPerList { get; init; } = 96;

    /// <summary>Lloyd steps at most.</summary>
    [Description("Clustering steps at most.")]
    [Range(1, 1000)]
    public int Iterations { get; init; } = 12;

    /// <summary>Seed of the sample and the clustering.</summary>
    [Description("Seed of the clustering.")]
    public int Seed { get; init; } = 1;
}
