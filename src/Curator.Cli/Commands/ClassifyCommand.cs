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
            var report = await Classification.ClassifyAsync(workspace, parsed.GetRequiredValue(task), context.Engine, context.Progress, cancellationToken);
            terminal.Line($"{report.Positive:N0} of {report.Images:N0} pictures are {report.PositiveClass} (threshold {report.Threshold:0.000})");
            terminal.Line($"Next: curator export {parsed.GetRequiredValue(task)} --format imagefolder OUT");
            terminal.Result(report);
            return ExitCodes.Done;
        });
        return command;
    }
}
