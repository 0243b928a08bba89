using System.ComponentModel.DataAnnotations;

namespace Curator.Search;

/// <summary>Bounds of a <see cref="PartitionedSearch"/>.</summary>
public sealed record PartitionedSearchOptions
{
    /// <summary>Partitions held open at most; the least recently used are closed.</summary>
    [Range(1, 100_000)]
    public int MaxOpenPartitions { get; init; } = 256;

    /// <summary>Heap bytes at most for what is kept of open partitions; mapped files count as page cache and are the operating system's.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long MaxBytes { get; init; } = 512L << 20;

    /// <summary>Threads at most a search, 0 for one a processor. Results do not depend on it.</summary>
    [Range(0, 4096)]
    public int Threads { get; init; }

    /// <summary>How much of each index a search reads; null for what was chosen for this encoder, or else the defaults.</summary>
    public Indexes.SearchTuning? Tuning { get; init; }

    /// <summary>Searches every partition exactly, as if there were no indexes.</summary>
    public bool Exact { get; init; }
}
