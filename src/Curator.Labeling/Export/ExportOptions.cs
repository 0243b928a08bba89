using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Labeling.Export.Splits;

namespace Curator.Labeling.Export;

/// <summary>What a data set looks like on disk. Every one has <c>labels.csv</c>, <c>provenance.json</c>, <c>examples.png</c> and <c>README.md</c> besides.</summary>
public enum ExportFormat
{
    /// <summary><c>OUT/[PART/]CLASS/FILE</c>, as torchvision's ImageFolder and Keras read it.</summary>
    ImageFolder,

    /// <summary><c>OUT/labels.csv</c> only: a row an image, naming the source files where they are.</summary>
    Csv,

    /// <summary><c>OUT/labels.parquet</c>: the same with types, footprints as GeoParquet, embeddings if wanted.</summary>
    Parquet,

    /// <summary><c>OUT/images/</c> and <c>OUT/annotations/PART.json</c>; a label is an annotation of the whole picture.</summary>
    Coco,

    /// <summary><c>OUT/train/CLASS/FILE</c>, <c>OUT/val/CLASS/FILE</c>, <c>OUT/data.yaml</c>: Ultralytics' classification.</summary>
    Yolo,

    /// <summary><c>OUT/images/</c> and <c>OUT/tasks.json</c>: people's answers as annotations, the model's as predictions.</summary>
    LabelStudio,

    /// <summary><c>OUT/[PART/]data/</c> and <c>OUT/[PART/]labels.json</c>: FiftyOneImageClassificationDataset.</summary>
    FiftyOne,

    /// <summary><c>OUT/PART-000000.tar</c> (images-000000.tar when it is not split): shards with picture, class and metadata of each sample.</summary>
    WebDataset,

    /// <summary><c>OUT/PART-000000.tfrecord</c>: shards of tf.train.Example.</summary>
    TfRecord,

    /// <summary><c>OUT/labels.geojson</c>: a footprint an image.</summary>
    GeoJson,

    /// <summary><c>OUT/collection.json</c> and an item an image.</summary>
    Stac,
}

/// <summary>How pictures get into a data set that holds them as files. Source files are never moved or changed.</summary>
public enum FileTransfer
{
    /// <summary>A symbolic link to the source file: no space, and the source must stay where it is.</summary>
    Symlink,

    /// <summary>A copy of its own.</summary>
    Copy,

    /// <summary>A second name of the same file: no space, but a program that writes into the export writes into the source.</summary>
    HardLink,
}

/// <summary>What of a split stays together.</summary>
public enum SplitBy
{
    /// <summary>Place where images have footprints, else image.</summary>
    Auto,

    /// <summary>Images whose footprints touch or overlap. Images without a footprint as with <see cref="Image"/>.</summary>
    Place,

    /// <summary>Images of one day; days are cut in order of time.</summary>
    Date,

    /// <summary>Only images with the same bytes.</summary>
    Image,
}

/// <summary>What is taken out; section <c>export</c>.</summary>
public sealed record ExportOptions : IValidatableObject
{
    [Description("How pictures get into the set: symlink, copy or hard-link.")]
    public FileTransfer Transfer { get; init; } = FileTransfer.Symlink;

    [Description("Shares of train, val and test, stratified by class: 0.8,0.1,0.1; two numbers for train and val. Without it the set is not split.")]
    public string Split { get; init; } = "";

    [Description("What no two parts share: place (touching footprints), date (whole days, in order of time) or image; auto is place where there are footprints.")]
    public SplitBy SplitBy { get; init; } = SplitBy.Auto;

    [Description("Another number, another split.")]
    public int SplitSeed { get; init; } = 1;

    [Description("Only images that a person answered; needs no sweep.")]
    public bool HumanOnly { get; init; }

    [Description("Only images of the positive class.")]
    public bool PositiveOnly { get; init; }

    [Description("Leave out what the model is less sure of, 0 to 1."), Range(0, 1)]
    public double MinimumConfidence { get; init; }

    [Description("With parquet: a column with the embedding of each image.")]
    public bool Embeddings { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Split.Length > 0 && PartShares.Parse(Split) is null)
            yield return new ValidationResult($"split is '{Split}', not two or three numbers above zero such as 0.8,0.1,0.1");
    }
}

/// <summary>What was taken out.</summary>
/// <param name="Directory">Absolute.</param>
/// <param name="Classes">Images by class.</param>
/// <param name="Human">Images that a person answered.</param>
/// <param name="Missing">Images in the list whose source file was not there; their rows are in the table, their pictures are not.</param>
/// <param name="Split">Null when the set was not split.</param>
public sealed record ExportReport(string Directory, IReadOnlyDictionary<string, long> Classes, long Human, long Model, long Missing, SplitReport? Split)
{
    public long Images => Human + Model;
}

/// <summary>How a set was split.</summary>
/// <param name="By">What was kept together.</param>
/// <param name="Groups">How many such things there are.</param>
/// <param name="LeftOut">Images that are in no part, because they touch images of two parts.</param>
/// <param name="Shared">Touching footprints, days or contents that two parts share, counted after all was decided: 0.</param>
public sealed record SplitReport(SplitBy By, int Groups, long LeftOut, long Shared, IReadOnlyList<PartReport> Parts);

/// <summary>A part of a split.</summary>
/// <param name="Classes">Images by class.</param>
public sealed record PartReport(string Name, IReadOnlyDictionary<string, long> Classes);
