namespace Curator.Labeling.Import;

/// <summary>What labels that people have already look like.</summary>
public enum ImportFormat
{
    /// <summary>By the name: a folder is class folders, <c>.csv</c> a table, <c>.jsonl</c> a journal of Curator, <c>.json</c> COCO when it has <c>annotations</c> and <c>categories</c>, else Label Studio.</summary>
    Auto,

    /// <summary><c>DIR/CLASS/FILE</c>, as torchvision's ImageFolder and Keras read it.</summary>
    ImageFolder,

    /// <summary>A table with a column of images and one of labels; Curator's own export is one.</summary>
    Csv,

    /// <summary>Microsoft COCO: the categories of an image's annotations.</summary>
    Coco,

    /// <summary>Label Studio's JSON or JSON-MIN export with one choice an annotation.</summary>
    LabelStudio,
}

/// <summary>One label as it stands in a file.</summary>
/// <param name="Name">How the file names the image: a path, a part of one, a file name or an address.</param>
/// <param name="Sha256">Of the image's bytes, when the file holds them; then it counts before the name.</param>
/// <param name="Annotator">Who gave it, where the file says.</param>
/// <param name="Where">For messages: a line, an id.</param>
public sealed record ForeignLabel(string Name, string Class, string Where, string? Sha256 = null, string? Annotator = null);

/// <summary>What came of an import.</summary>
/// <param name="Labels">Labels whose image is in the project; stored now or by an earlier import of the same file.</param>
/// <param name="Covered">Of their images, those where somebody's answer counts instead.</param>
/// <param name="Unknown">Labels whose image is not in the project.</param>
/// <param name="Skipped">Entries without one clear class: several categories, a cancelled annotation, a decision of a model.</param>
/// <param name="Examples">A few of the unknown and skipped, with the reason.</param>
public sealed record ImportReport(string Task, ImportFormat Format, long Labels, long Covered, long Unknown, long Skipped, IReadOnlyDictionary<string, long> Classes, IReadOnlyList<string> Examples);
