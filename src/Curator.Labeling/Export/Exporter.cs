using System.Globalization;
using System.Text;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Classification;
using Curator.Labeling.Labelers;

namespace Curator.Labeling.Export;

/// <summary>
/// Takes the finished set out of the workspace. Everything is written beside the goal and renamed at the end, so an export is whole or absent; one made before is
/// replaced. The same set gives the same bytes.
/// </summary>
public static class Exporter
{
    private const string TableName = "labels.csv";
    private const string CardName = "README.md";

    private const string Header = "filename,label,confidence,source,person,labeled_at,image_id,uri,taken_at,south,west,north,east\n";

    /// <param name="outDirectory">New, empty, or an earlier export.</param>
    /// <exception cref="WorkspaceException">No sweep yet, or the folder holds something else.</exception>
    public static async Task<ExportReport> ExportAsync(
        Workspace workspace, LabelingTask task, ExportFormat format, string outDirectory, ExportOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        var goal = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outDirectory));
        RequireOurs(goal);
        Directory.CreateDirectory(Path.GetDirectoryName(goal)!);
        var temporary = $"{goal}.{Environment.ProcessId}.tmp";
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        try
        {
            var report = await WriteAsync(workspace, task, format, temporary, goal, options, cancellationToken);
            Replace(temporary, goal);
            return report;
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static async Task<ExportReport> WriteAsync(
        Workspace workspace, LabelingTask task, ExportFormat format, string temporary, string goal, ExportOptions options, CancellationToken cancellationToken)
    {
        var names = new ExportNames();
        await foreach (var label in SelectedAsync(workspace, task, options, cancellationToken)) names.Count(label);
        var classes = task.Classes.Where((_, i) => i == 0 || !options.PositiveOnly).ToList();
        var counts = classes.ToDictionary(c => c, _ => 0L);
        if (format == ExportFormat.ImageFolder)
            foreach (var name in classes)
                Directory.CreateDirectory(Path.Combine(temporary, ExportNames.Folder(name)));
        long human = 0, model = 0, missing = 0;
        DateTimeOffset? lastAnswer = null;
        await using (var table = new StreamWriter(File.Create(Path.Combine(temporary, TableName)), new UTF8Encoding(false)))
        {
            await table.WriteAsync(Header);
            await foreach (var label in SelectedAsync(workspace, task, options, cancellationToken))
            {
                var name = format == ExportFormat.ImageFolder ? names.NameOf(label) : RelativeName(label.Record);
                if (format == ExportFormat.ImageFolder && !Transfer(label.Record.Uri, Path.Combine(temporary, name), options.Transfer)) missing++;
                await table.WriteAsync(Line(label, name));
                counts[label.Class]++;
                if (label.IsHuman) human++;
                else model++;
                if (label.LabeledAt > (lastAnswer ?? DateTimeOffset.MinValue)) lastAnswer = label.LabeledAt;
            }
        }
        var report = new ExportReport(goal, counts, human, model, missing);
        var sweep = options.HumanOnly ? null : await Classifier.GetReportAsync(workspace, task.Name, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(temporary, CardName), DataCard.Write(task, format, options, report, sweep, lastAnswer), cancellationToken);
        return report;
    }

    private static IAsyncEnumerable<FinalLabel> SelectedAsync(Workspace workspace, LabelingTask task, ExportOptions options, CancellationToken cancellationToken) =>
        FinalSet.ReadAsync(workspace, task, options.HumanOnly, cancellationToken)
            .Where(l => l.Confidence >= options.MinimumConfidence && (!options.PositiveOnly || l.Class == task.Classes[0]));

    private static string Line(FinalLabel label, string name)
    {
        var box = label.Record.Footprint;
        string[] fields =
        [
            Csv.Text(name), Csv.Text(label.Class), label.Confidence.ToString("0.000000", CultureInfo.InvariantCulture), label.IsHuman ? "human" : "model",
            Csv.Text(label.Person ?? ""), Time(label.LabeledAt), label.Image.ToString(), Csv.Text(label.Record.Uri), Time(label.Record.TakenAt),
            Degrees(box?.South), Degrees(box?.West), Degrees(box?.North), Degrees(box?.East),
        ];
        return string.Join(',', fields) + "\n";
    }

    private static string RelativeName(ImageRecord record) =>
        record.Folder.Length > 0 ? $"{record.Folder}/{Path.GetFileName(record.Uri)}" : Path.GetFileName(record.Uri);

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";

    private static string Degrees(double? value) => value?.ToString("0.########", CultureInfo.InvariantCulture) ?? "";

    /// <summary>False when the source file is not there.</summary>
    private static bool Transfer(string source, string target, FileTransfer transfer)
    {
        if (!File.Exists(source)) return false;
        switch (transfer)
        {
            case FileTransfer.Symlink:
                File.CreateSymbolicLink(target, source);
                return true;
            case FileTransfer.HardLink:
                try
                {
                    HardLink.Create(target, source);
                }
                catch (IOException e)
                {
                    throw new WorkspaceException(e.Message, "Use --transfer copy, or export to the file system of the source images.", e);
                }
                return true;
            default:
                File.Copy(source, target);
                return true;
        }
    }

    private static void RequireOurs(string goal)
    {
        if (File.Exists(goal)) throw Occupied(goal, "is a file");
        if (!Directory.Exists(goal) || !Directory.EnumerateFileSystemEntries(goal).Any()) return;
        var table = Path.Combine(goal, TableName);
        if (!File.Exists(table) || !File.Exists(Path.Combine(goal, CardName)) || File.ReadLines(table).FirstOrDefault() != Header.TrimEnd())
            throw Occupied(goal, "holds files that no export made");
    }

    private static WorkspaceException Occupied(string goal, string what) => new($"'{goal}' {what}.", "Name another folder: curator export TASK --format F OUT.");

    private static void Replace(string temporary, string goal)
    {
        var old = $"{temporary}.old";
        if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
        if (Directory.Exists(goal)) Directory.Move(goal, old);
        Directory.Move(temporary, goal);
        if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
    }
}
