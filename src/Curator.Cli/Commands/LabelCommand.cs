using System.CommandLine;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;
using Curator.Server;

namespace Curator.Cli.Commands;

/// <summary><c>label TASK</c>: make or change a task, and serve its page to the people who answer.</summary>
internal static class LabelCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("task") { Description = "Name of the task; made when there is none." };
        var question = new Option<string?>("--question") { Description = "Shown above each picture.", HelpName = "text" };
        var classes = new Option<string?>("--classes") { Description = "The answers, the one looked for first; of a task that is there, those to add. [default: yes,no]", HelpName = "a,b,…" };
        var example = new Option<string?>("--example") { Description = "A picture to compare with.", HelpName = "picture" };
        var guidelines = new Option<string?>("--guidelines") { Description = "What people may look up, or a text file with it.", HelpName = "text|file" };
        var opinions = new Option<int?>("--opinions") { Description = "People who answer each picture. [default: 1]", HelpName = "number" };
        var gold = new Option<string?>("--gold") { Description = "Pictures whose answer is known, to check people by: a CSV file of image,label, or folders:CLASS.", HelpName = "truth" };
        var goldEvery = new Option<int?>("--gold-every") { Description = "Every so many pictures is one of these; 0 for none. [default: 20 with --gold]", HelpName = "number" };
        var repeatEvery = new Option<int?>("--repeat-every") { Description = "Every so many pictures is one that the person answered before; 0 for none. [default: 0]", HelpName = "number" };
        var pictures = new Option<int?>("--pictures") { Description = "How many pictures are asked about when the task has none yet, drawn at random. [default: all]", HelpName = "number" };
        var pause = new Option<bool>("--pause") { Description = "Hand out no pictures for now, and end." };
        var resume = new Option<bool>("--resume") { Description = "Hand out pictures again, and end." };
        var stop = new Option<bool>("--stop") { Description = "Hand out no pictures any more, and end." };
        var command = new Command("label", """
            Make a task or change it, and serve its page: one picture, one question. With --share others reach it by the link and QR code that are printed, by
            phone too. Answers are kept when the page is closed or the server is killed; the same command goes on.

            Example:
              curator label island --question "Is there an island?" --opinions 2 --share
            """) { name, question, classes, example, guidelines, opinions, gold, goldEvery, repeatEvery, pictures, pause, resume, stop };
        var serving = new OptionsBinding<ServeOptions>(command, "serve", nameof(ServeOptions.Task), nameof(ServeOptions.PictureCacheMebibytes));
        command.SetWork(terminal, serving, async (context, serve, parsed, cancellationToken) =>
        {
            var states = new[] { (pause, TaskState.Paused), (resume, TaskState.Open), (stop, TaskState.Stopped) }.Where(state => parsed.GetValue(state.Item1)).Select(state => state.Item2).ToList();
            if (states.Count > 1) throw new WorkspaceException("--pause, --resume and --stop were given together.", "Give one of them.");
            var workspace = await context.OpenAsync(cancellationToken);
            var wanted = new TaskChange(
                parsed.GetValue(question), Split(parsed.GetValue(classes)), PicturePath(parsed.GetValue(example)), await TextAsync(parsed.GetValue(guidelines), cancellationToken),
                parsed.GetValue(opinions), states.Count == 1 ? states[0] : null, parsed.GetValue(goldEvery) ?? (parsed.GetValue(gold) is null ? null : 20), parsed.GetValue(repeatEvery));
            var task = await TaskAsync(workspace, parsed.GetRequiredValue(name), wanted, states.Count == 1, cancellationToken);
            if (states.Count == 1)
            {
                terminal.Line($"The task {task.Name} is {task.State.ToString().ToLowerInvariant()}.");
                terminal.Result(task);
                return ExitCodes.Done;
            }
            if (parsed.GetValue(gold) is { } truth) await SetGoldAsync(workspace, task, truth, cancellationToken);
            await RandomRound.StartAsync(workspace, task.Name, parsed.GetValue(pictures), cancellationToken);
            return await ServeAsync(context, workspace, task, serve with { Task = task.Name }, cancellationToken);
        });
        return command;
    }

    private static async Task<int> ServeAsync(CommandContext context, Workspace workspace, LabelingTask task, ServeOptions serve, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        await using var server = await CuratorServer.StartAsync(workspace, serve with { DecoderCommand = DecodeWorkerCommand.Self }, context.Gibs, cancellationToken);
        ShareText.Print(terminal, server, serve.Share);
        terminal.Result(new { task = task.Name, link = server.Link, address = server.Address, fingerprint = server.CertificateFingerprint });
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
    }

    private static async Task<LabelingTask> TaskAsync(Workspace workspace, string name, TaskChange wanted, bool mustExist, CancellationToken cancellationToken)
    {
        var known = (await workspace.Labels.GetTasksAsync(cancellationToken)).FirstOrDefault(task => task.Name == name);
        if (known is null && !mustExist)
        {
            return await workspace.Labels.GetOrAddTaskAsync(
                new LabelingTask(name, wanted.Question ?? "Does this show the same as the example?", wanted.AddClasses ?? ["yes", "no"], wanted.Example, null, wanted.Guidelines ?? "", workspace.Clock.GetUtcNow())
                {
                    Opinions = wanted.Opinions ?? 1,
                    GoldEvery = wanted.GoldEvery ?? 0,
                    RepeatEvery = wanted.RepeatEvery ?? 0,
                },
                cancellationToken);
        }
        known ??= await workspace.Labels.GetTaskAsync(name, cancellationToken); // says which tasks there are
        var change = wanted with { AddClasses = wanted.AddClasses?.Where(of => !known.Classes.Contains(of)).ToArray() };
        if (change.AddClasses is { Count: 0 }) change = change with { AddClasses = null };
        return change == new TaskChange() ? known : await workspace.Labels.ChangeTaskAsync(name, change, cancellationToken);
    }

    private static async Task SetGoldAsync(Workspace workspace, LabelingTask task, string source, CancellationToken cancellationToken)
    {
        var truth = await Truth.LoadAsync(workspace, task, source, cancellationToken);
        var items = new List<GoldItem>();
        foreach (var image in await RandomRound.ImagesAsync(workspace, cancellationToken))
            if (truth.TryGet(image, out var value))
                items.Add(new GoldItem(image, task.Classes[value]));
        await workspace.Labels.SetGoldAsync(task.Name, items, cancellationToken);
    }

    private static string[]? Split(string? classes) => classes?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string? PicturePath(string? example)
    {
        if (example is null) return null;
        var path = Path.GetFullPath(example);
        return File.Exists(path) ? path : throw new WorkspaceException($"The example {path} is not there.", "Name a picture file with --example.");
    }

    private static async Task<string?> TextAsync(string? text, CancellationToken cancellationToken) =>
        text is not null && File.Exists(text) ? await File.ReadAllTextAsync(text, cancellationToken) : text;
}
