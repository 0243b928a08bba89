using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Imagery.Duplicates;

/// <summary>Which picture of a group of duplicates stays.</summary>
public enum KeepPolicy
{
    /// <summary>Most pixels, then most bytes, then added first.</summary>
    Largest,

    /// <summary>Added first.</summary>
    First,
}

/// <summary>Settings of <c>curator duplicates</c>, section <c>duplicates</c>.</summary>
public sealed record DuplicateOptions
{
    [Range(0, HammingPairs.MaxRadius)]
    [Description("Bits of the 64-bit perceptual hash in which candidates may differ.")]
    public int Radius { get; init; } = 7;

    [Range(0, 128)]
    [Description("Bits of the 256-bit hash in which duplicates may differ; unrelated pictures differ in about 128.")]
    public int FineRadius { get; init; } = 48;

    [Range(0.0, 128.0)]
    [Description("Pictures whose brightness deviates less than this (0 to 127) are featureless: reported apart, and duplicates only when their bytes are equal.")]
    public double Featureless { get; init; } = 4;

    [Description("Find mirrored and turned copies as well; reads every picture again.")]
    public bool Turned { get; init; }

    [Description("Only pictures with the same bytes; reads nothing but the catalog.")]
    public bool ExactOnly { get; init; }

    [Description("Which picture of a group stays.")]
    public KeepPolicy Keep { get; init; }
}
