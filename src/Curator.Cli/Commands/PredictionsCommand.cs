using System.CommandLine;
using System.Globalization;
using Curator.Labeling.Predictions;

namespace Curator.Cli.Commands;

/// <summary><c>predictions import|list</c>: what models from elsewhere say of the pictures.</summary>
internal static class PredictionsCommand
{
    private const int MostNamed = 10;

    public static Command Create(Terminal terminal) => new("predictions", """
        Take in what a model from elsewhere says of the pictures, as scores for choosing what to label next.

        Example:
          curator predictions import detector runs/detect/labels/ --format yolo
          curator select -n 100 --strategy coral
        """) { Import(terminal), List(terminal) };

    private static Command Import(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "Under which they are kept; an import of that name is replaced." };
        var source = new Argument<string>("source") { Description = "A file; for yolo and voc also a folder of them." };
        var format = new Option<PredictionFormat?>("--format") { Description = "How they are written. [default: told from the files]", HelpName = "csv|json|coco|yolo|voc" };
        var annotations = new Option<string?>("--annotations") { Description = "COCO data set file that says which pictures and classes the numbers of coco results mean.", HelpName = "file" };
        var classes = new Option<string?>("--classes") { Description = "Names of yolo's classes in their order, with commas. [default: classes.txt in the folder, else numbers]", HelpName = "names" };
        var command = new Command("import", """
            Read predictions and keep a score for each picture and measure: least-confidence, margin, entropy; for boxes their maximum, mean and sum, and
            objectness and class-balance. Pictures are known by path or file name.

              csv   image,label,confidence, or image and a column for each class
              json  [{"image": "a.jpg", "probabilities": {"cat": 0.8}}], or label and confidence
              coco  results with --annotations, or a data set file whose boxes have a score
              yolo  a text file a picture, "class x y w h confidence" a line
              voc   an XML file a picture, a confidence in each object
            """) { name, source, format, annotations, classes };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var path = Path.GetFullPath(parsed.GetRequiredValue(source));
            var options = new PredictionReadOptions
            {
                Format = parsed.GetValue(format),
                Annotations = parsed.GetValue(annotations),
                Classes = parsed.GetValue(classes)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            };
            var (set, found) = PredictionReader.Read(path, options, cancellationToken);
            var report = await PredictionStore.ImportAsync(workspace, parsed.GetRequiredValue(name), set, found.ToString().ToLowerInvariant(), path, cancellationToken);
            var info = report.Predictions;
            terminal.Line($"{info.Images:N0} pictures with predictions{(info.Kind == PredictionKind.Detection ? $", {info.Boxes:N0} boxes" : "")}, {info.Classes.Count:N0} classes: {string.Join(", ", info.Classes.Take(MostNamed))}");
            if (info.WithoutConfidence > 0) terminal.Line($"{info.WithoutConfidence:N0} boxes have no confidence and count as certain");
            if (report.Unknown.Count > 0) terminal.Line($"{report.Unknown.Count:N0} left out, no such picture in the project: {string.Join(", ", report.Unknown.Take(MostNamed))}{(report.Unknown.Count > MostNamed ? " …" : "")}");
            terminal.Line($"Next: curator select -n 100 --predictions {info.Name}");
            terminal.Result(report);
            return report.Unknown.Count > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "List the imports.");
        command.SetWork(terminal, async (context, _, cancellationToken) =>
        {
            var all = await PredictionStore.ListAsync(await context.OpenAsync(cancellationToken), cancellationToken);
            terminal.Table(
                ["name", "kind", "format", "pictures", "boxes", "classes", "imported"],
                all.Select(i => (IReadOnlyList<string>)
                [
                    i.Name, i.Kind.ToString().ToLowerInvariant(), i.Format, i.Images.ToString("N0", CultureInfo.InvariantCulture), i.Boxes.ToString("N0", CultureInfo.InvariantCulture),
                    string.Join(", ", i.Classes.Take(MostNamed)), i.ImportedAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                ]));
            terminal.Result(all);
            return ExitCodes.Done;
        });
        return command;
    }
}
