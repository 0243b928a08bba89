using System.CommandLine;
using Curator.Core;
using Curator.Server.Security;

namespace Curator.Cli.Commands;

/// <summary><c>restore FILE</c>: a backup in the place of the project's database.</summary>
internal static class RestoreCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "File that backup wrote." };
        var command = new Command("restore", """
            Put a backup in the place of the project's database, after checking that its events chain. Stop everything that has the project open first. The replaced file is kept
            beside it; a PostgreSQL database must be empty.

            Example:
              curator restore monday.db
            """) { file };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var events = await WorkspaceDatabase.RestoreAsync(context.WorkspaceRoot, Path.GetFullPath(parsed.GetRequiredValue(file)), context.Database, context.Clock, cancellationToken);
            await context.AuditAsync(AuditEvent.Imported, $"backup {Path.GetFullPath(parsed.GetRequiredValue(file))}", cancellationToken);
            terminal.Line($"Restored, with {events:N0} label events.");
            terminal.Result(new { events });
            return ExitCodes.Done;
        });
        return command;
    }
}
