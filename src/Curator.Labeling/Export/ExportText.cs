using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Labeling.Classification;

namespace Curator.Labeling.Export;

/// <summary>How times, degrees and names are written in all formats.</summary>
internal static class ExportText
{
    /// <summary>UTF-8 as it is; nothing here is put into a page.</summary>
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonWriterOptions Indented = Json with { Indented = true, NewLine = "\n" };

    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";

    public static string Degrees(double? value) => value?.ToString("0.########", CultureInfo.InvariantCulture) ?? "";

    public static string Source(FinalLabel label) => label.IsHuman ? "human" : "model";

    /// <summary>Name below the folder that was added.</summary>
    public static string RelativeName(ImageRecord record) =>
        record.Folder.Length > 0 ? $"{record.Folder}/{Path.GetFileName(record.Uri)}" : Path.GetFileName(record.Uri);

    /// <summary>Six digits of a confidence: what single precision holds.</summary>
    public static double Confidence(FinalLabel label) => Math.Round((double)label.Confidence, 6);

    /// <summary>A file's address as other programs take it: <c>file:///a/b%20c.jpg</c>.</summary>
    public static string FileAddress(string path) => new Uri(path).AbsoluteUri;

    /// <summary>What a label says, as members of the current JSON object: image_id, label, confidence, source, person, labeled_at, taken_at, split, sha256.</summary>
    public static void WriteFacts(Utf8JsonWriter json, ExportItem item)
    {
        var label = item.Label;
        json.WriteString("image_id", label.Image.ToString());
        json.WriteString("label", label.Class);
        json.WriteNumber("confidence", Confidence(label));
        json.WriteString("source", Source(label));
        if (label.Person is { } person) json.WriteString("person", person);
        if (label.LabeledAt is { } at) json.WriteString("labeled_at", Time(at));
        if (label.Record.TakenAt is { } taken) json.WriteString("taken_at", Time(taken));
        if (item.Part is { } part) json.WriteString("split", part);
        json.WriteString("sha256", label.Record.Sha256);
    }
}
