using System.Globalization;

namespace Curator.Core.Images;

/// <summary>
/// Where the bytes of a picture lie: a file, or a run of bytes inside one (a member of a tar, a record of a TFRecord file). Its text is the path, or
/// <c>PATH#OFFSET+LENGTH/NAME</c>, so that the last part of either is the picture's name.
/// </summary>
/// <param name="Path">Of the file, or of the container.</param>
/// <param name="Offset">First byte; 0 for a whole file.</param>
/// <param name="Length">Bytes; null for a whole file.</param>
public readonly record struct SourceAddress(string Path, long Offset, long? Length)
{
    /// <summary>Whether the picture lies inside another file.</summary>
    public bool IsInside => Length is not null;

    /// <summary>The text of a picture inside a container.</summary>
    /// <param name="name">Relative, with '/'; what people know the picture by.</param>
    public static string Inside(string container, long offset, long length, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{container}#{offset}+{length}/{name}");

    /// <summary>Reads an address. Any text is one: what has no run of bytes after its last such '#' is a path.</summary>
    public static SourceAddress Parse(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        for (var hash = uri.LastIndexOf('#'); hash > 0; hash = uri.LastIndexOf('#', hash - 1))
        {
            var rest = uri.AsSpan(hash + 1);
            var plus = rest.IndexOf('+');
            var slash = rest.IndexOf('/');
            if (plus > 0 && slash > plus + 1
                && long.TryParse(rest[..plus], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                && long.TryParse(rest[(plus + 1)..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                return new SourceAddress(uri[..hash], offset, length);
        }

        return new SourceAddress(uri, 0, null);
    }
}
