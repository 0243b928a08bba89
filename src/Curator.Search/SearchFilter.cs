using Curator.Core.Images;

namespace Curator.Search;

/// <summary>Which images a search may return; all conditions must hold. Partitions are pruned by it before anything of them is opened.</summary>
public sealed record SearchFilter
{
    /// <summary>Product names, ignoring case; null for all.</summary>
    public IReadOnlyCollection<string>? Products { get; init; }

    /// <summary>Resolution names, ignoring case; null for all.</summary>
    public IReadOnlyCollection<string>? Resolutions { get; init; }

    /// <summary>Period names, ignoring case; null for all.</summary>
    public IReadOnlyCollection<string>? Periods { get; init; }

    /// <summary>Earliest time a picture was taken, inclusive. Pictures without a time do not match.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Latest time a picture was taken, exclusive. Pictures without a time do not match.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Pictures whose footprint shares a point with it. Pictures without a footprint do not match.</summary>
    public BoundingBox? Box { get; init; }

    /// <summary>Conditions on answers in labeling tasks; all must hold.</summary>
    public IReadOnlyList<LabelCondition> Labels { get; init; } = [];

    /// <summary>Conditions on columns of the manifest; all must hold. The first search with new ones reads the manifests of the partitions concerned.</summary>
    public IReadOnlyList<ColumnCondition> Columns { get; init; } = [];

    /// <summary>
    /// Any other condition. Called from several threads and at most once an image a search, for images that pass everything else; must be fast and
    /// not throw.
    /// </summary>
    public Func<ImageId, bool>? Where { get; init; }

    /// <summary>Only these images; null for all. Cheapest of all conditions when few.</summary>
    public IReadOnlySet<ImageId>? Among { get; init; }

    internal bool NeedsColumns => HasTimeOrPlace || Columns.Count > 0;

    internal bool HasTimeOrPlace => From is not null || To is not null || Box is not null;

    internal bool Admits(Partition partition) =>
        Holds(Products, partition.Product) && Holds(Resolutions, partition.Resolution) && Holds(Periods, partition.Period);

    private static bool Holds(IReadOnlyCollection<string>? names, string name) =>
        names is null || names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
