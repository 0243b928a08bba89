using System.Globalization;

namespace Curator.Imagery.Plots;

/// <summary>Ends and ticks of one axis: ticks are 1, 2 or 5 times a power of ten apart and the ends lie on or just outside the data.</summary>
internal sealed record PlotAxis(double Min, double Max, IReadOnlyList<double> Ticks, double Step)
{
    public static PlotAxis Of(IEnumerable<double> values, double? min, double? max, int wantedTicks)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (var value in values)
        {
            if (!double.IsFinite(value)) continue;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        if (low > high) (low, high) = (0, 1);
        (low, high) = (min ?? low, max ?? high);
        if (!(high > low)) (low, high) = (low - Math.Max(0.5, Math.Abs(low) * 0.05), low + Math.Max(0.5, Math.Abs(low) * 0.05));
        var step = Nice((high - low) / Math.Max(1, wantedTicks));
        var from = min ?? Math.Floor(low / step + 1e-9) * step;
        var to = max ?? Math.Ceiling(high / step - 1e-9) * step;
        var ticks = new List<double>();
        for (var i = Math.Ceiling(from / step - 1e-9); i * step <= to + step * 1e-9; i++) ticks.Add(i * step);
        return new PlotAxis(from, to, ticks, step);
    }

    /// <summary>Share of the way from <see cref="Min"/> to <see cref="Max"/>.</summary>
    public float Share(double value) => (float)((value - Min) / (Max - Min));

    public string Text(double tick)
    {
        if (Math.Abs(tick) < Step * 1e-9) return "0";
        if (Math.Abs(tick) >= 1e7 || Step < 1e-6) return tick.ToString("0.###E+0", CultureInfo.InvariantCulture);
        var decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(Step) - 1e-9));
        return tick.ToString("#,0." + new string('0', decimals), CultureInfo.InvariantCulture).TrimEnd('.');
    }

    private static double Nice(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
