namespace Curator.Labeling.Predictions;

/// <summary>What an outside model says about a picture as a whole, or about things in it.</summary>
public enum PredictionKind
{
    /// <summary>One distribution over the classes for each picture.</summary>
    Classification,

    /// <summary>Boxes with a class and a confidence each; where they lie is not kept.</summary>
    Detection,
}

/// <summary>One box.</summary>
/// <param name="Class">Number of the class.</param>
/// <param name="Confidence">That there is such an object, 0 to 1.</param>
/// <param name="Probabilities">[classes], summing to 1; null where the model told only its confidence (<see cref="DetectionScorer.Spread"/>).</param>
public readonly record struct Detection(int Class, float Confidence, float[]? Probabilities = null);

/// <summary>What the model says of one picture.</summary>
/// <param name="Name">The picture as the file calls it: a path, a file name, or a name without its ending.</param>
/// <param name="Probabilities">[classes], summing to 1; empty for detections.</param>
/// <param name="Boxes">Of a detector, none when nothing was found; null for a classification.</param>
public sealed record ImagePrediction(string Name, float[] Probabilities, IReadOnlyList<Detection>? Boxes = null);

/// <summary>All that was read from an outside model's files.</summary>
/// <param name="Images">Each name once.</param>
/// <param name="WithoutConfidence">Boxes whose file gives no confidence; they count as certain.</param>
public sealed record PredictionSet(PredictionKind Kind, IReadOnlyList<string> Classes, IReadOnlyList<ImagePrediction> Images, long WithoutConfidence = 0);
