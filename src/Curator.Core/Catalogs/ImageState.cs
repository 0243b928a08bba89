namespace Curator.Core.Catalogs;

/// <summary>What can happen to an image after it was added. Sparse: only images that are not as they were have a row.</summary>
public enum ImageState
{
    /// <summary>The source file is no longer there.</summary>
    Vanished,

    /// <summary>The source file has other bytes than when it was added.</summary>
    Changed,

    /// <summary>Marked as a duplicate of another image, which is kept.</summary>
    Duplicate,

    /// <summary>Hidden by a person.</summary>
    Hidden,
}
