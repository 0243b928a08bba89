using Curator.Core.Labels;
using Curator.Labeling.Classification;

namespace Curator.Labeling.Export;

/// <summary>One image on its way out.</summary>
/// <param name="Class">Number of its class in <see cref="ExportContext.Classes"/>.</param>
/// <param name="Part">train, val or test; null when the set is not split.</param>
internal readonly record struct ExportItem(FinalLabel Label, int Class, string? Part)
{
    /// <summary>A name that no other image of the set has: its id with the extension of its source, <c>3-1742.jpg</c>.</summary>
    public string IdName => Label.Image + Path.GetExtension(Label.Record.Uri).ToLowerInvariant();
}

/// <summary>What all formats need.</summary>
/// <param name="Classes">Of the set: the task's, or only the positive one.</param>
/// <param name="Parts">Of the split; empty when the set is not split.</param>
internal sealed record ExportContext(
    LabelingTask Task, IReadOnlyList<string> Classes, IReadOnlyList<string> Parts, ExportFolder Folder, ExportOptions Options, FinalSet Set, ExportNames Names)
{
    /// <summary>What a file of one part is called: the part, or the given name when the set is not split.</summary>
    public IReadOnlyList<string> FileParts(string unsplit) => Parts.Count > 0 ? Parts : [unsplit];

    public static string Prefix(string? part) => part is null ? "" : part + "/";
}

/// <summary>Writes a set in one format. Gets every image once, ascending by id, then <see cref="Finish"/>. A writer never writes labels.csv, provenance.json, examples.png or README.md.</summary>
internal interface IDataSetWriter : IDisposable
{
    /// <summary>For the data card: how others read the set. Markdown.</summary>
    string Reading { get; }

    /// <summary>Takes an image.</summary>
    /// <returns>What its picture is called in the set; where the set holds no pictures, its name below the folder that was added.</returns>
    string Write(ExportItem item);

    /// <summary>All images came.</summary>
    void Finish();
}
