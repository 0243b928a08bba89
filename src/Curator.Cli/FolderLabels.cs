using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Cli;

/// <summary>Class folders as labels: <c>root/class/picture</c>.</summary>
internal static class FolderLabels
{
    /// <summary>Person under whose name imported labels stand.</summary>
    public const string Person = "import";

    private const int BatchSize = 4_096;

    /// <summary>
    /// Makes a task with one class a folder and an answer for each picture in one. Operation ids are made from task and image, so that doing it again adds
    /// nothing; a person's answer stays above, whichever came first.
    /// </summary>
    /// <returns>How many pictures carry a folder label.</returns>
    /// <exception cref="WorkspaceException">There are fewer than two class folders.</exception>
    public static async Task<long> ImportAsync(Workspace workspace, string taskName, CancellationToken cancellationToken)
    {
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var classes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var partition in partitions.Where(p => p.Rows > 0))
        {
            using var manifest = workspace.OpenManifest(partition);
            foreach (var record in manifest.Read())
                if (ClassOf(record) is { } name)
                    classes.Add(name);
        }
        if (classes.Count < 2)
            throw new WorkspaceException(
                $"{classes.Count} class folders were found; labels need at least two.",
                "Add a folder that holds one folder a class, or leave --labels-from-folders out.");
        var task = await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(taskName, "Which class is this?", [.. classes], null, null, "", workspace.Clock.GetUtcNow()), cancellationToken);

        long count = 0;
        foreach (var partition in partitions.Where(p => p.Rows > 0))
        {
            using var manifest = workspace.OpenManifest(partition);
            var batch = new List<NewLabelEvent>(BatchSize);
            long row = 0;
            foreach (var record in manifest.Read())
            {
                var id = new ImageId(partition.Number, row++);
                if (ClassOf(record) is not { } name) continue;
                batch.Add(new NewLabelEvent($"folder-{task.Name}-{id}", task.Name, id, Person, "folders", LabelEventKind.Import, name));
                count++;
                if (batch.Count < BatchSize) continue;
                await workspace.Labels.AppendAsync(batch, cancellationToken);
                batch.Clear();
            }
            if (batch.Count > 0) await workspace.Labels.AppendAsync(batch, cancellationToken);
        }
        return count;
    }

    private static string? ClassOf(ImageRecord record)
    {
        var slash = record.Folder.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? record.Folder : record.Folder[..slash];
        return name.Length == 0 ? null : name;
    }
}
