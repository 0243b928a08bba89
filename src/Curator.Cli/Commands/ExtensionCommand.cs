using System.CommandLine;

namespace Curator.Cli.Commands;

/// <summary><c>extension [DIR]</c>: the browser extension for NASA Worldview, to be loaded by hand or given to a store.</summary>
internal static class ExtensionCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("folder") { Description = "Where to write it.", DefaultValueFactory = _ => "curator-extension", HelpName = "folder" };
        var zip = new Option<string?>("--zip") { Description = "Write a packed file for a browser's store instead.", HelpName = "file" };
        var command = new Command("extension", """
            Write the extension for Chrome and Chromium that searches this project by what NASA Worldview shows, and say how to load it. It asks the server that `curator serve` starts, and no other.

            Example:
              curator extension
            """) { folder, zip };
        command.SetWork(terminal, (_, parsed, cancellationToken) =>
        {
            var files = WorldviewExtension.Open();
            if (parsed.GetValue(zip) is { } packed)
            {
                var path = Path.GetFullPath(packed);
                files.Pack(path, cancellationToken);
                terminal.Line($"Packed into {path}, {files.Version}.");
                terminal.Line("A store gives it an id of its own. Let it in with: curator serve --extensions ID");
                terminal.Result(new { file = path, version = files.Version, bytes = new FileInfo(path).Length });
                return Task.FromResult(ExitCodes.Done);
            }
            var target = Path.GetFullPath(parsed.GetValue(folder)!);
            files.Write(target, cancellationToken);
            terminal.Line($"Written to {target}");
            terminal.Line("");
            terminal.Line("1. Open chrome://extensions and turn on Developer mode.");
            terminal.Line("2. Load unpacked: choose that folder.");
            terminal.Line("3. curator serve, in a project whose pictures are embedded.");
            terminal.Line("4. Open https://worldview.earthdata.nasa.gov, click the extension's icon, and paste the link that serve printed.");
            terminal.Result(new { folder = target, version = files.Version, id = files.Id });
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }
}
