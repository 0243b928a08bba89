using Curator.Core;
using Curator.Core.Images;

namespace Curator.Labeling.Export;

/// <summary>
/// The folder in which a data set is made. Pictures and shards appear whole or not at all, and what is there already is not made again, so that an interrupted export goes on where it
/// was. Not thread-safe.
/// </summary>
internal sealed class ExportFolder(string root, FileTransfer transfer)
{
    private const string Unfinished = ".unfinished";

    private readonly HashSet<string> _folders = [];

    /// <summary>Pictures whose source file was not there.</summary>
    public long Missing { get; private set; }

    /// <summary>Opens a text or data file for writing; '/' in the name, folders are made.</summary>
    public FileStream Create(string name) => new(PathOf(name), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);

    public void Folder(string name) => PathOf(name + "/.");

    public bool Has(string name) => File.Exists(Path.Combine(root, name));

    /// <summary>Begins a file that is under its name only when it is finished with <see cref="Finish"/>.</summary>
    public FileStream Begin(string name) => Create(name + Unfinished);

    public void Finish(string name) => File.Move(PathOf(name + Unfinished), PathOf(name), overwrite: true);

    /// <summary>Puts the bytes of one file behind another's and removes it.</summary>
    public void Append(string name, string rest)
    {
        using (var target = new FileStream(PathOf(name), FileMode.Append, FileAccess.Write, FileShare.None))
        using (var source = File.OpenRead(PathOf(rest)))
            source.CopyTo(target);
        File.Delete(PathOf(rest));
    }

    /// <summary>Puts a picture into the set; false when its source file is not there.</summary>
    /// <exception cref="WorkspaceException">The file system cannot link.</exception>
    public bool Place(string source, string name)
    {
        if (!IsThere(source)) return false;
        var target = PathOf(name);
        if (File.Exists(target)) return true;
        if (SourceAddress.Parse(source).IsInside && !File.Exists(source))
        {
            // Nothing to link to: it lies inside a container.
            File.WriteAllBytes(target + Unfinished, Read(source)!);
            File.Move(target + Unfinished, target);
            return true;
        }

        try
        {
            switch (transfer)
            {
                case FileTransfer.Symlink:
                    File.CreateSymbolicLink(target, source);
                    break;
                case FileTransfer.HardLink:
                    HardLink.Create(target, source);
                    break;
                default:
                    File.Copy(source, target + Unfinished, overwrite: true);
                    File.Move(target + Unfinished, target);
                    break;
            }
        }
        catch (IOException e) when (transfer != FileTransfer.Copy)
        {
            throw new WorkspaceException(e.Message, "Use --copy, or export to the file system of the source images.", e);
        }
        return true;
    }

    /// <summary>The bytes of a source file; null when it is not there.</summary>
    public byte[]? Read(string source)
    {
        if (!IsThere(source)) return null;
        var (path, offset, length) = SourceAddress.Parse(source);
        if (length is null || File.Exists(source)) return File.ReadAllBytes(source);
        using var container = File.OpenHandle(path);
        var bytes = new byte[checked((int)length.Value)];
        return RandomAccess.Read(container, bytes, offset) == bytes.Length ? bytes : null;
    }

    /// <summary>Whether a source file is there; counts those that are not.</summary>
    public bool IsThere(string source)
    {
        if (File.Exists(source) || (SourceAddress.Parse(source) is { IsInside: true } inside && File.Exists(inside.Path))) return true;
        Missing++;
        return false;
    }

    private string PathOf(string name)
    {
        var path = Path.Combine(root, name);
        var folder = Path.GetDirectoryName(path)!;
        if (_folders.Add(folder)) Directory.CreateDirectory(folder);
        return path;
    }
}
