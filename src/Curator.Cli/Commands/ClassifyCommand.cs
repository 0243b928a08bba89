using System.CommandLine;
using Curator.Labeling.Classification;

namespace Curator.Cli.Commands;

/// <summary><c>classify TASK</c>: the final sweep over every picture.</summary>
internal static class ClassifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var task = new Argument<string>("task") { Description = "A task with answers." };
        var command = new Command("classify", """
            Give every picture of the project a probability for the task's class, from the answers so far. People's answers stand above it.

            Example:
              curator classify island
            """) { task };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var known = await workspace.Labels.GetTaskAsync(parsed.GetRequiredValue(task), cancellationToken);
            var report = await Classifier.ClassifyAsync(workspace, known, context.Engine, context.Progress, cancellationToken);
            terminal.Line($"{report.Positives:N0} of {report.Images:N0} pictures are {known.Classes[0]} (threshold {report.Threshold:0.000})");
            terminal.Line($"Next: curator export {known.Name} OUT");
            terminal.Result(report);
            return ExitCodes.Done;
        });
        return command;
    }
}
