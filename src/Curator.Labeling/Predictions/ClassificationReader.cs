using System.Globalization;
using System.Text.Json;
using Curator.Core;
using Curator.Labeling.Labelers;

namespace Curator.Labeling.Predictions;

/// <summary>Classifications as tables and as JSON.</summary>
internal static class ClassificationReader
{
    /// <summary>Sums of probabilities that are nearer to 1 than this are rounding and brought to 1.</summary>
    private const double SumTolerance = 0.02;

    private static readonly string[] ConfidenceNames = ["confidence", "probability", "score"];
    private static readonly string[] ImageNames = ["image", "file_name", "filename", "file", "path"];

    /// <exception cref="WorkspaceException">No header, a record of another width, or values that are no probabilities.</exception>
    public static PredictionSet ReadCsv(string source)
    {
        using var records = Csv.Read(File.ReadAllText(source)).GetEnumerator();
        if (!records.MoveNext()) throw PredictionReader.Bad(source, "is empty");
        var header = records.Current.Select(h => h.Trim()).ToArray();
        if (header.Length < 2 || !ImageNames.Contains(header[0], StringComparer.OrdinalIgnoreCase))
            throw PredictionReader.Bad(source, $"begins with the columns {string.Join(",", header.Take(5))}; the first must be image");
        var labels = header.Length == 3 && header[1].Equals("label", StringComparison.OrdinalIgnoreCase) && ConfidenceNames.Contains(header[2], StringComparer.OrdinalIgnoreCase);
        var collected = new Collector(source);
        for (var number = 2; records.MoveNext(); number++)
        {
            var fields = records.Current;
            if (fields.Count != header.Length) throw PredictionReader.Bad(source, $"has {fields.Count} columns in record {number} and {header.Length} in its header");
            if (labels) collected.Add(fields[0], fields[1].Trim(), Number(fields[2], source, number));
            else collected.Add(fields[0], header.Skip(1).Zip(fields.Skip(1), (name, value) => (name, Number(value, source, number))));
        }
        return collected.ToSet();
    }

    /// <exception cref="WorkspaceException">No array of pictures, or values that are no probabilities.</exception>
    public static PredictionSet ReadJson(string source)
    {
        using var stream = File.OpenRead(source);
        using var document = JsonDocument.Parse(stream);
        if (document.RootElement.ValueKind != JsonValueKind.Array) throw PredictionReader.Bad(source, "is no array of pictures");
        var collected = new Collector(source);
        var number = 0;
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            number++;
            if (entry.ValueKind != JsonValueKind.Object || Text(entry, ImageNames) is not { } image) throw PredictionReader.Bad(source, $"has no image in entry {number}");
            if (entry.TryGetProperty("probabilities", out var all) && all.ValueKind == JsonValueKind.Object)
                collected.Add(image, all.EnumerateObject().Select(p => (p.Name, Number(p.Value, source, number))));
            else if (Text(entry, ["label"]) is { } label && ConfidenceNames.FirstOrDefault(n => entry.TryGetProperty(n, out _)) is { } name)
                collected.Add(image, label, Number(entry.GetProperty(name), source, number));
            else
                throw PredictionReader.Bad(source, $"has neither probabilities nor label and confidence in entry {number}");
        }
        return collected.ToSet();
    }

    private static string? Text(JsonElement entry, string[] names)
    {
        foreach (var name in names)
            if (entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                return value.GetString();
        return null;
    }

    private static double Number(JsonElement value, string source, int number) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var parsed) ? parsed : throw PredictionReader.Bad(source, $"has {value} for a number in entry {number}");

    private static double Number(string text, string source, int number) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw PredictionReader.Bad(source, $"has '{text}' for a number in record {number}");

    /// <summary>Classes are known only at the end, so what was read is kept by name until then.</summary>
    private sealed class Collector(string source)
    {
        private readonly List<string> _classes = [];
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly List<(string Image, (int Class, float Probability)[] Values, bool LabelOnly)> _images = [];

        public void Add(string image, string label, double confidence) =>
            _images.Add((image, [(ClassOf(label), PredictionReader.Probability(confidence, source, image))], true));

        public void Add(string image, IEnumerable<(string Class, double Probability)> values) =>
            _images.Add((image, [.. values.Select(v => (ClassOf(v.Class), PredictionReader.Probability(v.Probability, source, image)))], false));

        public PredictionSet ToSet()
        {
            if (_images.GroupBy(i => i.Image, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { } twice) throw PredictionReader.Bad(source, $"names {twice.Key} more than once");
            // The model said only how sure it is of one thing; the rest is that it is none.
            if (_classes.Count == 1) _classes.Add($"not {_classes[0]}");
            return new PredictionSet(PredictionKind.Classification, _classes, [.. _images.Select(i => new ImagePrediction(i.Image, Distribution(i.Image, i.Values, i.LabelOnly)))]);
        }

        private float[] Distribution(string image, (int Class, float Probability)[] values, bool labelOnly)
        {
            if (labelOnly || (values.Length == 1 && _classes.Count == 2)) return DetectionScorer.Spread(values[0].Class, values[0].Probability, _classes.Count);
            var probabilities = new float[_classes.Count];
            foreach (var (c, p) in values) probabilities[c] = p;
            double sum = probabilities.Sum(p => (double)p);
            if (Math.Abs(sum - 1) > SumTolerance) throw PredictionReader.Bad(source, string.Create(CultureInfo.InvariantCulture, $"gives {image} probabilities that sum to {sum:0.###}, not 1"));
            for (var c = 0; c < probabilities.Length; c++) probabilities[c] = (float)(probabilities[c] / sum);
            return probabilities;
        }

        private int ClassOf(string name)
        {
            if (string.IsNullOrWhiteSpace(name)) throw PredictionReader.Bad(source, "has a class without a name");
            if (_numbers.TryGetValue(name, out var number)) return number;
            _classes.Add(name);
            return _numbers[name] = _classes.Count - 1;
        }
    }
}
