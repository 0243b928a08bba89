using System.CommandLine;
using Curator.Core.Shards;

namespace Curator.Cli.Commands;

/// <summary><c>work STAGE SHARD</c>: does one planned shard, whoever asks: a pool, a cluster's scheduler, a person.</summary>
internal static class WorkCommand
{
    public static Command Create(Terminal terminal)
    {
        var stage = new Argument<string>("stage") { Description = $"One of: {string.Join(", ", Stages.Names)}." };
        var shard = new Argument<string>("shard") { Description = "The shard's id, as `curator status --shards` lists it." };
        var command = new Command("work", """
            Do one shard of a stage. Doing it again, or on two machines at once, leaves the same files.

            Example:
              curator work embed 1.simclr-1.00003
            """) { stage, shard };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var worker = Stages.Find(parsed.GetRequiredValue(stage));
            var workspace = await context.OpenAsync(cancellationToken);
            var result = await PoolEngine.WorkAsync(workspace, worker, parsed.GetRequiredValue(shard), null, cancellationToken);
            terminal.Line($"{result.Done:N0} done, {result.Skipped:N0} skipped");
            terminal.Result(result);
            return result.Skipped > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }
}
