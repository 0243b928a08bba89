using System.CommandLine;
using Curator.Learning.Embedding;

namespace Curator.Cli.Commands;

/// <summary><c>embed</c>: one row of numbers for each picture.</summary>
internal static class EmbedCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("embed", """
            Compute the embedding of every picture that has none yet: with the newest encoder, or the training-free one while there is no other.

            Example:
              curator embed --encoder simclr
            """);
        var binding = new OptionsBinding<EmbedOptions>(command, "embed");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var report = await Embedding.EmbedAsync(workspace, options, context.Engine, context.Progress, cancellationToken);
            terminal.Line($"{report.Embedded:N0} pictures embedded with {report.Encoder.Id} ({report.ImagesPerSecond:N0}/s), {report.Reused:N0} were there already");
            if (report.Absent > 0) terminal.Line($"{report.Absent:N0} could not be read and have an empty row: curator status --check");
            terminal.Result(report);
            return report.Absent > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }
}
