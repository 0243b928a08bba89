using System.Globalization;
using System.Text.Json;
using Curator.Core;

namespace Curator.Labeling.Predictions;

/// <summary>
/// COCO detections: an array of results (<c>image_id, category_id, bbox, score</c>), with the data set file that its numbers speak of, or one data set file whose annotations
/// have a score. Pictures of the data set file without a box are pictures in which the model found nothing.
/// </summary>
internal static class CocoReader
{
    /// <exception cref="WorkspaceException">Results without their data set file, unknown numbers, or values that do not fit.</exception>
    public static PredictionSet Read(string source, PredictionReadOptions options)
    {
        using var document = Open(source);
        using var other = options.Annotations is { } path ? Open(path) : null;
        var whole = document.RootElement.ValueKind == JsonValueKind.Object;
        var results = whole ? Part(document.RootElement, "annotations", source) : document.RootElement;
        if (results.ValueKind != JsonValueKind.Array) throw PredictionReader.Bad(source, "holds no array of results");
        JsonElement? data = other?.RootElement ?? (whole ? document.RootElement : null);
        var images = new Dictionary<string, string>(StringComparer.Ordinal);
        var categories = new SortedDictionary<long, string>();
        if (data is { } set)
        {
            foreach (var image in Part(set, "images", options.Annotations ?? source).EnumerateArray()) images[Key(image, "id", source)] = Key(image, "file_name", source);
            foreach (var category in Part(set, "categories", options.Annotations ?? source).EnumerateArray()) categories[Whole(category, "id", source)] = Key(category, "name", source);
        }
        var boxes = new Dictionary<string, List<(long Category, float Confidence)>>(StringComparer.Ordinal);
        foreach (var name in images.Values) boxes[name] = [];
        long certain = 0;
        foreach (var result in results.EnumerateArray())
        {
            var id = Key(result, "image_id", source);
            if (!images.TryGetValue(id, out var name))
                name = data is null && !long.TryParse(id, out _) ? id : throw new WorkspaceException(
                    $"'{source}' speaks of the picture {id}, and {(data is null ? "no file says which one that is" : "the data set file has none with that number")}.",
                    "Name the data set file with --annotations FILE: its images and categories say what the numbers mean.");
            var category = Whole(result, "category_id", source);
            if (data is null) categories.TryAdd(category, category.ToString(CultureInfo.InvariantCulture));
            else if (!categories.ContainsKey(category)) throw PredictionReader.Bad(source, $"has the category {category}, which the data set file has not");
            var scored = result.TryGetProperty("score", out var score) && score.ValueKind == JsonValueKind.Number;
            if (!scored) certain++;
            if (!boxes.TryGetValue(name, out var list)) boxes[name] = list = [];
            list.Add((category, scored ? PredictionReader.Probability(score.GetDouble(), source, $"picture {name}") : 1));
        }
        var order = categories.Keys.Select((id, number) => (id, number)).ToDictionary(c => c.id, c => c.number);
        return new PredictionSet(
            PredictionKind.Detection, [.. categories.Values],
            [.. boxes.Select(b => new ImagePrediction(b.Key, [], [.. b.Value.Select(box => new Detection(order[box.Category], box.Confidence))]))], certain);
    }

    private static JsonDocument Open(string path)
    {
        using var stream = File.OpenRead(path);
        return JsonDocument.Parse(stream);
    }

    private static JsonElement Part(JsonElement root, string name, string source) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.Array
            ? part
            : throw PredictionReader.Bad(source, $"holds no array '{name}'");

    private static string Key(JsonElement element, string name, string source) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number or JsonValueKind.String
            ? value.ToString()
            : throw PredictionReader.Bad(source, $"has an entry without {name}");

    private static long Whole(JsonElement element, string name, string source) =>
        long.TryParse(Key(element, name, source), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw PredictionReader.Bad(source, $"has '{element.GetProperty(name)}' for {name}, which is no whole number");
}
