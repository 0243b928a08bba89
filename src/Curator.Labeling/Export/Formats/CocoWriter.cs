using System.Text.Json;

namespace Curator.Labeling.Export.Formats;

/// <summary>
/// COCO's object detection files, one a part. A label of a whole picture is an annotation whose box is the picture, so that tools which want boxes take it. Ids are numbers from 1 in
/// the order of the images.
/// </summary>
internal sealed class CocoWriter : IDataSetWriter
{
    private readonly ExportContext _context;
    private readonly Dictionary<string, Part> _parts = [];
    private long _next = 1;

    public CocoWriter(ExportContext context)
    {
        _context = context;
        foreach (var part in context.FileParts("all")) _parts[part] = new Part(context, part);
    }

    public string Reading => $"Pictures lie in `images/`; `pycocotools.coco.COCO(\"annotations/{_context.FileParts("all")[0]}.json\")` reads the labels. The box of an annotation is the whole picture.";

    public string Write(ExportItem item)
    {
        var name = "images/" + item.IdName;
        _context.Folder.Place(item.Label.Record.Uri, name);
        _parts[item.Part ?? "all"].Add(_next++, item);
        return name;
    }

    public void Finish()
    {
        foreach (var part in _parts.Values) part.Finish();
    }

    public void Dispose()
    {
        foreach (var part in _parts.Values) part.Dispose();
    }

    /// <summary>Images and annotations are two lists of one file: the second waits in a file of its own.</summary>
    private sealed class Part : IDisposable
    {
        private readonly JsonLinesFile _images;
        private readonly JsonLinesFile _annotations;
        private readonly string _name;
        private readonly string _waiting;
        private readonly ExportFolder _folder;

        public Part(ExportContext context, string part)
        {
            _folder = context.Folder;
            (_name, _waiting) = ($"annotations/{part}.json", $"annotations/{part}.waiting");
            var categories = context.Classes.Select((name, i) => $$"""{"id":{{i + 1}},"name":{{JsonSerializer.Serialize(name)}},"supercategory":{{JsonSerializer.Serialize(context.Task.Name)}}}""");
            var info = JsonSerializer.Serialize(new { description = context.Task.Question, contributor = "Curator", version = "1" });
            _images = new JsonLinesFile(_folder.Create(_name), $$"""{"info":{{info}},"licenses":[],"categories":[{{string.Join(',', categories)}}],"images":[""", "],");
            _annotations = new JsonLinesFile(_folder.Create(_waiting), "\"annotations\":[", "]}\n");
        }

        public void Add(long id, ExportItem item)
        {
            var record = item.Label.Record;
            _images.Add(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("id", id);
                json.WriteString("file_name", item.IdName);
                json.WriteNumber("width", record.Width);
                json.WriteNumber("height", record.Height);
                if (record.TakenAt is { } taken) json.WriteString("date_captured", taken.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
                json.WriteString("image_id", item.Label.Image.ToString());
                json.WriteEndObject();
            });
            _annotations.Add(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("id", id);
                json.WriteNumber("image_id", id);
                json.WriteNumber("category_id", item.Class + 1);
                json.WriteStartArray("bbox");
                foreach (var side in (int[])[0, 0, record.Width, record.Height]) json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteNumber("area", (long)record.Width * record.Height);
                json.WriteNumber("iscrowd", 0);
                json.WriteNumber("score", ExportText.Confidence(item.Label));
                json.WriteString("source", ExportText.Source(item.Label));
                if (item.Label.Person is { } person) json.WriteString("person", person);
                if (item.Label.LabeledAt is { } at) json.WriteString("labeled_at", ExportText.Time(at));
                json.WriteEndObject();
            });
        }

        public void Finish()
        {
            Dispose();
            _folder.Append(_name, _waiting);
        }

        public void Dispose()
        {
            _images.Dispose();
            _annotations.Dispose();
        }
    }
}
