using System.CommandLine;
using Curator.Learning.Training;

namespace Curator.Cli.Commands;

/// <summary><c>train</c>: learns an encoder from the pictures themselves, without labels.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("train", """
            Learn an encoder from the project's own pictures, without labels. Stopped or killed, the same command goes on from its checkpoint.

            Example:
              curator train --minutes 10
            """);
        var binding = new OptionsBinding<TrainOptions>(command, "train");
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var (options, settings) = binding.Resolve(parsed, context.SettingsFile);
            if (context.ShowConfig)
            {
                context.PrintSettings(settings);
                return ExitCodes.Done;
            }
            var workspace = await context.OpenAsync(cancellationToken);
            var encoder = await Training.TrainAsync(workspace, options, context.Engine, context.Progress, cancellationToken);
            terminal.Line($"Encoder {encoder.Id}: {encoder.Dimension} numbers a picture, in {workspace.EncoderDirectory(encoder.Id)}");
            terminal.Line($"Next: curator embed --encoder {encoder.Id}");
            terminal.Result(encoder);
            return ExitCodes.Done;
        });
        return command;
    }
}
