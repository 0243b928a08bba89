using System.CommandLine;
using Curator.Cli.Jobs;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;
using Curator.Server;

namespace Curator.Cli.Commands;

/// <summary><c>learn TASK</c>: rounds of asking and learning, from one example picture.</summary>
internal static class LearnCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("task") { Description = "Name of the task; made when there is none." };
        var example = new Option<string?>("--example") { Description = "The picture to begin with; needed the first time.", HelpName = "picture" };
        var classes = new Option<string?>("--classes")
        {
            Description = "Classes of a new task, separated by commas, the one looked for first. With more than two, no example is needed. [default: yes,no]", HelpName = "a,b,c",
        };
        var question = new Option<string?>("--question") { Description = "Shown above each picture.", HelpName = "text" };
        var encoder = new Option<string?>("--encoder") { Description = "Whose embeddings are used. [default: the newest that has embeddings]", HelpName = "encoder" };
        var simulate = new Option<string?>("--simulate")
        {
            Description = "Answer by a truth instead of people: a CSV file of image,label, or folders:CLASS.",
            HelpName = "truth",
        };
        var tuneAfter = new Option<int?>("--fine-tune-after")
        {
            Description = "After so many labels, train the encoder on them, embed all pictures anew and go on. Default: never.", HelpName = "labels",
        };
        var tuneFrom = new Option<string?>("--fine-tune-from") { Description = "Encoder whose weights fine-tuning begins with. Default: random weights.", HelpName = "encoder" };
        var command = new Command("learn", """
            Ask people about the pictures that teach most, learn, ask again: rounds of active learning from one example. Answers are given on the
            web page whose link is printed. Stopped or killed, the same command goes on.

            Example:
              curator learn island --example island.jpg --label-budget 500
              curator learn cover --classes water,forest,town --strategy entropy*k-centre^0.5
            """) { name, example, classes, question, encoder, simulate, tuneAfter, tuneFrom };
        var learning = new OptionsBinding<LearnOptions>(command, "learn");
        var serving = new OptionsBinding<ServeOptions>(command, "serve", [.. ServeNames.AllBut(nameof(ServeOptions.Host), nameof(ServeOptions.Port), nameof(ServeOptions.BehindProxy))]);
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var (options, settings) = learning.Resolve(parsed, context.SettingsFile);
            var (serve, serveSettings) = serving.Resolve(parsed, context.SettingsFile);
            if (context.ShowConfig)
            {
                context.PrintSettings(settings.Concat(serveSettings));
                return ExitCodes.Done;
            }
            var workspace = await context.OpenAsync(cancellationToken);
            var task = await TaskAsync(
                workspace, parsed.GetRequiredValue(name), parsed.GetValue(example), Names(parsed.GetValue(classes)), parsed.GetValue(question), parsed.GetValue(encoder), cancellationToken);
            var truth = parsed.GetValue(simulate) is { } source ? await Truth.LoadAsync(workspace, task, source, cancellationToken) : null;
            var report = parsed.GetValue(tuneAfter) is { } after
                ? await new FineTunedSession(context, workspace, task, after, parsed.GetValue(tuneFrom)).RunAsync(truth, options, serve, cancellationToken)
                : await new LearningSession(context, workspace, task).RunAsync(truth, options, serve, cancellationToken);
            var folder = Path.Combine(workspace.Root, "exports", task.Name);
            await RoundFiles.WriteAsync(workspace, task.Name, folder, cancellationToken);
            terminal.Line($"{report.Labels:N0} labels, {report.Positives:N0} yes; stopped because {Why(report.Stop)}");
            terminal.Line($"Rounds: {Path.Combine(folder, "rounds.png")}");
            terminal.Line($"Next: curator classify {task.Name}");
            terminal.Result(report);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<LabelingTask> TaskAsync(
        Workspace workspace, string name, string? example, string[] classes, string? question, string? encoder, CancellationToken cancellationToken)
    {
        var tasks = await workspace.Labels.GetTasksAsync(cancellationToken);
        if (tasks.FirstOrDefault(t => t.Name == name) is { } known && (known.Example is not null || known.Classes.Count > 2)) return known;
        if (example is null && classes.Length == 2)
            throw new WorkspaceException($"Task '{name}' is new and has no example picture.", $"curator learn {name} --example PICTURE");
        var picture = example is null ? null : Path.GetFullPath(example);
        if (picture is not null && !File.Exists(picture)) throw new WorkspaceException($"The example {picture} is not there.", "Name a picture file with --example.");
        var row = await EmbeddedEncoders.ChooseAsync(workspace, encoder, cancellationToken);
        return await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(
                name, question ?? (classes.Length == 2 ? "Does this show the same as the example?" : "What does this show?"), classes, picture, row.Id, "", workspace.Clock.GetUtcNow()),
            cancellationToken);
    }

    private static string[] Names(string? text)
    {
        if (text is null) return ["yes", "no"];
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length >= 2 && names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length ? names
            : throw new WorkspaceException($"'{text}' is no list of two or more different classes.", "Write for example --classes water,forest,town.");
    }

    private static string Why(StopReason reason) => reason switch
    {
        StopReason.Budget => "the label budget is used up",
        StopReason.Target => "the target F1 is reached",
        StopReason.Time => "the time is over",
        StopReason.NoNewPositives => "the last rounds found nothing new",
        StopReason.Rounds => "all rounds asked for are done",
        StopReason.Exhausted => "every picture has an answer",
        _ => reason.ToString(),
    };
}
