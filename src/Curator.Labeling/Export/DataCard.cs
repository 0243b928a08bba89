using System.Globalization;
using System.Text;
using Curator.Core.Labels;
using Curator.Labeling.Classification;
using Curator.Labeling.Metrics;

namespace Curator.Labeling.Export;

/// <summary>The README.md of an exported data set: what it is, how it came about, how good it is. Same set, same bytes: its date is that of the last answer.</summary>
internal static class DataCard
{
    public const string FileName = "README.md";

    public static string Write(LabelingTask task, string reading, ExportOptions options, ExportReport report, ClassifyReport? sweep, DateTimeOffset? lastAnswer, string fingerprint)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {task.Name}\n\n{task.Question}\n\n![Pictures of each class]({ExampleSheet.FileName})\n\n");
        WriteCounts(text, report);
        text.Append(CultureInfo.InvariantCulture, $"\n- Labeled by people: {report.Human}\n- Labeled by the model: {report.Model}\n");
        if (report.Missing > 0) text.Append(CultureInfo.InvariantCulture, $"- Source files that were not there: {report.Missing}\n");
        if (lastAnswer is { } date) text.Append(CultureInfo.InvariantCulture, $"- Last answer: {date.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z\n");
        if (sweep is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"- Encoder: {sweep.Encoder}\n- Classifier: {sweep.Head}\n- Threshold: {sweep.Threshold:0.0000}\n");
            text.Append(CultureInfo.InvariantCulture, $"- Images without an embedding, not in the set: {sweep.Unscored}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"- Fingerprint: {fingerprint}\n");
        if (sweep?.Estimate is { } estimate) WriteQuality(text, estimate);
        if (report.Split is { } split) WriteSplit(text, split);
        if (options.HumanOnly) text.Append("\nOnly images that people answered are in this set.\n");
        if (options.PositiveOnly) text.Append("\nOnly the positive class is in this set.\n");
        if (options.MinimumConfidence > 0) text.Append(CultureInfo.InvariantCulture, $"\nImages of which the model was less than {options.MinimumConfidence:0.00} sure were left out.\n");
        text.Append(CultureInfo.InvariantCulture, $"\n## Reading it\n\n{reading}\n\n`{LabelTable.FileName}` has a row an image: label, how sure, by whom and when, part of the split, source file and its SHA-256, date and place. `{Provenance.FileName}` says what made the set.\n");
        if (task.Guidelines.Length > 0) text.Append(CultureInfo.InvariantCulture, $"\n## Guidelines\n\n{task.Guidelines}\n");
        text.Append("\nMade with Curator.\n");
        return text.ToString();
    }

    private static void WriteCounts(StringBuilder text, ExportReport report)
    {
        var parts = report.Split?.Parts ?? [];
        text.Append(CultureInfo.InvariantCulture, $"| class | images |{string.Concat(parts.Select(p => $" {p.Name} |"))}\n|---|---:|{string.Concat(parts.Select(_ => "---:|"))}\n");
        foreach (var (name, count) in report.Classes)
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | {count} |{string.Concat(parts.Select(p => $" {p.Classes[name]} |"))}\n");
    }

    private static void WriteQuality(StringBuilder text, ArchiveEstimate estimate)
    {
        text.Append("\n## How good it is\n\nEstimated from the answers to the last rounds, with 95 % intervals, over the whole archive (people's labels count as right):\n\n");
        text.Append("| measure | estimate | from | to |\n|---|---:|---:|---:|\n");
        Row("precision", estimate.Precision);
        Row("recall", estimate.Recall);
        Row("F1", estimate.F1);
        if (estimate.AreaUnderCurve is { } area) Row("area under the ROC curve, of what nobody answered", area);
        if (estimate.CalibrationError is { } error) Row("calibration error", error);

        void Row(string name, Interval i) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {i.Value:0.0000} | {i.Low:0.0000} | {i.High:0.0000} |\n");
    }

    private static void WriteSplit(StringBuilder text, SplitReport split)
    {
        var (kept, shared) = split.By switch
        {
            SplitBy.Place => ("Images whose footprints touch or overlap are in the same part", "touching footprints"),
            SplitBy.Date => ("Images of one day are in the same part, and the parts follow each other in time", "days"),
            _ => ("Images with the same bytes are in the same part", "contents"),
        };
        text.Append(CultureInfo.InvariantCulture, $"\n## Split\n\n{kept} ({split.Groups} groups, classes spread alike as far as groups allow). Counted afterwards: {split.Shared} {shared} in two parts.\n");
        if (split.LeftOut > 0)
            text.Append(CultureInfo.InvariantCulture, $"{split.LeftOut} images along the borders between parts touch images of another part and are in none. `--split-by image` would keep them.\n");
    }

    private static string Cell(string value) => value.Replace("|", "\\|", StringComparison.Ordinal);
}
