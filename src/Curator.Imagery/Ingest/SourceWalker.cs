using System.IO.Enumeration;
using Curator.Core.Images;
using Curator.Imagery.Containers;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Ingest;

/// <summary>A file, or a run of bytes in a container, that may be a picture. Size and time are 0 when it is not there (a dangling link).</summary>
/// <param name="Facts">What its list or container says of it (<see cref="SourceFacts"/>); mostly empty.</param>
internal readonly record struct SourceEntry(string Path, long SizeBytes, long ModifiedNanoseconds, string Facts = "");

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

    /// <summary>Whether a file holds many pictures.</summary>
    public static bool IsContainer(ReadOnlySpan<char> name) =>
        name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tfrecord", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tfrecords", StringComparison.OrdinalIgnoreCase);

    /// <param name="root">Absolute path of a folder, or of a file, which is listed whatever its extension; containers, and lists that are named themselves, give what they hold.</param>
    /// <param name="product">Of a list, only pictures of this product and resolution, as it names them.</param>
    public IEnumerable<SourceEntry> Walk(string root, string? product = null, string? resolution = null)
    {
        if (!Directory.Exists(root))
        {
            var entries = IsContainer(root) ? Inside(root) : PictureList.IsList(root) ? Listed(root, product, resolution) : [Entry(root)];
            foreach (var entry in entries) yield return entry;
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
            if (!child.IsFolder && IsContainer(child.Name))
                foreach (var entry in Inside(path)) yield return entry;
            else if (!child.IsFolder)
                yield return Entry(path);
            else if (!_ownFolders.Contains(path) && (!child.IsLink || MayFollow(path)))
                stack.Push((path, List(path), 0));
        }
    }

    /// <summary>What a container holds; that it is damaged is told as of a file that could not be read.</summary>
    private IEnumerable<SourceEntry> Inside(string path)
    {
        var file = Entry(path);
        IEnumerator<SourceEntry> entries;
        try
        {
            var list = path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase)
                ? TarContainer.List(path, file.ModifiedNanoseconds, Refuse)
                : TfRecordContainer.List(path, file.ModifiedNanoseconds, Refuse);
            entries = list.GetEnumerator();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Refuse(ImageProblem.Unreadable, SourceFile.OneLine(e.Message));
            yield break;
        }

        using (entries)
            while (true)
            {
                try
                {
                    if (!entries.MoveNext()) yield break;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Refuse(ImageProblem.Unreadable, SourceFile.OneLine(e.Message));
                    yield break;
                }

                yield return entries.Current;
            }

        void Refuse(ImageProblem problem, string detail) => _unreadable.Add(new RejectedFile(path, problem, detail, file.SizeBytes, file.ModifiedNanoseconds));
    }

    private static IEnumerable<SourceEntry> Listed(string path, string? product, string? resolution)
    {
        foreach (var picture in PictureList.Open(path).Read())
        {
            if (picture.Product != product || picture.Resolution != resolution) continue;
            var address = SourceAddress.Parse(picture.Path);
            var file = Entry(address.Path);
            yield return new SourceEntry(picture.Path, address.Length ?? file.SizeBytes, file.ModifiedNanoseconds, picture.Facts.ToString());
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
                    !entry.FileName.StartsWith('.') && (entry.IsDirectory || HasPictureExtension(entry.FileName) || IsContainer(entry.FileName)),
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

    /// <summary>Whether <paramref name="path"/> is <paramref name="folder"/> or lies in it; a picture lies in its container too.</summary>
    internal static bool IsUnder(string path, string folder)
    {
        if (!path.StartsWith(folder, StringComparison.Ordinal)) return false;
        if (path.Length > folder.Length && path[folder.Length] == '#' && SourceAddress.Parse(path) is { IsInside: true } address && address.Path == folder) return true;
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
