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
            Description = "imagefolder: one folder a class; csv: a table that names the sources. [default: imagefolder]",
            HelpName = "imagefolder|csv",
        };
        var command = new Command("export", """
            Write the labeled set: class folders (imagefolder) or one table (csv), with a data card. Sources are linked or copied, never moved; doing it
            again gives the same bytes.

            Example:
              curator export island --format imagefolder islands/
            """) { task, folder, format };
        var binding = new OptionsBinding<ExportOptions>(command, "export");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var known = await workspace.Labels.GetTaskAsync(parsed.GetRequiredValue(task), cancellationToken);
            var report = await Exporter.ExportAsync(
                workspace, known, parsed.GetValue(format) ?? ExportFormat.ImageFolder, Path.GetFullPath(parsed.GetRequiredValue(folder)), options, cancellationToken);
            await context.AuditAsync(AuditEvent.Exported, $"{known.Name} to {report.Directory}", cancellationToken);
            foreach (var (name, count) in report.Classes) terminal.Line($"{name}: {count:N0}");
            terminal.Line($"Written to {report.Directory}");
            if (report.Missing > 0) terminal.Line($"{report.Missing:N0} left out: their files are no longer there");
            terminal.Result(report);
            return report.Missing > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }
}
