using System.Text.RegularExpressions;
using Curator.Core;
using Curator.Core.Images;

namespace Curator.Labeling.Import;

/// <summary>
/// Finds the project's images by what other programs call them. A name is never opened or joined to a path: it is only compared. Reads the manifests once and keeps what is asked for.
/// </summary>
internal sealed partial class ImageFinder
{
    private readonly Dictionary<string, List<ImageId>> _bySha = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ImageId>> _byPath = new(StringComparer.Ordinal);

    public static async Task<ImageFinder> LoadAsync(Workspace workspace, IReadOnlyCollection<ForeignLabel> labels, CancellationToken cancellationToken)
    {
        var finder = new ImageFinder();
        var hashes = labels.Select(label => label.Sha256).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var names = labels.SelectMany(label => Names(label.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            if (partition.Rows == 0) continue;
            using var manifest = workspace.OpenManifest(partition);
            long row = 0;
            foreach (var record in manifest.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var id = new ImageId(partition.Number, row++);
                if (hashes.Contains(record.Sha256)) Add(finder._bySha, record.Sha256, id);
                foreach (var name in Endings(record.Uri))
                    if (names.Contains(name))
                        Add(finder._byPath, name, id);
            }
        }
        return finder;
    }

    /// <summary>The images: several when they are copies of one another; none when it is unknown or the name fits different ones.</summary>
    /// <param name="ambiguous">Images that the longest fitting name belongs to, when they are more than one.</param>
    public IReadOnlyList<ImageId> Find(ForeignLabel label, out int ambiguous)
    {
        ambiguous = 0;
        if (label.Sha256 is { } sha && _bySha.TryGetValue(sha, out var same)) return same;
        foreach (var name in Names(label.Name))
        {
            if (!_byPath.TryGetValue(name, out var found)) continue;
            if (found.Count == 1) return found;
            ambiguous = found.Count;
            return [];
        }
        return [];
    }

    /// <summary>What a foreign name may mean, longest first: the path, then each of its endings; of an address its path, or the file that Label Studio's query names.</summary>
    internal static IEnumerable<string> Names(string text)
    {
        var path = text.Replace('\\', '/');
        var query = path.IndexOf("?d=", StringComparison.Ordinal);
        if (query >= 0) path = Uri.UnescapeDataString(path[(query + 3)..].Split('&')[0]);
        else if (Uri.TryCreate(path, UriKind.Absolute, out var uri) && uri.Scheme.Length > 1 && !uri.IsFile) path = Uri.UnescapeDataString(uri.AbsolutePath);
        foreach (var ending in Endings(path)) yield return ending;
        // Uploads carry eight digits in front of the name that the file had.
        var file = path[(path.LastIndexOf('/') + 1)..];
        if (Upload().Match(file) is { Success: true } upload) yield return file[upload.Length..];
    }

    private static IEnumerable<string> Endings(string path)
    {
        yield return path;
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
            if (slash + 1 < path.Length)
                yield return path[(slash + 1)..];
    }

    private static void Add(Dictionary<string, List<ImageId>> index, string key, ImageId id)
    {
        if (!index.TryGetValue(key, out var list)) index[key] = list = [];
        list.Add(id);
    }

    [GeneratedRegex("^[0-9a-f]{8}-")]
    private static partial Regex Upload();
}
