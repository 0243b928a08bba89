using Curator.Core.Catalogs;

namespace Curator.Learning.Supervised;

/// <summary>What supervised training came to. Accuracies are on the labels kept back, 0 to 1; not a number where none could be kept back.</summary>
/// <param name="Labels">Pictures that were learned from.</param>
/// <param name="ValidationLabels">Pictures kept back.</param>
/// <param name="Unreadable">Labeled pictures whose files could not be read.</param>
/// <param name="Epochs">Times through the pictures with the whole network.</param>
/// <param name="HeadAccuracy">With the head alone trained on the encoder as it was.</param>
/// <param name="Accuracy">Of what was kept.</param>
/// <param name="BalancedAccuracy">Of what was kept: mean of the classes' accuracies.</param>
public sealed record FineTuneReport(
    EncoderRow Encoder, int Labels, int ValidationLabels, int Unreadable, int Epochs, double HeadAccuracy, double Accuracy, double BalancedAccuracy, double Seconds)
{
    /// <summary>With the head alone, on the images to judge by; not a number without any.</summary>
    public double HeadTestAccuracy { get; init; } = double.NaN;

    /// <summary>Of what was kept, on the images to judge by.</summary>
    public double TestAccuracy { get; init; } = double.NaN;
}
