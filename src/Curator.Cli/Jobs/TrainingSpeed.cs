using Curator.Learning.Encoders;

namespace Curator.Cli.Jobs;

/// <summary>How fast a training went, and in what.</summary>
/// <param name="Precision"><c>bf16</c> or <c>fp32</c>.</param>
/// <param name="TrialSeconds">What choosing batch size and threads took; 0 when they were given, or nothing was tried.</param>
internal sealed record TrainingSpeed(int BatchSize, int Threads, string Precision, double ImagesPerSecond, double TrialSeconds)
{
    /// <returns>Null for an encoder whose card does not tell.</returns>
    public static TrainingSpeed? Of(EncoderCard card) =>
        card.Metrics.TryGetValue("batchSize", out var batch) && card.Metrics.TryGetValue("threads", out var threads)
            ? new TrainingSpeed(
                (int)batch, (int)threads, card.Metrics.GetValueOrDefault("bfloat16") > 0 ? "bf16" : "fp32", card.Metrics.GetValueOrDefault("imagesPerSecond"), card.Metrics.GetValueOrDefault("trialSeconds"))
            : null;

    public override string ToString() => FormattableString.Invariant(
        $"{ImagesPerSecond:N0} images/s in batches of {BatchSize:N0} on {Threads} {(Threads == 1 ? "thread" : "threads")}, {Precision}{(TrialSeconds > 0 ? FormattableString.Invariant($" (after a trial of {TrialSeconds:0.0} s)") : "")}");
}
