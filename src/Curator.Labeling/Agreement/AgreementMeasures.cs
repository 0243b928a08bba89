namespace Curator.Labeling.Agreement;

/// <summary>
/// Coefficients of agreement on nominal ratings. An image enters as its counts by class; all coefficients are sums over images, so that a bootstrap resamples counts. Images with fewer
/// than two ratings must be left out by the caller.
/// </summary>
/// <remarks>
/// Cohen, "A Coefficient of Agreement for Nominal Scales" (1960). Fleiss, "Measuring Nominal Scale Agreement among Many Raters" (1971), taken to images with differing numbers of ratings by weighing each
/// image's agreement equally. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C.
/// </remarks>
internal static class AgreementMeasures
{
    /// <summary>Pairs of ratings that are equal, over all pairs within images.</summary>
    /// <param name="counts">[images × classes], row-major.</param>
    /// <param name="weights">How often each image is taken, [images].</param>
    public static double Percent(ReadOnlySpan<int> counts, ReadOnlySpan<int> weights, int classes)
    {
        double equal = 0, pairs = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var row = counts.Slice(i * classes, classes);
            double total = 0, same = 0;
            foreach (var count in row)
            {
                total += count;
                same += (double)count * (count - 1);
            }
            equal += weights[i] * same;
            pairs += weights[i] * total * (total - 1);
        }
        return equal / pairs;
    }

    /// <summary>(P̄ − P̄e) / (1 − P̄e), equations 3 to 7 of Fleiss.</summary>
    public static double FleissKappa(ReadOnlySpan<int> counts, ReadOnlySpan<int> weights, int classes)
    {
        Span<double> given = stackalloc double[classes];
        double observed = 0, images = 0, ratings = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            var row = counts.Slice(i * classes, classes);
            double total = 0, same = 0;
            for (var c = 0; c < classes; c++)
            {
                total += row[c];
                same += (double)row[c] * (row[c] - 1);
                given[c] += (double)weights[i] * row[c];
            }
            observed += weights[i] * (same / (total * (total - 1)));
            images += weights[i];
            ratings += weights[i] * total;
        }
        double expected = 0;
        foreach (var count in given) expected += count / ratings * (count / ratings);
        observed /= images;
        return Ratio(observed - expected, 1 - expected);
    }

    /// <summary>1 − D_o / D_e with the nominal distance: an image with m ratings adds each ordered pair of different ones with weight 1 / (m − 1) to D_o.</summary>
    public static double KrippendorffAlpha(ReadOnlySpan<int> counts, ReadOnlySpan<int> weights, int classes)
    {
        Span<double> given = stackalloc double[classes];
        double different = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            var row = counts.Slice(i * classes, classes);
            double total = 0, same = 0;
            for (var c = 0; c < classes; c++)
            {
                total += row[c];
                same += (double)row[c] * row[c];
                given[c] += (double)weights[i] * row[c];
            }
            different += weights[i] * ((total * total - same) / (total - 1));
        }
        double all = 0, squares = 0;
        foreach (var count in given)
        {
            all += count;
            squares += count * count;
        }
        var expected = (all * all - squares) / (all - 1);
        return expected == 0 ? double.NaN : 1 - (different / expected);
    }

    /// <summary>Of two people, from their table of images [first's class × second's class].</summary>
    public static double CohenKappa(ReadOnlySpan<int> table, int classes)
    {
        Span<double> rows = stackalloc double[classes];
        Span<double> columns = stackalloc double[classes];
        double images = 0, equal = 0, chance = 0;
        for (var a = 0; a < classes; a++)
            for (var b = 0; b < classes; b++)
            {
                var count = table[(a * classes) + b];
                images += count;
                rows[a] += count;
                columns[b] += count;
                if (a == b) equal += count;
            }
        for (var c = 0; c < classes; c++) chance += rows[c] / images * (columns[c] / images);
        return Ratio((equal / images) - chance, 1 - chance);
    }

    private static double Ratio(double above, double below) => Math.Abs(below) < 1e-12 ? double.NaN : above / below;
}
