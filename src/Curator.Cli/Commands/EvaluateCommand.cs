using System.CommandLine;
using System.Globalization;
using Curator.Imagery.Plots;
using Curator.Learning.Evaluation;

namespace Curator.Cli.Commands;

/// <summary><c>encoders evaluate</c>: what encoders are worth on the project's own pictures.</summary>
internal static class EvaluateCommand
{
    /// <summary>The newest encoder is meant.</summary>
    private static readonly string?[] NoneNamed = [null];

    private static readonly int[] ShownRanks = [1, 5, 10, 20, 50, 100];

    private const int MostConfusions = 8;

    public static Command Create(Terminal terminal)
    {
        var names = new Argument<string[]>("encoders") { Description = "Names (newest version) or name@version, several to compare them; the newest when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var task = new Option<string?>("--task") { Description = "Judge by this task's labels instead of class folders.", HelpName = "task" };
        var plot = new Option<string?>("--plot") { Description = "Also draw precision at rank here, an encoder a line (PNG).", HelpName = "file" };
        var command = new Command("evaluate", """
            Say what an encoder is worth on the project's own pictures: how often the nearest labeled neighbours are right, beside the training-free encoder that it must beat (exit code 1 when
            it does not), how many of the nearest are of a picture's class (pictures of the same place left out), which classes are taken for which, and how its embeddings spread.

            Examples:
              curator encoders evaluate simclr --plot ranks.png
              curator encoders evaluate simclr dino statistics --task island
            """) { names, task, plot };
        var binding = new OptionsBinding<EvaluateOptions>(command, "evaluate");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var (labels, classes) = parsed.GetValue(task) is { } taskName ? await Jobs.FineTuneJobs.LabelsAsync(workspace, taskName, cancellationToken) : (null, null);
            var reports = new List<EvaluationReport>();
            foreach (var name in parsed.GetValue(names) is { Length: > 0 } given ? given : NoneNamed)
            {
                reports.Add(await EncoderEvaluation.RunAsync(
                    workspace, name, labels?.ToDictionary(label => label.Image, label => label.Class), classes, options, context.Progress, cancellationToken));
            }

            if (reports is [var only]) Print(terminal, only, options);
            else Compare(terminal, reports);
            if (parsed.GetValue(plot) is { } path)
            {
                if (reports.All(report => report.AtRank is null)) terminal.Note("No labels or class folders: nothing to plot");
                else
                {
                    Plot(path, reports);
                    terminal.Note($"Plot: {Path.GetFullPath(path)}");
                }
            }

            if (reports is [var report1]) terminal.Result(report1);
            else terminal.Result(reports);
            return reports.Any(report => report.PassesBar == false) ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, EvaluationReport report, EvaluateOptions options)
    {
        if (report.Votes is { } votes)
        {
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Encoder}: {votes.Accuracy:P1} of {report.Asked:N0} pictures right by {options.Neighbours} neighbours ({votes.BalancedAccuracy:P1} as the classes' mean)"));
            if (report.Bar is { } bar) terminal.Line(string.Create(CultureInfo.InvariantCulture, $"Without training: {bar.Accuracy:P1} ({bar.BalancedAccuracy:P1}): {(report.PassesBar == true ? "passed" : "not passed, use 'statistics' instead")}"));
        }
        else
        {
            terminal.Line($"{report.Encoder}: no labels or class folders to judge by");
        }
        if (report.AtRank is { } ranks) PrintRanks(terminal, report, ranks);
        if (report.Alignment is { } alignment) terminal.Line(string.Create(CultureInfo.InvariantCulture, $"Alignment {alignment:0.000} (a picture and its view; lower is better)"));
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"Uniformity {report.Uniformity:0.000} (lower is more even)"));
        if (report.EffectiveRank is { } rank) terminal.Line(string.Create(CultureInfo.InvariantCulture, $"Effective rank {rank:0.0}"));
    }

    private static void PrintRanks(Terminal terminal, EvaluationReport report, RankAccuracy ranks)
    {
        int[] shown = [.. ShownRanks.Where(rank => rank <= ranks.Ranks.Count)];
        string Row(RankAccuracy of) => string.Join(", ", shown.Select(rank => string.Create(CultureInfo.InvariantCulture, $"{of.Precision[rank - 1]:P1} of {rank}")));
        terminal.Line($"Of the nearest are of the picture's class: {Row(ranks)}");
        if (report.BarAtRank is { } bar) terminal.Line($"Without training: {Row(bar)}");
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"By chance: {ranks.Chance:P1}{(ranks.SamePlace > 0 ? $"; {ranks.SamePlace:N0} neighbours of the same place were left out" : "")}"));
        var confused = Enumerable.Range(0, report.Classes.Count)
            .SelectMany(c => Enumerable.Range(0, report.Classes.Count).Where(other => other != c && ranks.Confusion[c][other] > 0).Select(other => (Class: c, Other: other, Count: ranks.Confusion[c][other])))
            .OrderByDescending(entry => entry.Count / (double)ranks.Confusion[entry.Class].Sum()).Take(MostConfusions).ToList();
        if (confused.Count == 0) return;
        terminal.Table(
            ["class", "nearest is", "pictures", "share of the class"],
            confused.Select(entry => (IReadOnlyList<string>)
                [report.Classes[entry.Class], report.Classes[entry.Other], $"{entry.Count}", (entry.Count / (double)ranks.Confusion[entry.Class].Sum()).ToString("P1", CultureInfo.InvariantCulture)]));
    }

    private static void Compare(Terminal terminal, List<EvaluationReport> reports)
    {
        var rows = new List<IReadOnlyList<string>>();
        void Row(string title, string format, Func<EvaluationReport, double?> value) =>
            rows.Add([title, .. reports.Select(report => value(report) is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "")]);
        Row("right by neighbours", "P1", report => report.Votes?.Accuracy);
        Row("as the classes' mean", "P1", report => report.Votes?.BalancedAccuracy);
        foreach (var rank in (int[])[1, 5, 10, 20, 50])
            Row($"precision at {rank}", "P1", report => report.AtRank is { } ranks && ranks.Precision.Count >= rank ? ranks.Precision[rank - 1] : null);
        Row("alignment", "0.000", report => report.Alignment);
        Row("uniformity", "0.000", report => report.Uniformity);
        Row("effective rank", "0.0", report => report.EffectiveRank);
        terminal.Table(["", .. reports.Select(report => report.Encoder)], rows);
    }

    private static void Plot(string path, List<EvaluationReport> reports)
    {
        var series = new List<PlotSeries>();
        foreach (var report in reports)
            if (report.AtRank is { } ranks)
                series.Add(new PlotSeries(report.Encoder, [.. ranks.Ranks.Select(rank => (double)rank)], ranks.Precision));
        if (reports is [{ BarAtRank: { } bar }]) series.Add(new PlotSeries("without training", [.. bar.Ranks.Select(rank => (double)rank)], bar.Precision) { Dashed = true });
        var first = reports.First(report => report.AtRank is not null).AtRank!;
        series.Add(new PlotSeries("by chance", [1, first.Ranks.Count], [first.Chance, first.Chance]) { Dashed = true });
        LinePlot.Write(path, series, new PlotOptions { Title = "Precision at rank, same places left out", XTitle = "rank", YTitle = "share of the picture's class", YMin = 0, YMax = 1 });
    }
}
