using System.CommandLine;

namespace Curator.Cli.Commands;

/// <summary><c>init DIR</c>: makes a project folder.</summary>
internal static class InitCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("folder") { Description = "Where the project shall live." };
        var command = new Command("init", """
            Make a new project folder (settings, catalog, partitions, encoders). Doing it twice changes nothing. With --database postgres://USER@HOST/DATABASE?schema=NAME the catalog and
            all answers are kept in PostgreSQL, for teams; the address is written to curator.json without its password, which comes from PGPASSWORD or ~/.pgpass.

            Example:
              curator init my-project
            """) { folder };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.InitAsync(Path.GetFullPath(parsed.GetRequiredValue(folder)), cancellationToken);
            terminal.Line($"Project folder: {workspace.Root}");
            terminal.Line($"Next: curator add PICTURES --workspace {workspace.Root}");
            terminal.Result(new { workspace = workspace.Root });
            return ExitCodes.Done;
        });
        return command;
    }
}
