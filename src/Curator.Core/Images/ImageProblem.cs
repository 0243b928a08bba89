namespace Curator.Core.Images;

/// <summary>Why a file was not taken in. One bad file never stops a batch: it is recorded with one of these and counted.</summary>
public enum ImageProblem
{
    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>The bytes are no picture of a known format, whatever the name says.</summary>
    NotAnImage,

    /// <summary>The file ends before the picture does.</summary>
    Truncated,

    /// <summary>The picture's data contradict themselves.</summary>
    Corrupt,

    /// <summary>The header asks for more pixels than the limit (decompression bomb); nothing was decoded.</summary>
    TooLarge,

    /// <summary>A real picture of a kind that cannot be read here.</summary>
    Unsupported,

    /// <summary>The operating system refused: permissions or an I/O error.</summary>
    Unreadable,

    /// <summary>The file, or what a link points to, is not there.</summary>
    Missing,
}

/// <summary>A file that was refused.</summary>
/// <param name="Uri">Absolute path.</param>
/// <param name="Detail">One line for a person, for example the pixel count and the limit.</param>
public sealed record RejectedFile(string Uri, ImageProblem Problem, string Detail, long SizeBytes, long ModifiedNanoseconds);
