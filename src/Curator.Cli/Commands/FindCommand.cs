using System.CommandLine;
using Curator.Cli.Jobs;
using Curator.Core;

namespace Curator.Cli.Commands;

/// <summary><c>find PICTURE IMAGES…</c>: the whole job on one's own data.</summary>
internal static class FindCommand
{
    public static Command Create(Terminal terminal)
    {
        var picture = new Argument<string>("picture") { Description = "One example of what to find." };
        var images = new Argument<string[]>("images") { Description = "Folders (any nesting) or pictures to search through.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("find", """
            The whole job in one command: take the pictures in, learn them without labels, ask you about the few that teach most, hand back all that are
            like the example. Stopped or killed, the same command goes on.

            Example:
              curator find island.jpg my-tiles/ --task island
            """) { picture, images };
        var flags = new FindFlags(command);
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            if (context.ShowConfig)
            {
                context.PrintSettings(flags.Resolve(parsed, context.SettingsFile).Settings);
                return ExitCodes.Done;
            }
            var example = Path.GetFullPath(parsed.GetRequiredValue(picture));
            if (!File.Exists(example)) throw new WorkspaceException($"The example {example} is not there.", "Name a picture file first, then the folders to search.");
            var root = context.WorkspaceNamed || context.SettingsFile is not null ? context.WorkspaceRoot : Path.Combine(context.WorkspaceRoot, "curator-project");
            var workspace = await context.InitAsync(root, cancellationToken);
            var resolved = flags.Resolve(parsed, context.SettingsFile);
            var find = resolved.Find with { Minutes = resolved.Find.Minutes ?? FindOptions.DefaultMinutes };
            var output = Path.GetFullPath(resolved.Find.Out ?? Path.Combine(workspace.Root, "exports", resolved.Find.Task));
            var request = new FindRequest(
                example, [.. parsed.GetRequiredValue(images).Select(Path.GetFullPath)], output,
                find, resolved.Train with { Minutes = find.Minutes }, resolved.Learn, resolved.Serve, new PlainReport(find));
            terminal.Note($"Project: {workspace.Root}");
            var result = await new FindJob(context, workspace, request).RunAsync(cancellationToken);
            FindText.Print(terminal, result);
            return result.Refused > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }
}
