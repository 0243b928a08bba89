using System.Text.Json;

namespace Curator.Labeling.Export.Formats;

/// <summary>FiftyOneImageClassificationDataset, one a part: pictures in <c>data/</c>, and the class number of each, by its name without extension, in <c>labels.json</c>.</summary>
internal sealed class FiftyOneWriter : IDataSetWriter
{
    private readonly ExportContext _context;
    private readonly Dictionary<string, JsonLinesFile> _labels = [];

    public FiftyOneWriter(ExportContext context)
    {
        _context = context;
        foreach (var part in context.Parts.DefaultIfEmpty(null))
            _labels[part ?? ""] = new JsonLinesFile(
                context.Folder.Create(ExportContext.Prefix(part) + "labels.json"), $$"""{"classes":{{JsonSerializer.Serialize(context.Classes)}},"labels":{""", "}}\n");
    }

    public string Reading =>
        $"`fiftyone.Dataset.from_dir(\"{_context.FileParts(".")[0]}\", dataset_type=fiftyone.types.FiftyOneImageClassificationDataset)` reads {(_context.Parts.Count > 0 ? "a part" : "it")}.";

    public string Write(ExportItem item)
    {
        var name = $"{ExportContext.Prefix(item.Part)}data/{item.IdName}";
        _context.Folder.Place(item.Label.Record.Uri, name);
        _labels[item.Part ?? ""].Add(json => json.WriteNumberValue(item.Class), item.Label.Image.ToString());
        return name;
    }

    public void Finish()
    {
        // Disposing completes the files.
    }

    public void Dispose()
    {
        foreach (var file in _labels.Values) file.Dispose();
    }
}
