using System.CommandLine;
using Curator.Server;

namespace Curator.Cli.Commands;

/// <summary><c>serve</c>: the web page over the project.</summary>
internal static class ServeCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("serve", """
            Serve the web page (labeling, rounds) and the HTTP API. Listens on this machine only unless told otherwise.

            Example:
              curator serve --port 5178
            """);
        var binding = new OptionsBinding<ServeOptions>(command, "serve");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            await using var server = await CuratorServer.StartAsync(workspace, options with { DecoderCommand = DecodeWorkerCommand.Self }, context.Gibs, cancellationToken);
            ShareText.Print(terminal, server, options.Share);
            terminal.Result(new { link = server.Link, address = server.Address, fingerprint = server.CertificateFingerprint });
            terminal.Note("Ctrl-C stops it; every answer that was acknowledged is on disk.");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C is the way to end a server: that is success.
            }
            return ExitCodes.Done;
        });
        return command;
    }
}
