using System.CommandLine;
using System.Globalization;
using Curator.Cli.Searching;
using Curator.Core;
using Curator.Labeling.Rounds;

namespace Curator.Cli.Commands;

/// <summary><c>suggest TASK</c>: what to label next, for a program that asks.</summary>
internal static class SuggestCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("task") { Description = "A task with an example; curator learn makes one." };
        var count = CountOption.Create(50);
        var command = new Command("suggest", """
            Say which pictures are worth an answer next, best first, with probability, reason and path: what a round of learn would ask now. Begins no
            round and stores nothing, so it may be asked at any time, while others answer too.

            Example:
              curator suggest island -n 50 --json
            """) { name, count };
        var binding = new OptionsBinding<LearnOptions>(
            command, "learn", nameof(LearnOptions.RoundSize), nameof(LearnOptions.Rounds), nameof(LearnOptions.TargetF1), nameof(LearnOptions.Patience));
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var task = await workspace.Labels.GetTaskAsync(parsed.GetRequiredValue(name), cancellationToken);
            if (task.Example is null && task.Classes.Count == 2)
                throw new WorkspaceException($"Task '{task.Name}' has no example picture.", $"curator learn {task.Name} --example PICTURE");
            var encoder = await workspace.Catalog.GetEncoderAsync(task.Encoder, cancellationToken);
            using var vectors = new QueryVectors(workspace, encoder);
            var query = task.Example is { } example ? await vectors.GetAsync(example, cancellationToken) : [];
            var items = await LearningLoop.SuggestAsync(workspace, task, query, options, parsed.GetValue(count), cancellationToken);
            var found = new List<(string Id, string Path, float? Probability, string Reason)>();
            foreach (var item in items)
                found.Add((item.Image.ToString(), (await workspace.GetImageAsync(item.Image, cancellationToken)).Uri, float.IsNaN(item.Probability) ? null : item.Probability, item.Reason));
            terminal.Table(["probability", "reason", "id", "picture"], found.Select(f => (IReadOnlyList<string>)
                [f.Probability?.ToString("0.000", CultureInfo.InvariantCulture) ?? "", f.Reason, f.Id, f.Path]));
            terminal.Result(new
            {
                task = task.Name,
                question = task.Question,
                classes = task.Classes,
                images = found.Select(f => new { id = f.Id, path = f.Path, probability = f.Probability, reason = f.Reason }),
            });
            return ExitCodes.Done;
        });
        return command;
    }
}
