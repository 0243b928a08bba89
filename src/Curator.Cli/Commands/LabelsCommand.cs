using System.CommandLine;
using System.Globalization;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Agreement;
using Curator.Labeling.Import;
using Curator.Server.Security;

namespace Curator.Cli.Commands;

/// <summary><c>labels export|import|agreement|verify</c>: the answers themselves.</summary>
internal static class LabelsCommand
{
    private const int Resamples = 1000;

    public static Command Create(Terminal terminal)
    {
        var command = new Command("labels", """
            The answers themselves: take them out and in, see how far people agree, check that nothing was changed.

            Example:
              curator labels export answers.jsonl
            """);
        command.Subcommands.Add(Export(terminal));
        command.Subcommands.Add(Import(terminal));
        command.Subcommands.Add(Agreement(terminal));
        command.Subcommands.Add(Verify(terminal));
        return command;
    }

    private static Command Export(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "File to write, one event a line." };
        var command = new Command("export", "Write every event of every task with its hash, for audit or another project.") { file };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            var count = await LabelJournal.ExportAsync(workspace.Labels, path, cancellationToken);
            await context.AuditAsync(AuditEvent.Exported, $"{count} events to {path}", cancellationToken);
            terminal.Line($"{count:N0} events written to {path}");
            terminal.Result(new { events = count, file = path });
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Import(Terminal terminal)
    {
        var source = new Argument<string>("source") { Description = "A journal that export wrote, or labels of another program: a folder of class folders, CSV, COCO, Label Studio." };
        var task = new Option<string?>("--task") { Description = "The task they go to; made when there is none. Not for a journal, which names its own.", HelpName = "task" };
        var format = new Option<ImportFormat?>("--format") { Description = "What the source is. [default: told from its name]", HelpName = "image-folder|csv|coco|label-studio", CustomParser = ParseFormat };
        var positive = new Option<string?>("--positive") { Description = "The class looked for, put first in a new task.", HelpName = "class" };
        var command = new Command("import", """
            Take labels in. A journal is checked against its hashes first; into an empty project it goes as it is, to others as new events. Labels of
            other programs never cover an answer that was given here.

            Example:
              curator labels import annotations.json --task island
            """) { source, task, format, positive };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var path = parsed.GetRequiredValue(source);
            if (Path.GetExtension(path) == ".jsonl")
            {
                await using var journal = OpenJournal(path);
                var count = await LabelJournal.ImportAsync(workspace.Labels, journal, cancellationToken);
                await context.AuditAsync(AuditEvent.Imported, $"{count} events from {Path.GetFullPath(path)}", cancellationToken);
                terminal.Line($"{count:N0} events read; their hashes are right");
                terminal.Result(new { events = count });
                return ExitCodes.Done;
            }
            if (parsed.GetValue(task) is not { } name) throw new WorkspaceException("The labels need a task to go to.", "Name it: --task island");
            var report = await LabelImport.RunAsync(workspace, name, path, parsed.GetValue(format) ?? ImportFormat.Auto, parsed.GetValue(positive), cancellationToken);
            await context.AuditAsync(AuditEvent.Imported, $"{name} from {Path.GetFullPath(path)}", cancellationToken);
            foreach (var (of, count) in report.Classes) terminal.Line($"{of}: {count:N0}");
            if (report.Covered > 0) terminal.Line($"{report.Covered:N0} of these pictures were answered here; those answers stand");
            if (report.Unknown + report.Skipped > 0) terminal.Line($"{report.Unknown:N0} not in the project, {report.Skipped:N0} without one clear class:");
            foreach (var example in report.Examples) terminal.Line($"  {example}");
            terminal.Result(report);
            return report.Unknown + report.Skipped > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static Command Agreement(Terminal terminal)
    {
        var name = new Argument<string>("task") { Description = "A task that several people answered." };
        var consensus = new Option<string?>("--consensus") { Description = "Also write what each picture probably is: majority and Dawid-Skene.", HelpName = "file.csv" };
        var command = new Command("agreement", "How far people agree, with intervals, and how reliable each of them is.") { name, consensus };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var task = await workspace.Labels.GetTaskAsync(parsed.GetRequiredValue(name), cancellationToken);
            var table = await TaskAgreement.LoadAsync(workspace, task, cancellationToken);
            var report = AgreementStudy.Run(table, Resamples, seed: 1, cancellationToken);
            var estimate = DawidSkene.Estimate(table, new DawidSkeneOptions(), cancellationToken);
            terminal.Line($"{report.Images:N0} pictures were answered by two or more of {report.Raters:N0} people.");
            terminal.Table(
                ["measure", "value", "95 % interval"],
                [Row("percent agreement", report.Percent), Row("Fleiss' kappa", report.FleissKappa), Row("Krippendorff's alpha", report.KrippendorffAlpha),
                 .. report.Classes.Select(of => Row($"alpha of {of.Class}", of.Alpha))]);
            if (report.Pairs.Count > 0)
                terminal.Table(
                    ["two people", "pictures", "percent", "Cohen's kappa"],
                    report.Pairs.Take(20).Select(pair => (IReadOnlyList<string>)[$"{pair.First}, {pair.Second}", $"{pair.Images:N0}", Text(pair.Percent), Text(pair.CohenKappa)]));
            var reliabilities = table.Raters.Select((person, number) => new { person, accuracy = estimate.Accuracy(number) }).ToList();
            terminal.Table(["person", "right, as Dawid and Skene estimate"], reliabilities.Select(of => (IReadOnlyList<string>)[of.person, Text(of.accuracy)]));
            if (parsed.GetValue(consensus) is { } path)
            {
                ConsensusTable.Write(Path.GetFullPath(path), TaskAgreement.Consensus(table, estimate));
                await context.AuditAsync(AuditEvent.Exported, $"consensus of {task.Name} to {Path.GetFullPath(path)}", cancellationToken);
            }
            terminal.Result(new { task = task.Name, agreement = report, reliabilities });
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Verify(Terminal terminal)
    {
        var command = new Command("verify", "Check that no event was changed, removed or reordered, and that what is made from them is right.");
        command.SetWork(terminal, async (context, _, cancellationToken) =>
        {
            var labels = (await context.OpenAsync(cancellationToken)).Labels;
            var broken = await labels.VerifyChainAsync(cancellationToken);
            var differing = await labels.VerifyProjectionAsync(cancellationToken);
            var counts = await labels.VerifyCountsAsync(cancellationToken);
            terminal.Line(broken is null ? "The chain of events is whole." : $"The chain of events breaks at {broken}.");
            terminal.Line(differing.Count + counts.Count == 0 ? "Answers and counts are what the events give." : $"{differing.Count:N0} pictures and {counts.Count:N0} counts differ from the events. Next: curator doctor --repair");
            terminal.Result(new { broken, differing, counts });
            return broken is null && differing.Count + counts.Count == 0 ? ExitCodes.Done : ExitCodes.DoneWithSkipped;
        });
        return command;
    }

    private static FileStream OpenJournal(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"The journal '{path}' cannot be read: {e.Message}", "Name a file that `curator labels export` wrote.", e);
        }
    }

    private static ImportFormat? ParseFormat(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens[0].Value.Replace("-", "", StringComparison.Ordinal);
        if (Enum.TryParse<ImportFormat>(text, ignoreCase: true, out var format) && Enum.IsDefined(format)) return format;
        result.AddError($"'{result.Tokens[0].Value}' is no format.");
        return null;
    }

    private static IReadOnlyList<string> Row(string measure, Coefficient of) => [measure, Text(of.Value), double.IsNaN(of.Low) ? "" : $"{Text(of.Low)} to {Text(of.High)}"];

    private static string Text(double value) => double.IsNaN(value) ? "not defined" : value.ToString("0.000", CultureInfo.InvariantCulture);
}
