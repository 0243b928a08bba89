using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text;
using Curator.Cli.Commands;
using Curator.Core.Settings;

namespace Curator.Cli;

/// <summary>The whole command line: verbs in the order of the work.</summary>
internal static class CommandLine
{
    public static RootCommand Build(Terminal terminal)
    {
        var root = new RootCommand("""
            Curator turns an enormous pile of unlabeled images into a labeled data set, from one example picture.

            Start here:
              curator demo                                 see the whole job on real Earth imagery
              curator find island.jpg my-tiles/            do it on your own pictures: one command, resumable
            """);
        root.Options.Add(GlobalOptions.Workspace);
        root.Options.Add(GlobalOptions.Database);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(GlobalOptions.Quiet);
        root.Options.Add(GlobalOptions.NoColor);
        root.Options.Add(GlobalOptions.ShowConfig);
        foreach (var command in Commands(terminal)) root.Subcommands.Add(command);
        foreach (var command in root.Subcommands.SelectMany(c => c.Subcommands.Prepend(c))) command.Description = Flow(command.Description ?? "");
        foreach (var option in root.Options)
        {
            if (option is HelpOption)
            {
                option.Description = "Show this help.";
                option.Action = new HelpAction { MaxWidth = terminal.HelpWidth };
            }
            else if (option is VersionOption)
            {
                option.Description = "Show the version.";
            }
        }
        return root;
    }

    /// <summary>Parses and runs; arguments that cannot be understood are exit code 2 with the way out named.</summary>
    public static async Task<int> InvokeAsync(string[] args, Terminal terminal, TextWriter? output = null, TextWriter? error = null)
    {
        var root = Build(terminal);
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.CommandResult.Command is RootCommand) ShortenVerbs(root);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            GlobalOptions.Apply(parsed, terminal);
            var command = parsed.CommandResult.Command;
            var verb = Path(parsed.CommandResult);
            var unknown = parsed.UnmatchedTokens is [var first, ..] ? first : null;
            var near = unknown is null ? null : NearMiss.Find(unknown, Candidates(command));
            var what = string.Join(' ', parsed.Errors.Select(e => WithoutTypes(e.Message)).Distinct());
            terminal.Error(
                unknown is null ? what : $"'{unknown}' is nothing that '{verb}' understands.",
                near is null ? $"Run '{verb} --help' for what it takes." : $"Did you mean '{near}'? '{verb} --help' shows all.");
            return ExitCodes.CouldNot;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
        });
    }

    /// <summary>The verb as it is typed: <c>curator labels import</c>.</summary>
    private static string Path(CommandResult result) => result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "curator";

    /// <summary>In the list of verbs one sentence each; the rest, with the example, is in the verb's own help.</summary>
    private static void ShortenVerbs(RootCommand root)
    {
        foreach (var verb in root.Subcommands)
            if (verb.Description is { } text)
                verb.Description = text.ReplaceLineEndings(" ").Split(". ")[0].TrimEnd('.');
    }

    /// <summary>The parser's message names the type of our code that it could not make; the flag and the text say it all.</summary>
    private static string WithoutTypes(string message) =>
        message.IndexOf(" as expected type", StringComparison.Ordinal) is > 0 and var end ? message[..end] + "." : message;

    /// <summary>Joins the lines of each paragraph, so that help breaks them where the reader's window ends; indented lines stay as they are.</summary>
    private static string Flow(string text)
    {
        var flowing = new StringBuilder();
        var previous = "";
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var joins = previous.Length > 0 && previous[0] != ' ' && line.Length > 0 && line[0] != ' ';
            if (flowing.Length > 0) flowing.Append(joins ? ' ' : '\n');
            flowing.Append(line);
            previous = line;
        }
        return flowing.ToString();
    }

    private static IEnumerable<string> Candidates(Command command) =>
        command.Subcommands.Select(c => c.Name)
            .Concat(command.Options.Select(o => o.Name))
            .Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options.Where(o => o.Recursive).Select(o => o.Name)));

    private static IEnumerable<Command> Commands(Terminal terminal)
    {
        yield return InitCommand.Create(terminal);
        yield return LayersCommand.Create(terminal);
        yield return DownloadCommand.Create(terminal);
        yield return CutCommand.Create(terminal);
        yield return AddCommand.Create(terminal);
        yield return StatusCommand.Create(terminal);
        yield return DoctorCommand.Create(terminal);
        yield return DuplicatesCommand.Create(terminal);
        yield return TrainCommand.Create(terminal);
        yield return EncodersCommand.Create(terminal);
        yield return EmbedCommand.Create(terminal);
        yield return EmbeddingsCommand.Create(terminal);
        yield return IndexCommand.Create(terminal);
        yield return SearchCommand.Create(terminal);
        yield return MapCommand.Create(terminal);
        yield return ServeCommand.Create(terminal);
        yield return ExtensionCommand.Create(terminal);
        yield return LabelCommand.Create(terminal);
        yield return LabelsCommand.Create(terminal);
        yield return LearnCommand.Create(terminal);
        yield return SuggestCommand.Create(terminal);
        yield return RoundsCommand.Create(terminal);
        yield return ClassifyCommand.Create(terminal);
        yield return PredictionsCommand.Create(terminal);
        yield return SelectCommand.Create(terminal);
        yield return ExportCommand.Create(terminal);
        yield return FindCommand.Create(terminal);
        yield return DemoCommand.Create(terminal);
        yield return BackupCommand.Create(terminal);
        yield return RestoreCommand.Create(terminal);
        yield return WorkCommand.Create(terminal);
        yield return DecodeWorkerCommand.Create();
    }
}
