using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Classification;
using Curator.Labeling.Metrics;

namespace Curator.Labeling.Export;

/// <summary>
/// <c>provenance.json</c>: what made the set, for machines. Its fingerprint is SHA-256 over task, options, sweep and every image with its answer; the same fingerprint, the same set. No
/// time of export is in it.
/// </summary>
internal static class Provenance
{
    public const string FileName = "provenance.json";

    /// <summary>Collects what decides the set's bytes.</summary>
    public sealed class Fingerprint : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Add(FinalLabel label) =>
            Add($"{label.Image}\n{label.Record.Sha256}\n{label.Record.Uri}\n{label.Class}\n{label.Confidence:R}\n{label.Person}\n{label.LabeledAt?.UtcTicks}\n");

        public void Add(string text) => _hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));

        public string Value() => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public void Dispose() => _hash.Dispose();
    }

    public static void Write(
        Stream stream, string fingerprint, LabelingTask task, ExportFormat format, ExportOptions options, ExportReport report, ClassifyReport? sweep, IReadOnlyList<Partition> partitions)
    {
        using var json = new Utf8JsonWriter(stream, ExportText.Indented);
        json.WriteStartObject();
        json.WriteString("made_by", "Curator");
        json.WriteString("fingerprint", fingerprint);
        json.WriteString("format", format.ToString());
        json.WriteStartObject("task");
        json.WriteString("name", task.Name);
        json.WriteString("question", task.Question);
        Texts(json, "classes", task.Classes);
        json.WriteString("guidelines", task.Guidelines);
        json.WriteNumber("opinions_an_image", task.Opinions);
        json.WriteEndObject();
        json.WriteStartObject("options");
        json.WriteBoolean("human_only", options.HumanOnly);
        json.WriteBoolean("positive_only", options.PositiveOnly);
        json.WriteNumber("minimum_confidence", options.MinimumConfidence);
        json.WriteString("pictures", options.Transfer.ToString());
        json.WriteEndObject();
        json.WriteStartObject("counts");
        json.WriteNumber("images", report.Images);
        json.WriteNumber("by_people", report.Human);
        json.WriteNumber("by_the_model", report.Model);
        json.WriteNumber("source_files_not_there", report.Missing);
        Counts(json, "classes", report.Classes);
        json.WriteEndObject();
        if (report.Split is { } split)
        {
            json.WriteStartObject("split");
            json.WriteString("shares", options.Split);
            json.WriteString("by", split.By.ToString());
            json.WriteNumber("seed", options.SplitSeed);
            json.WriteNumber("groups", split.Groups);
            json.WriteNumber("left_out", split.LeftOut);
            json.WriteNumber("shared_by_two_parts", split.Shared);
            json.WriteStartObject("parts");
            foreach (var part in split.Parts) Counts(json, part.Name, part.Classes);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        if (sweep is not null)
        {
            json.WriteStartObject("model");
            json.WriteString("encoder", sweep.Encoder);
            json.WriteString("head", sweep.Head);
            json.WriteNumber("threshold", Math.Round(sweep.Threshold, 6));
            json.WriteNumber("images_without_an_embedding", sweep.Unscored);
            if (sweep.Estimate is { } estimate)
            {
                json.WriteStartObject("estimate");
                Measure(json, "precision", estimate.Precision);
                Measure(json, "recall", estimate.Recall);
                Measure(json, "f1", estimate.F1);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteStartArray("partitions");
        foreach (var partition in partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("number", partition.Number);
            json.WriteString("name", partition.Name);
            json.WriteNumber("images", partition.Rows);
            json.WriteString("fingerprint", partition.Fingerprint);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Counts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, long> classes)
    {
        json.WriteStartObject(name);
        foreach (var (@class, count) in classes) json.WriteNumber(@class, count);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Measure(Utf8JsonWriter json, string name, Interval interval)
    {
        if (!double.IsFinite(interval.Value + interval.Low + interval.High)) return;
        json.WriteStartObject(name);
        json.WriteNumber("value", Math.Round(interval.Value, 6));
        json.WriteNumber("low", Math.Round(interval.Low, 6));
        json.WriteNumber("high", Math.Round(interval.High, 6));
        json.WriteEndObject();
    }
}
