namespace Curator.Labeling.Predictions;

/// <summary>How an outside model wrote down what it found.</summary>
public enum PredictionFormat
{
    /// <summary>A table: <c>image,label,confidence</c>, or <c>image</c> and a column of probabilities for each class.</summary>
    Csv,

    /// <summary>An array of <c>{"image", "probabilities": {class: p}}</c> or <c>{"image", "label", "confidence"}</c>.</summary>
    Json,

    /// <summary>COCO: an array of results, or a data set whose annotations have a score.</summary>
    Coco,

    /// <summary>YOLO: a folder with a text file a picture, a line <c>class x y w h confidence</c> a box.</summary>
    Yolo,

    /// <summary>Pascal VOC: a folder with an XML file a picture, a <c>confidence</c> in each object.</summary>
    Voc,
}

/// <summary>What the files do not say themselves.</summary>
public sealed record PredictionReadOptions
{
    /// <summary>Null: told from the files.</summary>
    public PredictionFormat? Format { get; init; }

    /// <summary>COCO results name pictures and classes by numbers of this data set file.</summary>
    public string? Annotations { get; init; }

    /// <summary>Names in the order of the model's numbers; for YOLO, else <c>classes.txt</c> in the folder, else the numbers are the names.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];
}
