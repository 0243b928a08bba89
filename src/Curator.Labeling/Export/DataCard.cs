using System.Globalization;
using System.Text;
using Curator.Core.Labels;
using Curator.Labeling.Classification;
using Curator.Labeling.Metrics;

namespace Curator.Labeling.Export;

/// <summary>The README.md of an exported data set: what it is, how it came about, how good it is. Same set, same bytes: its date is that of the last answer.</summary>
internal static class DataCard
{
    public static string Write(LabelingTask task, ExportFormat format, ExportOptions options, ExportReport report, ClassifyReport? sweep, DateTimeOffset? lastAnswer)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {task.Name}\n\n{task.Question}\n\n");
        text.Append("| class | images |\n|---|---:|\n");
        foreach (var (name, count) in report.Classes) text.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | {count} |\n");
        text.Append(CultureInfo.InvariantCulture, $"\n- Labeled by people: {report.Human}\n- Labeled by the model: {report.Model}\n");
        if (report.Missing > 0) text.Append(CultureInfo.InvariantCulture, $"- Source files that were not there: {report.Missing}\n");
        if (lastAnswer is { } date) text.Append(CultureInfo.InvariantCulture, $"- Last answer: {date.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z\n");
        if (sweep is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"- Encoder: {sweep.Encoder}\n- Classifier: {sweep.Head}\n- Threshold: {sweep.Threshold:0.0000}\n");
            text.Append(CultureInfo.InvariantCulture, $"- Images without an embedding, not in the set: {sweep.Unscored}\n");
            if (sweep.Estimate is { } e)
            {
                text.Append("\nEstimated from the answers to the last rounds, with 95 % intervals, over the whole archive (people's labels count as right):\n\n");
                text.Append("| measure | estimate | from | to |\n|---|---:|---:|---:|\n");
                Row("precision", e.Precision);
                Row("recall", e.Recall);
                Row("F1", e.F1);
                if (e.AreaUnderCurve is { } area) Row("area under the ROC curve, of what nobody answered", area);
                if (e.CalibrationError is { } error) Row("calibration error", error);
            }
        }
        if (options.HumanOnly) text.Append("\nOnly images that people answered are in this set.\n");
        if (options.PositiveOnly) text.Append("\nOnly the positive class is in this set.\n");
        if (options.MinimumConfidence > 0) text.Append(CultureInfo.InvariantCulture, $"\nImages of which the model was less than {options.MinimumConfidence:0.00} sure were left out.\n");
        text.Append(format == ExportFormat.ImageFolder
            ? "\nPictures lie in one folder a class. `labels.csv` has a row an image, with its source.\n"
            : "\n`labels.csv` has a row an image; `uri` is where its picture lies.\n");
        if (task.Guidelines.Length > 0) text.Append(CultureInfo.InvariantCulture, $"\n## Guidelines\n\n{task.Guidelines}\n");
        text.Append("\nMade with Curator.\n");
        return text.ToString();

        void Row(string name, Interval i) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {i.Value:0.0000} | {i.Low:0.0000} | {i.High:0.0000} |\n");
    }

    private static string Cell(string value) => value.Replace("|", "\\|", StringComparison.Ordinal);
}
