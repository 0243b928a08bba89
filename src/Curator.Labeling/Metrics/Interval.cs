namespace Curator.Labeling.Metrics;

/// <summary>A number with the range that holds it with 95 % probability. An exact number has both ends equal.</summary>
public readonly record struct Interval(double Value, double Low, double High)
{
    public static Interval Exact(double value) => new(value, value, value);

    /// <summary>The 2.5 % and 97.5 % quantiles of <paramref name="draws"/> (sorted in place) around <paramref name="value"/>.</summary>
    public static Interval Of(double value, double[] draws)
    {
        Array.Sort(draws);
        return new Interval(value, Quantile(draws, 0.025), Quantile(draws, 0.975));
    }

    /// <summary>Bootstrap (Efron 1979): the statistic over items drawn with replacement, percentile interval.</summary>
    /// <param name="statistic">Of a multiset of item numbers.</param>
    public static Interval Bootstrap(int items, Func<int[], double> statistic, int draws, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(items);
        var random = new Random(seed);
        var sample = new int[items];
        var values = new double[draws];
        for (var b = 0; b < draws; b++)
        {
            for (var i = 0; i < items; i++) sample[i] = random.Next(items);
            values[b] = statistic(sample);
        }
        return Of(statistic([.. Enumerable.Range(0, items)]), values);
    }

    private static double Quantile(double[] sorted, double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
}
