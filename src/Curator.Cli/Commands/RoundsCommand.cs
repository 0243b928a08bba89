using System.CommandLine;
using System.Globalization;
using Curator.Cli.Jobs;
using Curator.Core;
using Curator.Labeling.Metrics;
using Curator.Labeling.Rounds;

namespace Curator.Cli.Commands;

/// <summary><c>rounds TASK…</c>: how the rounds went, what they cost, and plots of it.</summary>
internal static class RoundsCommand
{
    public static Command Create(Terminal terminal)
    {
        var tasks = new Argument<string[]>("task")
        {
            Description = "Tasks to set beside each other; NAME=TASK,TASK,… makes one line of several runs, with their mean and range.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string?>("--out") { Description = "Folder for f1.png and positives.png. [default: exports/TASK]", HelpName = "folder" };
        var command = new Command("rounds", """
            Show how the rounds of a task went: labels, positives, F1 with its interval; what the labels cost in time and money beside looking at every
            picture; plots of F1 and of positives found against labels. Several tasks, as of several strategies, come into one plot.

            Example:
              curator rounds island --hour-price 30
              curator rounds schedule=a1,a2,a3 random=b1,b2,b3 --out plots/
            """) { tasks, output };
        var binding = new OptionsBinding<CostOptions>(command, "cost");
        command.SetWork(terminal, binding, async (context, prices, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var lines = new List<RoundLine>();
            var costs = new List<CostReport>();
            foreach (var text in parsed.GetRequiredValue(tasks))
            {
                var (title, names) = Split(text);
                var runs = new List<IReadOnlyList<RoundReport>>();
                foreach (var name in names)
                {
                    var task = await workspace.Labels.GetTaskAsync(name, cancellationToken);
                    var rounds = await LearningLoop.GetReportsAsync(workspace, task.Name, cancellationToken);
                    if (rounds.Count == 0) throw new WorkspaceException($"Task '{task.Name}' has no finished round.", $"Begin with: curator learn {task.Name} --example PICTURE");
                    runs.Add(rounds);
                    costs.Add(await CostModel.ReadAsync(workspace, task, rounds[^1].Images, prices, cancellationToken));
                }
                lines.Add(new RoundLine(title, runs));
            }
            var folder = parsed.GetValue(output) is { } named ? Path.GetFullPath(named) : Path.Combine(workspace.Root, "exports", Names.ToValid(lines[0].Name));
            RoundPlots.Write(folder, lines);
            Print(terminal, lines);
            foreach (var cost in costs) terminal.Line(CostText.Of(cost));
            terminal.Line($"Plots: {Path.Combine(folder, RoundPlots.F1File)}, {Path.Combine(folder, RoundPlots.PositivesFile)}");
            terminal.Result(new { lines = lines.Select(l => new { name = l.Name, runs = l.Runs }), costs, folder });
            return ExitCodes.Done;
        });
        return command;
    }

    private static (string Title, IReadOnlyList<string> Tasks) Split(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at <= 0 ? (text, [text]) : (text[..at], text[(at + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static void Print(Terminal terminal, List<RoundLine> lines) => terminal.Table(
        ["task", "round", "asked", "labels", "yes", "new", "F1", "precision", "recall"],
        lines.SelectMany(line => line.Runs.SelectMany(run => run.Select(round => (IReadOnlyList<string>)
        [
            line.Name, $"{round.Round}", $"{round.Asked:N0}", $"{round.Labels:N0}", $"{round.Positives:N0}", $"{round.NewPositives:N0}",
            Score(round, e => e.F1, x => x.F1), Score(round, e => e.Precision, x => x.Precision), Score(round, e => e.Recall, x => x.Recall),
        ]))));

    private static string Score(RoundReport round, Func<ArchiveEstimate, Interval> estimated, Func<ExactNumbers, double> exact)
    {
        if (round.Exact is { } known) return exact(known).ToString("0.000", CultureInfo.InvariantCulture);
        if (round.Estimate is not { } estimate) return "";
        var interval = estimated(estimate);
        return string.Create(CultureInfo.InvariantCulture, $"{interval.Value:0.00} ({interval.Low:0.00} to {interval.High:0.00})");
    }
}
