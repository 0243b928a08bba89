using System.CommandLine;
using Curator.Core;
using Curator.Core.Shards;
using Curator.Imagery.Health;

namespace Curator.Cli.Commands;

/// <summary><c>status</c>: what the project holds and how far each stage is.</summary>
internal static class StatusCommand
{
    public static Command Create(Terminal terminal)
    {
        var shards = new Option<bool>("--shards") { Description = "List every planned shard with its state." };
        var check = new Option<bool>("--check") { Description = "Look at every source file: which vanished or changed since they were added." };
        var command = new Command("status", """
            Show what the project holds: partitions, refused files, encoders, embeddings, tasks and labels.

            Example:
              curator status --check
            """) { shards, check };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var report = await StatusReport.CollectAsync(workspace, parsed.GetValue(check), cancellationToken);
            Print(terminal, report);
            var listed = parsed.GetValue(shards) ? await ListShardsAsync(terminal, workspace, cancellationToken) : null;
            terminal.Result(new { status = report, shards = listed });
            return report.Partitions.Any(p => p.Vanished + p.Changed > 0) ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, StatusReport report)
    {
        terminal.Line($"Project: {report.Workspace}");
        if (report.Partitions.Count == 0)
        {
            terminal.Line("No pictures yet. Next: curator add PICTURES");
            return;
        }
        terminal.Table(
            ["partition", "pictures", "refused", "vanished", "changed", "embedded with"],
            report.Partitions.Select(p => (IReadOnlyList<string>)
                [p.Name, $"{p.Images:N0}", $"{p.Refused.Values.Sum():N0}", $"{p.Vanished:N0}", $"{p.Changed:N0}", string.Join(", ", p.EmbeddedWith)]));
        foreach (var (problem, count) in report.Partitions.SelectMany(p => p.Refused).GroupBy(r => r.Key).Select(g => (g.Key, g.Sum(r => r.Value))).OrderByDescending(r => r.Item2))
            terminal.Line($"{count:N0} refused: {ProblemText.Of(problem)}");
        foreach (var example in report.Partitions.SelectMany(p => p.RefusedExamples)) terminal.Line($"  {example}");
        foreach (var example in report.Partitions.SelectMany(p => p.Examples)) terminal.Line($"  {example}");
        PrintHealth(terminal, report);
        if (report.Encoders.Count == 0) terminal.Line("No encoder yet. Next: curator train, or curator embed for the training-free one.");
        else terminal.Table(["encoder", "numbers", "made"], report.Encoders.Select(e => (IReadOnlyList<string>)[e.Id, $"{e.Dimension}", $"{e.CreatedAt:yyyy-MM-dd HH:mm}"]));
        if (report.Tasks.Count > 0)
            terminal.Table(
                ["task", "question", "answers", "pictures", "rounds"],
                report.Tasks.Select(t => (IReadOnlyList<string>)
                    [t.Name, t.Question, string.Join(", ", t.Answers.Select(a => $"{a.Key} {a.Value:N0}")), $"{t.Answers.Values.Sum():N0}", $"{t.Rounds}"]));
    }

    private static void PrintHealth(Terminal terminal, StatusReport report)
    {
        var findings = report.Partitions.SelectMany(p => p.Health).GroupBy(finding => finding.Problem).OrderBy(group => group.Key).ToList();
        if (findings.Count == 0) return;
        terminal.Table(
            ["may be of little use", "pictures", "for example"],
            findings.Select(group => (IReadOnlyList<string>)[Text(group.Key), $"{group.Sum(finding => finding.Images):N0}", group.First().Examples[0]]));
    }

    private static string Text(HealthProblem problem) => problem switch
    {
        HealthProblem.NoData => "more than half never seen",
        HealthProblem.Dark => "dark",
        HealthProblem.Featureless => "featureless",
        HealthProblem.Blurry => "blurry",
        HealthProblem.Cloudy => "clouds only",
        _ => "of an odd size",
    };

    private static async Task<IReadOnlyList<object>> ListShardsAsync(Terminal terminal, Workspace workspace, CancellationToken cancellationToken)
    {
        var all = new List<(ShardSpec Spec, ShardState State, ShardResult? Result)>();
        foreach (var stage in Stages.Names) all.AddRange(await workspace.Catalog.GetShardsAsync(stage, "", cancellationToken));
        terminal.Table(
            ["stage", "shard", "state", "size"],
            all.Select(s => (IReadOnlyList<string>)[s.Spec.Key.Stage, s.Spec.Key.Id, s.State.ToString().ToLowerInvariant(), $"{s.Spec.Units:N0}"]));
        return [.. all.Select(s => new { stage = s.Spec.Key.Stage, shard = s.Spec.Key.Id, state = s.State, units = s.Spec.Units })];
    }
}
