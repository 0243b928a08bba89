using System.CommandLine;
using System.Globalization;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Classification;

namespace Curator.Cli.Commands;

/// <summary><c>classify TASK</c>: the final sweep over every picture.</summary>
internal static class ClassifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var task = new Argument<string>("task") { Description = "A task with answers." };
        var review = new Option<int>("--review") { Description = "List so many pictures that were decided with least to spare.", HelpName = "count", DefaultValueFactory = _ => 0 };
        var command = new Command("classify", """
            Give every picture of the project a probability for the task's class, from the answers so far. People's answers stand above it. Of several
            classes each picture gets just one.

            Example:
              curator classify island --review 50
            """) { task, review };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var known = await workspace.Labels.GetTaskAsync(parsed.GetRequiredValue(task), cancellationToken);
            var report = await Classifier.ClassifyAsync(workspace, known, context.Engine, context.Progress, cancellationToken);
            if (report.Classes is { } classes)
                foreach (var of in classes) terminal.Line($"{of.Class}: {of.Human + of.Model:N0} of {report.Images:N0} pictures, {of.Human:N0} by people");
            else
                terminal.Line($"{report.Positives:N0} of {report.Images:N0} pictures are {known.Classes[0]} (threshold {report.Threshold:0.000})");
            var doubtful = parsed.GetValue(review) is > 0 and var count ? await ReviewAsync(workspace, known, count, cancellationToken) : null;
            if (doubtful is { Count: > 0 })
                terminal.Table(["picture", "called", "probability"], doubtful.Select(d => (IReadOnlyList<string>)[d.Uri, d.Class, d.Probability.ToString("0.000", CultureInfo.InvariantCulture)]));
            terminal.Line($"Next: curator export {known.Name} OUT");
            if (doubtful is null) terminal.Result(report);
            else terminal.Result(new { report, review = doubtful });
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Doubtful>> ReviewAsync(Workspace workspace, LabelingTask task, int count, CancellationToken cancellationToken)
    {
        var list = new List<Doubtful>();
        foreach (var item in await ReviewList.ReadAsync(workspace, task, count, cancellationToken))
            list.Add(new Doubtful(item.Image.ToString(), (await workspace.GetImageAsync(item.Image, cancellationToken)).Uri, item.Class, item.Probability));
        return list;
    }

    private sealed record Doubtful(string Image, string Uri, string Class, float Probability);
}
