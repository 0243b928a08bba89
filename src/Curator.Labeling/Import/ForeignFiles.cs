using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Curator.Core;
using Curator.Labeling.Labelers;

namespace Curator.Labeling.Import;

/// <summary>Reads labels out of files that other programs wrote. Entries without one clear class are handed to <c>skip</c> with the reason.</summary>
internal static class ForeignFiles
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 64 };
    private static readonly string[] ImageColumns = ["image", "filename", "file_name", "file", "path", "uri", "image_path"];
    private static readonly string[] LabelColumns = ["label", "class", "category", "choice"];

    /// <exception cref="WorkspaceException">The file cannot be read, or is not of that format.</exception>
    public static IReadOnlyList<ForeignLabel> Read(string path, ImportFormat format, Action<string> skip)
    {
        try
        {
            return format switch
            {
                ImportFormat.ImageFolder => [.. ReadFolders(path)],
                ImportFormat.Csv => [.. ReadCsv(path, skip)],
                ImportFormat.Coco => [.. ReadCoco(path, skip)],
                ImportFormat.LabelStudio => [.. ReadLabelStudio(path, skip)],
                _ => throw new ArgumentOutOfRangeException(nameof(format)),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"'{path}' cannot be read: {e.Message}", "Name a file or folder that is there and may be read.", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new WorkspaceException($"'{path}' is no {Name(format)} file: {e.Message.Split('.')[0]}.", "Say what it is with --format.", e);
        }
    }

    /// <exception cref="WorkspaceException">The name says nothing.</exception>
    public static ImportFormat Recognise(string path)
    {
        if (Directory.Exists(path)) return ImportFormat.ImageFolder;
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".csv":
                return ImportFormat.Csv;
            case ".json":
                try
                {
                    using var stream = File.OpenRead(path);
                    using var document = JsonDocument.Parse(stream, Json);
                    return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("annotations", out _) ? ImportFormat.Coco : ImportFormat.LabelStudio;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
                {
                    throw new WorkspaceException($"'{path}' cannot be read as JSON: {e.Message.Split('.')[0]}.", "Name a file that is there, and say what it is with --format.", e);
                }
            default:
                throw new WorkspaceException($"What '{path}' holds cannot be told from its name.", "Say it with --format image-folder, csv, coco or label-studio.");
        }
    }

    private static string Name(ImportFormat format) => format switch
    {
        ImportFormat.Coco => "COCO",
        ImportFormat.LabelStudio => "Label Studio",
        _ => format.ToString(),
    };

    private static IEnumerable<ForeignLabel> ReadFolders(string root)
    {
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"'{root}' is no folder.");
        foreach (var folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                using var stream = File.OpenRead(file);
                yield return new ForeignLabel(file, Path.GetFileName(folder), file, Convert.ToHexStringLower(SHA256.HashData(stream)));
            }
    }

    private static IEnumerable<ForeignLabel> ReadCsv(string path, Action<string> skip)
    {
        int image = 0, label = 1, person = -1, source = -1, number = 0;
        foreach (var fields in Csv.Read(File.ReadAllText(path)))
        {
            number++;
            if (number == 1)
            {
                var header = fields.Select(name => name.Trim().ToLowerInvariant()).ToList();
                if (header.FindIndex(ImageColumns.Contains) is >= 0 and var at && header.FindIndex(LabelColumns.Contains) is >= 0 and var of)
                {
                    // The absolute path names an image best; Curator's own table has it beside the exported name.
                    (image, label) = (header.IndexOf("uri") >= 0 ? header.IndexOf("uri") : at, of);
                    (person, source) = (header.FindIndex(name => name is "person" or "annotator"), header.IndexOf("source"));
                    continue;
                }
            }
            if (fields.Count <= Math.Max(image, label)) throw new FormatException($"record {number} has {fields.Count} columns");
            var where = string.Create(CultureInfo.InvariantCulture, $"record {number}");
            if (source >= 0 && source < fields.Count && fields[source] == "model") skip($"{where}: a model's decision");
            else if (fields[label].Trim().Length == 0) skip($"{where}: no label");
            else yield return new ForeignLabel(fields[image].Trim(), Plain(fields[label].Trim()), where, null, person >= 0 && person < fields.Count && fields[person].Length > 0 ? fields[person] : null);
        }
    }

    /// <summary>Our own tables put a quote before text that a spreadsheet would take for a formula.</summary>
    private static string Plain(string text) => text.Length > 1 && text[0] == '\'' && text[1] is '=' or '+' or '-' or '@' ? text[1..] : text;

    private static IEnumerable<ForeignLabel> ReadCoco(string path, Action<string> skip)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream, Json);
        var root = document.RootElement;
        var categories = root.GetProperty("categories").EnumerateArray().ToDictionary(entry => Id(entry.GetProperty("id")), entry => entry.GetProperty("name").GetString() ?? throw new FormatException("a category has no name"));
        var given = root.GetProperty("annotations").EnumerateArray()
            .ToLookup(entry => Id(entry.GetProperty("image_id")), entry => categories.GetValueOrDefault(Id(entry.GetProperty("category_id"))) ?? throw new FormatException("an annotation names no category"));
        foreach (var image in root.GetProperty("images").EnumerateArray())
        {
            var name = image.GetProperty("file_name").GetString() ?? throw new FormatException("an image has no file_name");
            var classes = given[Id(image.GetProperty("id"))].Distinct(StringComparer.Ordinal).ToList();
            if (classes.Count == 1) yield return new ForeignLabel(name, classes[0], $"image {name}");
            else skip($"image {name}: {(classes.Count == 0 ? "no category" : string.Join(" and ", classes))}");
        }
    }

    private static IEnumerable<ForeignLabel> ReadLabelStudio(string path, Action<string> skip)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream, Json);
        foreach (var task in document.RootElement.EnumerateArray())
        {
            var where = task.TryGetProperty("id", out var id) ? $"task {Id(id)}" : "a task";
            var data = task.TryGetProperty("data", out var inner) ? inner : task;
            if (ImageOf(data) is not { } name)
            {
                skip($"{where}: no image");
            }
            else if (!task.TryGetProperty("annotations", out var annotations) && !task.TryGetProperty("completions", out annotations))
            {
                if (task.TryGetProperty("choice", out var choice) && choice.ValueKind == JsonValueKind.String)
                    yield return new ForeignLabel(name, choice.GetString()!, where, null, task.TryGetProperty("annotator", out var who) ? Id(who) : null);
                else skip($"{where}: not one choice");
            }
            else
            {
                foreach (var annotation in annotations.EnumerateArray())
                {
                    if (annotation.TryGetProperty("was_cancelled", out var cancelled) && cancelled.ValueKind == JsonValueKind.True) skip($"{where}: cancelled");
                    else if (Choices(annotation) is [var only]) yield return new ForeignLabel(name, only, where, null, annotation.TryGetProperty("completed_by", out var by) ? Who(by) : null);
                    else skip($"{where}: not one choice");
                }
            }
        }
    }

    private static List<string> Choices(JsonElement annotation) =>
        annotation.TryGetProperty("result", out var results)
            ? [.. results.EnumerateArray().Where(result => result.TryGetProperty("value", out var value) && value.TryGetProperty("choices", out _))
                .SelectMany(result => result.GetProperty("value").GetProperty("choices").EnumerateArray().Select(choice => choice.GetString() ?? ""))]
            : [];

    private static string? ImageOf(JsonElement data)
    {
        foreach (var key in (string[])["image", "img", "url", "picture"])
            if (data.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String)
                return value.GetString();
        return null;
    }

    private static string Who(JsonElement by) =>
        by.ValueKind != JsonValueKind.Object ? Id(by) : by.TryGetProperty("email", out var mail) && mail.ValueKind == JsonValueKind.String ? mail.GetString()! : by.TryGetProperty("id", out var id) ? Id(id) : "";

    private static string Id(JsonElement id) => id.ValueKind == JsonValueKind.String ? id.GetString()! : id.GetRawText();
}
