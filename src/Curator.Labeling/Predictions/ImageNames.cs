using Curator.Core;
using Curator.Core.Images;

namespace Curator.Labeling.Predictions;

/// <summary>Finds images by the names that files of others give them.</summary>
internal static class ImageNames
{
    /// <summary>
    /// The image of each name: absolute path, path below the added folder or file name, each with or without its ending; where none fits, the last part of the name alone.
    /// Names that fit nothing are left out. One pass over the manifests, or two.
    /// </summary>
    /// <exception cref="WorkspaceException">A name fits several images.</exception>
    public static async Task<IReadOnlyDictionary<string, ImageId>> FindAsync(Workspace workspace, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var wanted = names.Distinct(StringComparer.Ordinal).ToDictionary(name => name, Normal, StringComparer.Ordinal);
        var found = new Dictionary<string, ImageId>(StringComparer.Ordinal);
        await MatchAsync(workspace, wanted, found, cancellationToken);
        var left = wanted.Where(w => !found.ContainsKey(w.Key) && w.Value.Contains('/', StringComparison.Ordinal)).ToDictionary(w => w.Key, w => Path.GetFileName(w.Value));
        if (left.Count > 0) await MatchAsync(workspace, left, found, cancellationToken);
        return found;
    }

    private static async Task MatchAsync(Workspace workspace, Dictionary<string, string> wanted, Dictionary<string, ImageId> found, CancellationToken cancellationToken)
    {
        var byText = wanted.ToLookup(w => w.Value, w => w.Key, StringComparer.Ordinal);
        var usedFor = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            if (partition.Rows == 0) continue;
            using var manifest = workspace.OpenManifest(partition);
            long row = -1;
            foreach (var record in manifest.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var image = new ImageId(partition.Number, ++row);
                if (Texts(record).FirstOrDefault(byText.Contains) is not { } text) continue;
                if (!usedFor.TryAdd(text, record.Uri))
                    throw new WorkspaceException($"The name '{text}' fits {usedFor[text]} and {record.Uri}.", "Write the path below the added folder, or the absolute path.");
                foreach (var name in byText[text]) found[name] = image;
            }
        }
    }

    private static IEnumerable<string> Texts(ImageRecord record)
    {
        var file = Path.GetFileName(record.Uri);
        var stem = Path.GetFileNameWithoutExtension(file);
        yield return record.Uri;
        if (record.Folder.Length > 0) yield return $"{record.Folder}/{file}";
        yield return file;
        if (record.Folder.Length > 0) yield return $"{record.Folder}/{stem}";
        yield return stem;
    }

    private static string Normal(string name)
    {
        name = name.Trim().Replace('\\', '/');
        return name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
    }
}
