using System.CommandLine;
using Curator.Server.Security;

namespace Curator.Cli.Commands;

/// <summary><c>backup FILE</c>: the database as one file.</summary>
internal static class BackupCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "File to write." };
        var command = new Command("backup", """
            Write answers, tasks and catalog to one file while others work: a moment of the project. Pictures, encoders and embeddings are files of their own; copy
            the project folder for them.

            Example:
              curator backup monday.db
            """) { file };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            await workspace.BackupDatabaseAsync(path, cancellationToken);
            await context.AuditAsync(AuditEvent.Exported, $"backup to {path}", cancellationToken);
            terminal.Line($"Written to {path}. Put back with: curator restore {parsed.GetRequiredValue(file)}");
            terminal.Result(new { file = path, bytes = new FileInfo(path).Length });
            return ExitCodes.Done;
        });
        return command;
    }
}
