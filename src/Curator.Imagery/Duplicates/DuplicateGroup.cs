using Curator.Core.Images;

namespace Curator.Imagery.Duplicates;

/// <summary>How a picture is like the one that stays.</summary>
public enum DuplicateKind
{
    /// <summary>The same bytes.</summary>
    Exact,

    /// <summary>It looks the same.</summary>
    Near,

    /// <summary>It looks the same when mirrored or turned.</summary>
    Turned,

    /// <summary>Like another of the group, and not directly like the one that stays.</summary>
    Linked,
}

/// <summary>A picture that need not be looked at beside the one that stays.</summary>
/// <param name="Bits">Bits of the 256-bit hash in which it differs from the one that stays; 0 where the bytes are equal.</param>
public sealed record Duplicate(ImageId Image, string Path, DuplicateKind Kind, int Bits);

/// <summary>Pictures of one group: the one that stays and its duplicates by image id.</summary>
public sealed record DuplicateGroup(ImageId Kept, string KeptPath, IReadOnlyList<Duplicate> Duplicates);

/// <summary>What a search for duplicates found.</summary>
/// <param name="Images">Pictures compared.</param>
/// <param name="Groups">By the id of the picture that stays.</param>
/// <param name="Featureless">Pictures with next to no structure; two of them look alike without being copies.</param>
/// <param name="Unreadable">Candidates whose file could not be read any more; they are in no group.</param>
/// <param name="Comparisons">Pairs of 64-bit hashes that were compared.</param>
public sealed record DuplicateReport(
    long Images, IReadOnlyList<DuplicateGroup> Groups, IReadOnlyList<ImageId> Featureless, long Unreadable, long Comparisons)
{
    /// <summary>Pictures that are marked, all groups together.</summary>
    public long Duplicates => Groups.Sum(group => (long)group.Duplicates.Count);
}
