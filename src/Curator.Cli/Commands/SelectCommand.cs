using System.CommandLine;
using System.Globalization;
using Curator.Core.Images;
using Curator.Labeling.Labelers;
using Curator.Labeling.Predictions;

namespace Curator.Cli.Commands;

/// <summary><c>select</c>: the pictures worth labeling by a strategy, for tools elsewhere.</summary>
internal static class SelectCommand
{
    /// <summary>How the answer is written where <c>--json</c> does not say it.</summary>
    private enum SelectFormat
    {
        Table,
        Csv,
        Files,
    }

    public static Command Create(Terminal terminal)
    {
        var count = CountOption.Create(100);
        var task = new Option<string?>("--task") { Description = "A task whose answered pictures count as chosen already.", HelpName = "task" };
        var encoder = new Option<string?>("--encoder") { Description = "Whose embeddings say what is alike. [default: the newest that has embeddings]", HelpName = "encoder" };
        var format = new Option<SelectFormat>("--format") { Description = "table, csv, or files: one path a line. [default: table]", HelpName = "table|csv|files" };
        var command = new Command("select", """
            Choose the pictures that are worth labeling, by a query strategy over embeddings and an outside model's predictions, best first. Nothing is
            stored; the answer is a list of files.

            Example:
              curator select -n 100 --strategy coral --format files > to-label.txt
            """) { count, task, encoder, format };
        var binding = new OptionsBinding<SelectOptions>(command, "select");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var known = parsed.GetValue(task) is { } name ? await workspace.Labels.GetTaskAsync(name, cancellationToken) : null;
            var row = await EmbeddedEncoders.ChooseAsync(workspace, parsed.GetValue(encoder) ?? known?.Encoder, cancellationToken);
            var report = await Selection.SelectAsync(workspace, row.Id, known, parsed.GetValue(count), options, cancellationToken);
            var chosen = new List<(SelectedImage Pick, ImageRecord Record)>();
            foreach (var pick in report.Images) chosen.Add((pick, await workspace.GetImageAsync(pick.Image, cancellationToken)));
            if (report.WithoutPrediction > 0) terminal.Note($"{report.WithoutPrediction:N0} pictures have no prediction and were not considered");
            switch (parsed.GetValue(format))
            {
                case SelectFormat.Files:
                    foreach (var (_, record) in chosen) terminal.Line(record.Uri);
                    break;
                case SelectFormat.Csv:
                    terminal.Line("path,id,score,probability,reason");
                    foreach (var (pick, record) in chosen) terminal.Line(string.Join(',', Csv.Text(record.Uri), pick.Image, Number(pick.Score), Number(pick.Probability), pick.Reason));
                    break;
                default:
                    terminal.Table(["score", "probability", "reason", "id", "picture"], chosen.Select(c => (IReadOnlyList<string>)
                        [Number(c.Pick.Score), Number(c.Pick.Probability), c.Pick.Reason, c.Pick.Image.ToString(), c.Record.Uri]));
                    break;
            }
            terminal.Result(new
            {
                report.Strategy,
                report.Predictions,
                report.Score,
                report.Candidates,
                report.WithoutPrediction,
                images = chosen.Select(c => new
                {
                    id = c.Pick.Image.ToString(),
                    path = c.Record.Uri,
                    score = Finite(c.Pick.Score),
                    probability = Finite(c.Pick.Probability),
                    reason = c.Pick.Reason,
                }),
            });
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Number(float value) => float.IsNaN(value) ? "" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static float? Finite(float value) => float.IsNaN(value) ? null : value;
}
