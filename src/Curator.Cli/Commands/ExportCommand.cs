using System.CommandLine;
using Curator.Labeling.Export;
using Curator.Server.Security;

namespace Curator.Cli.Commands;

/// <summary><c>export TASK --format F OUT</c>: the labeled set, in a form others read.</summary>
internal static class ExportCommand
{
    public static Command Create(Terminal terminal)
    {
        var task = new Argument<string>("task") { Description = "A task that was classified." };
        var folder = new Argument<string>("out") { Description = "Folder to write; made when missing." };
        var format = new Option<ExportFormat?>("--format")
        {
            Description = """
                imagefolder: one folder a class; csv, parquet: a table that names the sources; coco, yolo, labelstudio, fiftyone: as these programs read it; webdataset, tfrecord:
                shards; geojson, stac: footprints. [default: imagefolder]
                """.ReplaceLineEndings(" "),
            HelpName = "format",
        };
        var copy = new Option<bool>("--copy") { Description = "Copies of the pictures instead of links: the same as --transfer copy." };
        var command = new Command("export", """
            Write the labeled set in a form that other programs read, with labels.csv (who, when, how sure, which part), a data card with pictures and the measured
            F1, and provenance. Sources are linked or copied, never moved; doing it again gives the same bytes, and an interrupted export goes on.

            Example:
              curator export island --format imagefolder --split 0.8,0.1,0.1 --copy islands/
            """) { task, folder, format, copy };
        var binding = new OptionsBinding<ExportOptions>(command, "export");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(copy)) options = options with { Transfer = FileTransfer.Copy };
            var workspace = await context.OpenAsync(cancellationToken);
            var known = await workspace.Labels.GetTaskAsync(parsed.GetRequiredValue(task), cancellationToken);
            var report = await Exporter.ExportAsync(
                workspace, known, parsed.GetValue(format) ?? ExportFormat.ImageFolder, Path.GetFullPath(parsed.GetRequiredValue(folder)), options, context.Progress, cancellationToken);
            await context.AuditAsync(AuditEvent.Exported, $"{known.Name} to {report.Directory}", cancellationToken);
            Print(terminal, report);
            terminal.Result(report);
            return report.Missing > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, ExportReport report)
    {
        var parts = report.Split?.Parts ?? [];
        foreach (var (name, count) in report.Classes)
            terminal.Line($"{name}: {count:N0}{(parts.Count > 0 ? $" ({string.Join(", ", parts.Select(p => $"{p.Name} {p.Classes[name]:N0}"))})" : "")}");
        if (report.Split is { } split)
        {
            terminal.Line($"Split by {split.By.ToString().ToLowerInvariant()}: {split.Groups:N0} groups, {split.Shared:N0} in two parts");
            if (split.LeftOut > 0) terminal.Line($"{split.LeftOut:N0} along the borders between parts touch images of another part and are in none");
        }
        terminal.Line($"Written to {report.Directory}");
        if (report.Missing > 0) terminal.Line($"{report.Missing:N0} pictures left out: their files are no longer there");
    }
}
