using System.Globalization;
using Curator.Core;

namespace Curator.Labeling.Predictions;

/// <summary>
/// YOLO detections: a text file a picture, of the same name, a line <c>class x y w h [confidence]</c> a box. A picture whose file is empty is one in which nothing was found;
/// a picture without a file is not known to the model.
/// </summary>
internal static class YoloReader
{
    private const string ClassesFile = "classes.txt";

    /// <exception cref="WorkspaceException">A line that does not fit.</exception>
    public static PredictionSet Read(string source, PredictionReadOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.Exists(source) ? source : null;
        IEnumerable<string> files = folder is null ? [source] : Directory.EnumerateFiles(folder, "*.txt").Where(f => Path.GetFileName(f) != ClassesFile).Order(StringComparer.Ordinal);
        var images = new List<ImagePrediction>();
        var most = -1;
        long certain = 0;
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var boxes = new List<Detection>();
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length == 0) continue;
                if (fields.Length is not (5 or 6) || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var label) || fields.Skip(1).Any(f => !IsNumber(f)))
                    throw PredictionReader.Bad(file, $"has no box 'class x y w h confidence' in line {number}");
                if (fields.Length == 5) certain++;
                boxes.Add(new Detection(label, fields.Length == 5 ? 1 : PredictionReader.Probability(double.Parse(fields[5], CultureInfo.InvariantCulture), file, $"line {number}")));
                most = Math.Max(most, label);
            }
            images.Add(new ImagePrediction(Path.GetFileNameWithoutExtension(file), [], boxes));
        }
        var names = options.Classes.Count > 0 ? options.Classes : ClassesOf(folder);
        if (names.Count > 0 && most >= names.Count) throw PredictionReader.Bad(source, $"has boxes of class {most}, and only {names.Count} classes are named");
        if (most >= 100_000) throw PredictionReader.Bad(source, $"has boxes of class {most}");
        return new PredictionSet(
            PredictionKind.Detection, names.Count > 0 ? names : [.. Enumerable.Range(0, Math.Max(1, most + 1)).Select(c => c.ToString(CultureInfo.InvariantCulture))], images, certain);
    }

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value);

    private static IReadOnlyList<string> ClassesOf(string? folder)
    {
        var path = Path.Combine(folder ?? "", ClassesFile);
        return folder is not null && File.Exists(path) ? [.. File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0)] : [];
    }
}
