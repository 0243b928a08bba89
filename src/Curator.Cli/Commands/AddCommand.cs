using System.CommandLine;
using Curator.Core;
using Curator.Imagery.Gibs;
using Curator.Imagery.Ingest;

namespace Curator.Cli.Commands;

/// <summary><c>add PATH…</c>: takes folders of pictures into the catalog.</summary>
internal static class AddCommand
{
    public static Command Create(Terminal terminal)
    {
        var paths = new Argument<string[]>("path") { Description = "Folders (any nesting), single pictures, tars (WebDataset), TFRecords, or lists of paths (csv, parquet) named themselves.", Arity = ArgumentArity.OneOrMore };
        var labels = new Option<string?>("--labels-from-folders")
        {
            Description = "Take class folders (root/class/picture) as labels of this task, as given by the person 'import'.",
            HelpName = "task",
        };
        var command = new Command("add", """
            Take pictures into the project: jpg, png, webp, gif, bmp, tif. Sources are read, never changed or moved. Adding twice adds nothing.
            A picture that cannot be used is counted with its reason, and the rest goes on (exit code 1).

            Example:
              curator add ~/tiles --labels-from-folders landcover
            """) { paths, labels };
        var binding = new OptionsBinding<IngestOptions>(command, "ingest", nameof(IngestOptions.Roots));
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var report = await AddAsync(context, workspace, options, parsed.GetRequiredValue(paths), cancellationToken);
            Print(terminal, report);
            long labeled = 0;
            if (parsed.GetValue(labels) is { } task)
            {
                labeled = await FolderLabels.ImportAsync(workspace, task, cancellationToken);
                terminal.Line($"{labeled:N0} pictures have a label from their class folder in task '{task}'");
            }
            terminal.Result(new { report, labeled });
            return report.Refused.Count > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Folders that <c>download</c> made are taken in as the products, resolutions and periods that they are; all else as the options say.</summary>
    private static async Task<IngestReport> AddAsync(CommandContext context, Workspace workspace, IngestOptions options, string[] paths, CancellationToken cancellationToken)
    {
        var reports = new List<IngestReport>();
        var plain = new List<string>();
        foreach (var path in paths)
        {
            var downloaded = options.Product is null ? DownloadFolder.Find(path) : [];
            if (downloaded.Count == 0) plain.Add(path);
            foreach (var (folder, receipt) in downloaded)
            {
                var own = options with { Roots = [folder], Product = receipt.Product, Resolution = receipt.Resolution, Period = receipt.Period };
                reports.Add(await Ingest.AddAsync(workspace, own, context.Engine, context.Progress, cancellationToken));
            }
        }
        if (plain.Count > 0) reports.Add(await Ingest.AddAsync(workspace, options with { Roots = plain }, context.Engine, context.Progress, cancellationToken));
        return IngestReport.Together(reports);
    }

    /// <summary>The counts for a person, refused files by reason with examples.</summary>
    public static void Print(Terminal terminal, IngestReport report)
    {
        terminal.Line($"{report.Added:N0} pictures added, {report.AlreadyThere:N0} were there already");
        if (report.Changed > 0) terminal.Line($"{report.Changed:N0} had changed since they were added: taken in anew, the old rows are marked");
        if (report.Vanished > 0) terminal.Line($"{report.Vanished:N0} added earlier are no longer there: marked, and left out of searches");
        foreach (var (problem, count) in report.Refused.OrderByDescending(r => r.Value).ThenBy(r => r.Key))
            terminal.Line($"{count:N0} refused: {ProblemText.Of(problem)}");
        foreach (var file in report.Examples) terminal.Line($"  {file.Uri}: {file.Detail}");
    }
}
