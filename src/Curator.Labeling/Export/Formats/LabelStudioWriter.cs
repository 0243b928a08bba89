using System.Security;
using System.Text;

namespace Curator.Labeling.Export.Formats;

/// <summary>Label Studio's task list: people's answers are annotations, the model's are predictions with a score; and the labeling configuration that fits them.</summary>
internal sealed class LabelStudioWriter(ExportContext context) : IDataSetWriter
{
    private readonly JsonLinesFile _tasks = new(context.Folder.Create("tasks.json"), "[", "]\n");

    public string Reading =>
        """
        Start Label Studio with `LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=OUT`, where OUT is this folder, make a project with the labeling
        configuration in `config.xml` and import `tasks.json`. People's answers come as annotations, the model's as predictions.
        """.ReplaceLineEndings(" ");

    public string Write(ExportItem item)
    {
        var name = "images/" + item.IdName;
        context.Folder.Place(item.Label.Record.Uri, name);
        _tasks.Add(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("data");
            json.WriteString("image", "/data/local-files/?d=" + Uri.EscapeDataString(name));
            ExportText.WriteFacts(json, item);
            json.WriteEndObject();
            json.WriteStartArray(item.Label.IsHuman ? "annotations" : "predictions");
            json.WriteStartObject();
            json.WriteStartArray("result");
            json.WriteStartObject();
            json.WriteString("from_name", "label");
            json.WriteString("to_name", "image");
            json.WriteString("type", "choices");
            json.WriteStartObject("value");
            json.WriteStartArray("choices");
            json.WriteStringValue(item.Label.Class);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            if (!item.Label.IsHuman)
            {
                json.WriteString("model_version", context.Set.Sweep!.Head);
                json.WriteNumber("score", ExportText.Confidence(item.Label));
            }
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        });
        return name;
    }

    public void Finish()
    {
        var text = new StringBuilder("<View>\n  <Image name=\"image\" value=\"$image\"/>\n  <Header value=\"").Append(SecurityElement.Escape(context.Task.Question))
            .Append("\"/>\n  <Choices name=\"label\" toName=\"image\" choice=\"single\">\n");
        foreach (var name in context.Task.Classes) text.Append("    <Choice value=\"").Append(SecurityElement.Escape(name)).Append("\"/>\n");
        text.Append("  </Choices>\n</View>\n");
        using var stream = context.Folder.Create("config.xml");
        stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    public void Dispose() => _tasks.Dispose();
}
