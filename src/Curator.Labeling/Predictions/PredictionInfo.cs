namespace Curator.Labeling.Predictions;

/// <summary>What is kept of an import beside the files, in the catalog.</summary>
/// <param name="Name">By which it is asked for.</param>
/// <param name="Format"><c>csv</c>, <c>json</c>, <c>coco</c>, <c>yolo</c> or <c>voc</c>.</param>
/// <param name="Scores">Names of the scores, the default one first.</param>
/// <param name="Images">Pictures with a prediction.</param>
/// <param name="Boxes">Boxes in all of them; 0 for a classification.</param>
/// <param name="WithoutConfidence">Boxes that count as certain because their file gives no confidence.</param>
/// <param name="Content">SHA-256 of all that was imported; what the files' fingerprints are made from.</param>
public sealed record PredictionInfo(
    string Name, PredictionKind Kind, string Format, string Source, IReadOnlyList<string> Classes, IReadOnlyList<string> Scores, long Images, long Boxes, long WithoutConfidence,
    DateTimeOffset ImportedAt, string Content);

/// <summary>How an import went.</summary>
/// <param name="Unknown">Names that fit no picture of the project; left out.</param>
public sealed record PredictionImport(PredictionInfo Predictions, IReadOnlyList<string> Unknown);
