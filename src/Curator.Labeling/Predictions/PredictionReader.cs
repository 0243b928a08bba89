using System.Text.Json;
using Curator.Core;

namespace Curator.Labeling.Predictions;

/// <summary>Reads predictions in any of the formats. Files are taken for hostile: what does not fit is refused with its place and nothing is kept of the file.</summary>
public static class PredictionReader
{
    /// <param name="source">A file, or a folder for YOLO and VOC.</param>
    /// <returns>The format too, as it was told or found.</returns>
    /// <exception cref="WorkspaceException">Not there, in no format known, or something in it does not fit.</exception>
    public static (PredictionSet Set, PredictionFormat Format) Read(string source, PredictionReadOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            var format = options.Format ?? Guess(source);
            var set = format switch
            {
                PredictionFormat.Csv => ClassificationReader.ReadCsv(source),
                PredictionFormat.Json => ClassificationReader.ReadJson(source),
                PredictionFormat.Coco => CocoReader.Read(source, options),
                PredictionFormat.Yolo => YoloReader.Read(source, options, cancellationToken),
                _ => VocReader.Read(source, options, cancellationToken),
            };
            return set.Images.Count > 0 ? (set, format) : throw Bad(source, "names no picture");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"The predictions '{source}' cannot be read: {error.Message}", "Name a file that can be read, or a folder of YOLO or VOC files.", error);
        }
        catch (JsonException error)
        {
            throw new WorkspaceException($"'{source}' is no JSON: {error.Message}", "Write it again, or say what it is with --format.", error);
        }
    }

    internal static WorkspaceException Bad(string source, string what) =>
        new($"'{source}' {what}.", "`curator predictions import --help` describes the formats.");

    /// <exception cref="WorkspaceException">Outside 0 to 1.</exception>
    internal static float Probability(double value, string source, string where) =>
        value is >= 0 and <= 1 ? (float)value : throw Bad(source, $"has {value} for a probability in {where}; it must be 0 to 1");

    private static PredictionFormat Guess(string source)
    {
        if (Directory.Exists(source))
        {
            if (Directory.EnumerateFiles(source, "*.xml").Any()) return PredictionFormat.Voc;
            if (Directory.EnumerateFiles(source, "*.txt").Any()) return PredictionFormat.Yolo;
            throw Bad(source, "is a folder without .txt (YOLO) and .xml (VOC) files");
        }
        switch (Path.GetExtension(source).ToUpperInvariant())
        {
            case ".CSV": return PredictionFormat.Csv;
            case ".XML": return PredictionFormat.Voc;
            case ".TXT": return PredictionFormat.Yolo;
            case not ".JSON": throw Bad(source, "has no ending that tells its format (.csv, .json, .xml, .txt)");
        }
        using var stream = File.OpenRead(source);
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement;
        var first = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 ? root[0] : root;
        return first.ValueKind == JsonValueKind.Object && (first.TryGetProperty("annotations", out _) || first.TryGetProperty("category_id", out _)) ? PredictionFormat.Coco : PredictionFormat.Json;
    }
}
