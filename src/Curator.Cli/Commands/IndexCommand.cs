using System.CommandLine;
using System.Globalization;
using Curator.Search.Indexes;

namespace Curator.Cli.Commands;

/// <summary><c>index</c>: makes searches of large projects fast.</summary>
internal static class IndexCommand
{
    public static Command Create(Terminal terminal)
    {
        var encoder = new Option<string?>("--encoder") { Description = "Whose embeddings are indexed. [default: the newest that has embeddings]", HelpName = "encoder" };
        var evaluate = new Option<bool>("--evaluate") { Description = "Measure recall against speed on the project's own pictures, and keep the setting that reaches --recall." };
        var command = new Command("index", """
            Build the search index of every partition that has none or an outdated one. Searches work without; from about 100,000 pictures they are much
            faster with it.

            Example:
              curator index --evaluate --recall 0.95
            """) { encoder, evaluate };
        var building = new OptionsBinding<IndexOptions>(command, "index");
        var measuring = new OptionsBinding<RecallOptions>(command, "recall", nameof(RecallOptions.Seed));
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var (options, settings) = building.Resolve(parsed, context.SettingsFile);
            var (recall, recallSettings) = measuring.Resolve(parsed, context.SettingsFile);
            if (context.ShowConfig)
            {
                context.PrintSettings(settings.Concat(recallSettings));
                return ExitCodes.Done;
            }
            var workspace = await context.OpenAsync(cancellationToken);
            var row = await EmbeddedEncoders.ChooseAsync(workspace, parsed.GetValue(encoder), cancellationToken);
            var report = await Indexing.IndexAsync(workspace, row, options, new DeltaOptions(), context.Engine, context.Progress, cancellationToken);
            terminal.Line($"{report.Built:N0} partitions indexed ({report.Rows:N0} pictures), {report.UpToDate:N0} were up to date");
            if (report.NotEmbedded > 0) terminal.Line($"{report.NotEmbedded:N0} have no embeddings by {row.Id} yet. Next: curator embed --encoder {row.Id}");
            var measured = parsed.GetValue(evaluate) ? await RecallEvaluation.RunAsync(workspace, row, recall, context.Progress, cancellationToken) : null;
            if (measured is not null) Print(terminal, measured);
            terminal.Result(new { report, recall = measured });
            return report.NotEmbedded > 0 || measured is { Reached: false } ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, RecallReport measured)
    {
        terminal.Table(
            ["lists looked at", "recall@10", "recall@50", "searches/s"],
            measured.Curve.Select(p => (IReadOnlyList<string>)
                [$"{p.Tuning.Probes}", Number(p.RecallAt10), Number(p.RecallAt50), p.QueriesPerSecond.ToString("N0", CultureInfo.InvariantCulture)]));
        terminal.Line($"Exhaustive search: {measured.ExactQueriesPerSecond.ToString("N0", CultureInfo.InvariantCulture)} searches/s, recall 1");
        terminal.Line(measured.Reached
            ? $"Kept: {measured.Chosen.Probes} lists"
            : $"No setting reaches the recall asked for; kept: {measured.Chosen.Probes} lists");
    }

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
