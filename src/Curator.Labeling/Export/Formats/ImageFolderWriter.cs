namespace Curator.Labeling.Export.Formats;

/// <summary>One folder a class, below one a part: torchvision's ImageFolder, Keras' image_dataset_from_directory.</summary>
internal sealed class ImageFolderWriter : IDataSetWriter
{
    private readonly ExportContext _context;

    public ImageFolderWriter(ExportContext context)
    {
        _context = context;
        foreach (var part in context.Parts.DefaultIfEmpty(null))
            foreach (var name in context.Classes)
                context.Folder.Folder(ExportContext.Prefix(part) + ExportNames.Folder(name));
    }

    public string Reading =>
        $"Pictures lie in one folder a class{(_context.Parts.Count > 0 ? ", below one folder a part" : "")}: `torchvision.datasets.ImageFolder(\"{_context.FileParts(".")[0]}\")` reads them.";

    public string Write(ExportItem item)
    {
        var name = ExportContext.Prefix(item.Part) + _context.Names.NameOf(item.Label);
        _context.Folder.Place(item.Label.Record.Uri, name);
        return name;
    }

    public void Finish()
    {
        // Folders are all there is.
    }

    public void Dispose()
    {
        // Nothing is held open.
    }
}
