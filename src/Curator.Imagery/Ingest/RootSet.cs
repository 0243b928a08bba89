using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Containers;

namespace Curator.Imagery.Ingest;

/// <summary>The folders and files that go into one partition, absolute and in the order given; those inside another one are left out.</summary>
internal sealed class RootSet
{
    private readonly List<string> _folders = [];
    private readonly HashSet<string> _files = [];

    private RootSet(string product, string? resolution, (string?, string?)? listed) => (Product, Resolution, Listed) = (product, resolution, listed);

    public string Product { get; }

    /// <summary>As a list names it; null for the one that is given for all.</summary>
    public string? Resolution { get; }

    /// <summary>The product and resolution that a list must name, where the roots are lists.</summary>
    public (string? Product, string? Resolution)? Listed { get; }

    /// <summary>All of them, in order.</summary>
    public List<string> Paths { get; } = [];

    public bool Contains(string path) =>
        _files.Contains(path) || (SourceAddress.Parse(path) is { IsInside: true } inside && _files.Contains(inside.Path)) || _folders.Exists(folder => SourceWalker.IsUnder(path, folder));

    /// <summary>Groups paths by the product they go into.</summary>
    /// <param name="product">One for all; null for each folder's own name.</param>
    /// <exception cref="WorkspaceException">None given, or some are not there: names them all.</exception>
    public static IReadOnlyList<RootSet> Group(IReadOnlyList<string> paths, string? product)
    {
        if (paths.Count == 0) throw new WorkspaceException("No folder or file to take in was named.", "Name one: 'curator add FOLDER'.");
        if (paths.FirstOrDefault(PictureList.IsWebAddress) is { } address)
            throw new WorkspaceException($"{address} is a web address; nothing is fetched.", "Download it, then run 'curator add' with the folder or file.");
        var full = paths.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))).Distinct().ToList();
        // A dangling link is there: it is counted with its reason.
        var missing = full.Where(path => !Path.Exists(path) && new FileInfo(path).LinkTarget is null).ToList();
        if (missing.Count > 0)
            throw new WorkspaceException(
                $"{(missing.Count == 1 ? "This is not there" : "These are not there")}: {string.Join(", ", missing.Take(10))}.",
                "Check the spelling, then run 'curator add' again.");
        var sets = new List<RootSet>();
        foreach (var path in full)
        {
            if (PictureList.IsList(path) && !Directory.Exists(path))
            {
                AddList(sets, path, product);
                continue;
            }

            var name = product is null ? Names.ToValid(Path.GetFileName(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!)) : Names.Check(product, "product");
            var set = sets.Find(s => s.Product == name && s.Listed is null);
            if (set is null) sets.Add(set = new RootSet(name, null, null));
            set.Add(path);
        }
        foreach (var set in sets) set.DropNested();
        return sets;
    }

    /// <summary>One set for each pair of product and resolution that the list names; the flag's product stands where it names none.</summary>
    private static void AddList(List<RootSet> sets, string path, string? product)
    {
        foreach (var pair in PictureList.Open(path).Partitions)
        {
            var name = pair.Product is not null ? Names.ToValid(pair.Product) : product is null ? Names.ToValid(Path.GetFileNameWithoutExtension(path)) : Names.Check(product, "product");
            var set = new RootSet(name, pair.Resolution is null ? null : Names.ToValid(pair.Resolution), pair);
            set.Add(path);
            sets.Add(set);
        }
    }

    private void Add(string path)
    {
        Paths.Add(path);
        if (Directory.Exists(path)) _folders.Add(path);
        else _files.Add(path);
    }

    private void DropNested()
    {
        _folders.RemoveAll(folder => _folders.Exists(other => other != folder && SourceWalker.IsUnder(folder, other)));
        _files.RemoveWhere(file => _folders.Exists(folder => SourceWalker.IsUnder(file, folder)));
        Paths.RemoveAll(path => !_files.Contains(path) && !_folders.Contains(path));
    }
}
