using Curator.Labeling.Metrics;

namespace Curator.Labeling.Classification;

/// <summary>The final sweep over the whole archive.</summary>
/// <param name="Encoder">Whose embeddings were scored.</param>
/// <param name="Head">Fingerprint of the head.</param>
/// <param name="Threshold">Probability from which an image without a human label is positive; chosen to maximise the expected F1.</param>
/// <param name="Images">Images with a score that are not marked hidden, duplicate or vanished.</param>
/// <param name="Unscored">Images without an embedding.</param>
/// <param name="HumanPositives">Positives by a person.</param>
/// <param name="HumanNegatives">Negatives by a person.</param>
/// <param name="ModelPositives">Positives by the threshold.</param>
/// <param name="ModelNegatives">Negatives by the threshold.</param>
/// <param name="Estimate">Quality of the whole set as far as the answers can tell; null when no round of a trained head has asked yet.</param>
/// <param name="PartitionsScored">Partitions scored now; the others had scores of this very head already.</param>
public sealed record ClassifyReport(
    string Task,
    string Encoder,
    string Head,
    float Threshold,
    long Images,
    long Unscored,
    long HumanPositives,
    long HumanNegatives,
    long ModelPositives,
    long ModelNegatives,
    ArchiveEstimate? Estimate,
    int PartitionsScored)
{
    public long Positives => HumanPositives + ModelPositives;

    /// <summary>Counts of every class, when there are more than two: then "positive" above means the first class.</summary>
    public IReadOnlyList<ClassCount>? Classes { get; init; }
}

/// <summary>How many images of a class there are in the finished set.</summary>
/// <param name="Human">By a person.</param>
/// <param name="Model">By the sweep.</param>
public sealed record ClassCount(string Class, long Human, long Model);
