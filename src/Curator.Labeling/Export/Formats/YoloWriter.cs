using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Curator.Labeling.Export.Formats;

/// <summary>Ultralytics' classification data set: an ImageFolder with the parts train, val and test, and a data.yaml that names them. Classes are numbered by name, as Ultralytics does.</summary>
internal sealed class YoloWriter(ExportContext context) : IDataSetWriter
{
    private readonly ImageFolderWriter _folders = new(context);

    public string Reading => "`yolo classify train data=OUT model=yolo11n-cls.pt` reads the folders, where OUT is this folder.";

    public string Write(ExportItem item) => _folders.Write(item);

    public void Finish()
    {
        var text = new StringBuilder("path: .\n");
        foreach (var part in context.Parts) text.Append(CultureInfo.InvariantCulture, $"{part}: {part}\n");
        text.Append(CultureInfo.InvariantCulture, $"nc: {context.Classes.Count}\nnames:\n");
        var number = 0;
        foreach (var name in context.Classes.Select(ExportNames.Folder).Order(StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"  {number++}: {JsonSerializer.Serialize(name)}\n");
        using var stream = context.Folder.Create("data.yaml");
        stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    public void Dispose() => _folders.Dispose();
}
