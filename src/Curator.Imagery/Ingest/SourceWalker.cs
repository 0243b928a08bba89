using System.IO.Enumeration;
using Curator.Core.Images;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Ingest;

/// <summary>A file that may be a picture. Size and time are 0 when it is not there (a dangling link).</summary>
internal readonly record struct SourceEntry(string Path, long SizeBytes, long ModifiedNanoseconds);

/// <summary>
/// Lists picture files under a root, in a stable order: the entries of each folder by ordinal comparison of their names, folders where they stand.
/// Holds the names of the folders on the way down, never the whole list. Hidden entries and the workspace's own folders are left out.
/// A link to a folder is followed at most once, and not at all when it leads to what is listed anyway; so cycles end.
/// </summary>
internal sealed class SourceWalker
{
    private readonly HashSet<string> _ownFolders;
    private readonly List<string> _visited = [];
    private readonly List<RejectedFile> _unreadable = [];

    public SourceWalker(string workspaceRoot) =>
        _ownFolders = [.. ((string[])["partitions", "encoders", "exports"]).Select(name => Path.Combine(workspaceRoot, name))];

    /// <summary>Folders that could not be listed, so far.</summary>
    public IReadOnlyList<RejectedFile> Unreadable => _unreadable;

    public static bool HasPictureExtension(ReadOnlySpan<char> name)
    {
        var dot = name.LastIndexOf('.');
        if (dot < 0 || name.Length - dot > 5) return false;
        Span<char> lower = stackalloc char[5];
        var length = name[(dot + 1)..].ToLowerInvariant(lower);
        return lower[..length] is "jpg" or "jpeg" or "png" or "webp" or "gif" or "bmp" or "tif" or "tiff";
    }

    /// <param name="root">Absolute path of a folder, or of a file, which is listed whatever its extension.</param>
    public IEnumerable<SourceEntry> Walk(string root)
    {
        if (!Directory.Exists(root))
        {
            yield return Entry(root);
            yield break;
        }
        _visited.Clear();
        _visited.Add(Canonical(root));
        var stack = new Stack<(string Folder, Child[] Children, int Next)>();
        stack.Push((root, List(root), 0));
        while (stack.TryPop(out var level))
        {
            if (level.Next == level.Children.Length) continue;
            stack.Push(level with { Next = level.Next + 1 });
            var child = level.Children[level.Next];
            var path = Path.Combine(level.Folder, child.Name);
            if (!child.IsFolder)
                yield return Entry(path);
            else if (!_ownFolders.Contains(path) && (!child.IsLink || MayFollow(path)))
                stack.Push((path, List(path), 0));
        }
    }

    private static SourceEntry Entry(string path)
    {
        try
        {
            return SourceFile.TryState(path, out var size, out var modified, out _) ? new SourceEntry(path, size, modified) : new SourceEntry(path, 0, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new SourceEntry(path, 0, 0); // A link to itself; reading it will say so.
        }
    }

    private Child[] List(string folder)
    {
        try
        {
            var all = new FileSystemEnumerable<Child>(
                folder,
                static (ref FileSystemEntry entry) =>
                    new Child(entry.FileName.ToString(), entry.IsDirectory, (entry.Attributes & FileAttributes.ReparsePoint) != 0),
                new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false })
            {
                ShouldIncludePredicate = static (ref FileSystemEntry entry) =>
                    !entry.FileName.StartsWith('.') && (entry.IsDirectory || HasPictureExtension(entry.FileName)),
            };
            Child[] children = [.. all];
            Array.Sort(children, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return children;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unreadable.Add(new RejectedFile(folder, ImageProblem.Unreadable, $"the folder cannot be listed: {SourceFile.OneLine(e.Message)}", 0, 0));
            return [];
        }
    }

    /// <summary>Whether a link leads to a folder that neither holds nor lies in one that is listed already; remembers it then.</summary>
    private bool MayFollow(string link)
    {
        string target;
        try
        {
            target = Canonical(link);
        }
        catch (IOException)
        {
            return false;
        }
        if (_visited.Exists(v => IsUnder(target, v) || IsUnder(v, target))) return false;
        _visited.Add(target);
        return true;
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="folder"/> or lies in it.</summary>
    internal static bool IsUnder(string path, string folder)
    {
        if (!path.StartsWith(folder, StringComparison.Ordinal)) return false;
        return path.Length == folder.Length || Path.EndsInDirectorySeparator(folder) || path[folder.Length] == Path.DirectorySeparatorChar;
    }

    /// <summary>The absolute path without any link in it.</summary>
    private static string Canonical(string path, int depth = 0)
    {
        if (depth > 40) throw new IOException($"Too many links on the way to {path}.");
        var full = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(full);
        if (parent is null) return full;
        var here = Path.Combine(Canonical(parent, depth), Path.GetFileName(full));
        return new FileInfo(here).LinkTarget is { } target ? Canonical(Path.Combine(Path.GetDirectoryName(here)!, target), depth + 1) : here;
    }

    private readonly record struct Child(string Name, bool IsFolder, bool IsLink);
}
