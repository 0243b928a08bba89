using System.ComponentModel;

namespace Curator.Labeling.Export;

/// <summary>What a data set looks like on disk.</summary>
public enum ExportFormat
{
    /// <summary><c>OUT/CLASS/FILE</c>, as torchvision's ImageFolder and Keras read it, with <c>labels.csv</c> beside it.</summary>
    ImageFolder,

    /// <summary><c>OUT/labels.csv</c> only: a row an image, naming the source files where they are.</summary>
    Csv,
}

/// <summary>How pictures get into an ImageFolder. Source files are never moved or changed.</summary>
public enum FileTransfer
{
    /// <summary>A copy of its own.</summary>
    Copy,

    /// <summary>A second name of the same file: no space, but a program that writes into the export writes into the source.</summary>
    HardLink,

    /// <summary>A symbolic link to the source file: no space, and the source must stay where it is.</summary>
    Symlink,
}

/// <summary>What is taken out; section <c>export</c>.</summary>
public sealed record ExportOptions
{
    [Description("How pictures get into the folders: copy, hard-link or symlink.")]
    public FileTransfer Transfer { get; init; } = FileTransfer.Copy;

    [Description("Only images that a person answered; needs no sweep.")]
    public bool HumanOnly { get; init; }

    [Description("Only images of the positive class.")]
    public bool PositiveOnly { get; init; }

    [Description("Leave out what the model is less sure of, 0 to 1."), System.ComponentModel.DataAnnotations.Range(0, 1)]
    public double MinimumConfidence { get; init; }
}

/// <summary>What was taken out.</summary>
/// <param name="Directory">Absolute.</param>
/// <param name="Classes">Images by class.</param>
/// <param name="Human">Images that a person answered.</param>
/// <param name="Missing">Images in the list whose source file was not there; their rows are in the table, their pictures are not.</param>
public sealed record ExportReport(string Directory, IReadOnlyDictionary<string, long> Classes, long Human, long Model, long Missing);
