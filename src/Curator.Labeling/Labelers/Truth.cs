using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Labelers;

/// <summary>What every image really is, from a file or from folders named after classes. Immutable, thread-safe.</summary>
public sealed class Truth
{
    private const string FoldersPrefix = "folders:";

    private static readonly string[] YesWords = ["yes", "y", "true", "1", "positive", "pos"];
    private static readonly string[] NoWords = ["no", "n", "false", "0", "negative", "neg", ""];

    private readonly Dictionary<ImageId, int> _classes;

    private Truth(Dictionary<ImageId, int> classes) => _classes = classes;

    /// <summary>Images it knows.</summary>
    public int Count => _classes.Count;

    /// <summary>Images of class 0, the positive one.</summary>
    public int Positives => _classes.Values.Count(c => c == 0);

    public static Truth Of(IReadOnlyDictionary<ImageId, int> classes) => new(new Dictionary<ImageId, int>(classes));

    /// <param name="value">Number of the class in <see cref="LabelingTask.Classes"/>.</param>
    public bool TryGet(ImageId image, out int value) => _classes.TryGetValue(image, out value);

    /// <summary>Reads the truth for all images of the workspace.</summary>
    /// <param name="source">
    /// <c>folders:River</c>: images whose folder is <c>River</c>, or lies below it, are of the first class, all others of the second; <c>folders:</c> alone takes the
    /// task's own class names as folders. Otherwise a CSV file with the columns <c>image</c> (absolute path, path below the added folder, or file
    /// name) and <c>label</c> (a class of the task; for two classes also yes and no); a first line that names them is optional.
    /// </param>
    /// <exception cref="WorkspaceException">The file cannot be read, a label is no class, a name is not unique, or names are unknown.</exception>
    public static async Task<Truth> LoadAsync(Workspace workspace, LabelingTask task, string source, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(source);
        if (source.StartsWith(FoldersPrefix, StringComparison.Ordinal))
            return await FromFoldersAsync(workspace, task, source[FoldersPrefix.Length..].Trim('/'), cancellationToken);
        string text;
        try
        {
            text = await File.ReadAllTextAsync(source, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"The truth '{source}' cannot be read: {e.Message}", "Give a CSV file with the columns image,label, or folders:CLASS.", e);
        }
        return await FromCsvAsync(workspace, task, source, text, cancellationToken);
    }

    private static async Task<Truth> FromFoldersAsync(Workspace workspace, LabelingTask task, string name, CancellationToken cancellationToken)
    {
        var classes = new Dictionary<ImageId, int>();
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var (id, record) in ImagesAsync(workspace, cancellationToken))
        {
            folders.Add(record.Folder);
            if (name.Length > 0)
            {
                classes[id] = IsIn(record.Folder, name) ? 0 : 1;
                continue;
            }
            for (var c = 0; c < task.Classes.Count; c++)
                if (IsIn(record.Folder, task.Classes[c]))
                    classes[id] = c;
        }
        var truth = new Truth(classes);
        return truth.Positives > 0 ? truth : throw new WorkspaceException(
            $"No image lies in a folder '{(name.Length > 0 ? name : task.Classes[0])}'; the folders are: {string.Join(", ", folders.Take(20))}.",
            "Name one of them: folders:CLASS.");
    }

    private static async Task<Truth> FromCsvAsync(Workspace workspace, LabelingTask task, string source, string text, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var fields in Csv.Read(text))
        {
            number++;
            if (fields.Count < 2) throw Bad(source, number, "has fewer than two columns");
            if (number == 1 && fields[0].Trim().Equals("image", StringComparison.OrdinalIgnoreCase)) continue;
            var value = ClassOf(task, fields[1].Trim());
            if (value < 0) throw Bad(source, number, $"has the label '{fields[1]}', which is none of {string.Join(", ", task.Classes)}");
            if (!wanted.TryAdd(fields[0].Trim(), value) && wanted[fields[0].Trim()] != value)
                throw Bad(source, number, $"gives '{fields[0]}' a second, different label");
        }
        var classes = new Dictionary<ImageId, int>();
        var usedFor = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var (id, record) in ImagesAsync(workspace, cancellationToken))
        {
            var file = Path.GetFileName(record.Uri);
            string[] names = [record.Uri, record.Folder.Length > 0 ? $"{record.Folder}/{file}" : file, file];
            var name = names.FirstOrDefault(wanted.ContainsKey);
            if (name is null) continue;
            if (!usedFor.TryAdd(name, record.Uri))
                throw new WorkspaceException(
                    $"The name '{name}' in '{source}' fits {usedFor[name]} and {record.Uri}.", "Write the path below the added folder, or the absolute path, in the image column.");
            classes[id] = wanted[name];
        }
        var unknown = wanted.Keys.Where(n => !usedFor.ContainsKey(n)).ToList();
        if (unknown.Count > 0)
            throw new WorkspaceException(
                $"{unknown.Count} of {wanted.Count} images in '{source}' are not in the workspace: {string.Join(", ", unknown.Take(10))}{(unknown.Count > 10 ? " …" : "")}.",
                "Add them with 'curator add PATH', or remove those lines.");
        return new Truth(classes);
    }

    private static int ClassOf(LabelingTask task, string label)
    {
        for (var c = 0; c < task.Classes.Count; c++)
            if (string.Equals(task.Classes[c], label, StringComparison.OrdinalIgnoreCase))
                return c;
        if (task.Classes.Count != 2) return -1;
        return YesWords.Contains(label, StringComparer.OrdinalIgnoreCase) ? 0 : NoWords.Contains(label, StringComparer.OrdinalIgnoreCase) ? 1 : -1;
    }

    private static bool IsIn(string folder, string name) =>
        folder == name || folder.StartsWith(name + "/", StringComparison.Ordinal) || folder.EndsWith("/" + name, StringComparison.Ordinal)
        || folder.Contains($"/{name}/", StringComparison.Ordinal);

    private static async IAsyncEnumerable<(ImageId Id, ImageRecord Record)> ImagesAsync(
        Workspace workspace, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            if (partition.Rows == 0) continue;
            using var manifest = workspace.OpenManifest(partition);
            long row = 0;
            foreach (var record in manifest.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return (new ImageId(partition.Number, row++), record);
            }
        }
    }

    private static WorkspaceException Bad(string source, int line, string what) =>
        new($"Record {line} of '{source}' {what}.", "Give a CSV file with the columns image,label.");
}
