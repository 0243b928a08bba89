using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Labeling.Import;

/// <summary>
/// Takes in labels that people have already. They become events of the kind <see cref="LabelEventKind.Import"/>, which never cover an answer that somebody gave here, before or after. Importing
/// the same file again changes nothing.
/// </summary>
public static class LabelImport
{
    private const int BatchSize = 4_096;
    private const int MostExamples = 10;
    private const string Person = "import";

    /// <param name="taskName">Made with the file's classes when there is none; missing classes are added to one that is there.</param>
    /// <param name="positive">The class looked for, which comes first in a new task; null for the most frequent order of names.</param>
    /// <exception cref="WorkspaceException">The file cannot be read, or gives a new task fewer than two classes.</exception>
    public static async Task<ImportReport> RunAsync(
        Workspace workspace, string taskName, string path, ImportFormat format, string? positive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var kind = format == ImportFormat.Auto ? ForeignFiles.Recognise(path) : format;
        var examples = new List<string>();
        long skipped = 0, unknown = 0;
        void Note(string text)
        {
            if (examples.Count < MostExamples) examples.Add(text);
        }

        var labels = ForeignFiles.Read(path, kind, reason =>
        {
            skipped++;
            Note(reason);
        });
        var finder = await ImageFinder.LoadAsync(workspace, labels, cancellationToken);
        var found = new List<(ImageId Image, ForeignLabel Label)>(labels.Count);
        foreach (var label in labels)
        {
            var images = finder.Find(label, out var ambiguous);
            if (images.Count == 0)
            {
                unknown++;
                Note(ambiguous > 0 ? $"{label.Where}: '{label.Name}' fits {ambiguous} images" : $"{label.Where}: '{label.Name}' is not in the project");
            }
            foreach (var image in images) found.Add((image, label));
        }

        var task = await TaskAsync(workspace, taskName, found.Select(entry => entry.Label.Class), positive, cancellationToken);
        // The file's own labels name the events, so that the same file stores nothing twice and a corrected one is stored anew.
        var source = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', labels.Select(label => $"{label.Name}\t{label.Class}\t{label.Annotator}")))))[..12];
        var events = found.Select((entry, number) => new NewLabelEvent(
            $"import-{source}-{task.Name[..Math.Min(task.Name.Length, 60)]}-{number}", task.Name, entry.Image, PersonOf(entry.Label), source, LabelEventKind.Import, entry.Label.Class));
        foreach (var batch in events.Chunk(BatchSize)) await workspace.Labels.AppendAsync(batch, cancellationToken);

        var imported = found.Select(entry => entry.Image).ToHashSet();
        var present = await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
        var covered = present.Count(state => imported.Contains(state.Image) && state.Person != Person && !state.Person.StartsWith(Person + ":", StringComparison.Ordinal));
        var classes = found.GroupBy(entry => entry.Label.Class, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.LongCount());
        return new ImportReport(task.Name, kind, found.Count, covered, unknown, skipped, classes, examples);
    }

    private static string PersonOf(ForeignLabel label)
    {
        if (label.Annotator is not { Length: > 0 } annotator) return Person;
        var name = $"{Person}:{new string([.. annotator.Where(c => !char.IsControl(c))])}";
        return name.Length <= 100 ? name : name[..100];
    }

    private static async Task<LabelingTask> TaskAsync(Workspace workspace, string name, IEnumerable<string> given, string? positive, CancellationToken cancellationToken)
    {
        var classes = given.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var known = (await workspace.Labels.GetTasksAsync(cancellationToken)).FirstOrDefault(task => task.Name == name);
        if (known is not null)
        {
            var missing = classes.Where(of => !known.Classes.Contains(of)).ToList();
            return missing.Count == 0 ? known : await workspace.Labels.ChangeTaskAsync(name, new TaskChange(AddClasses: missing), cancellationToken);
        }
        if (positive is not null && classes.Remove(positive)) classes.Insert(0, positive);
        if (classes.Count < 2)
            throw new WorkspaceException(
                $"The labels that fit the project's images have {(classes.Count == 0 ? "no class" : $"one class, {classes[0]}")}; a new task needs two.",
                $"Make the task first with `curator label {name} --classes A,B`, or take the images in with `curator add`.");
        return await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(name, classes.Count == 2 ? $"Is this {classes[0]}?" : "Which class is this?", classes, null, null, "", workspace.Clock.GetUtcNow()), cancellationToken);
    }
}
