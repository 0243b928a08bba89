using System.Globalization;
using Curator.Labeling.Metrics;

namespace Curator.Cli;

/// <summary>A cost on one line, for people.</summary>
internal static class CostText
{
    public static string Of(CostReport cost) => string.Create(CultureInfo.InvariantCulture,
        $"{cost.Task}: {cost.Spent.Labels:N0} looks, {Time(cost.Spent.Minutes)}, {Money(cost.Spent.Money, cost)}; "
        + $"every picture once: {cost.Everything.Labels:N0}, {Time(cost.Everything.Minutes)}, {Money(cost.Everything.Money, cost)}; "
        + $"saved {cost.Saved.Labels:N0} looks, {Time(cost.Saved.Minutes)}, {Money(cost.Saved.Money, cost)} (1/{cost.Factor:0.#} of the work, {cost.SecondsPerLabel:0.0} s a look {(cost.Measured ? "as measured" : "as assumed")})");

    /// <summary><c>3.5 h</c>, <c>12 min</c>.</summary>
    public static string Time(double minutes) => minutes >= 90
        ? string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:N1} h")
        : string.Create(CultureInfo.InvariantCulture, $"{minutes:0.#} min");

    public static string Money(double sum, CostReport cost) => string.Create(CultureInfo.InvariantCulture, $"{sum:N2} {cost.Currency}");
}
