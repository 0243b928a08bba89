using System.Globalization;
using Curator.Labeling.Rounds;

namespace Curator.Cli;

/// <summary>One round on one line.</summary>
internal static class RoundText
{
    public static string Of(RoundReport round)
    {
        var quality = round.Exact is { } exact
            ? string.Create(CultureInfo.InvariantCulture, $"F1 {exact.F1:0.000}  precision {exact.Precision:0.000}  recall {exact.Recall:0.000}")
            : round.Estimate is { } estimate
                ? string.Create(CultureInfo.InvariantCulture, $"F1 about {estimate.F1.Value:0.00} ({estimate.F1.Low:0.00} to {estimate.F1.High:0.00})")
                : "too few labels to say how good";
        return string.Create(CultureInfo.InvariantCulture, $"round {round.Round,3}  labels {round.Labels,6:N0}  yes {round.Positives,6:N0}  {quality}");
    }
}
