namespace Curator.Labeling.Agreement;

/// <summary>All coefficients of a table of ratings, with percentile bootstrap intervals over images (Efron and Tibshirani, 1993, chapter 13). Repeats to the bit for one seed.</summary>
public static class AgreementStudy
{
    private const double Tail = 0.025;

    /// <param name="resamples">0 leaves the intervals out. Cost: O(resamples × images × classes).</param>
    public static AgreementReport Run(RatingTable table, int resamples, int seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegative(resamples);
        var classes = table.Classes.Count;
        var rated = table.Ratings.Where(ratings => ratings.Count >= 2).ToArray();
        var counts = new int[rated.Length * classes];
        for (var i = 0; i < rated.Length; i++)
            foreach (var rating in rated[i])
                counts[(i * classes) + rating.Class]++;
        var draws = Draw(rated.Length, resamples, seed);

        var perClass = new List<ClassAgreement>(classes);
        for (var c = 0; c < classes; c++)
        {
            var binary = new int[rated.Length * 2];
            for (var i = 0; i < rated.Length; i++)
            {
                binary[2 * i] = counts[(i * classes) + c];
                binary[(2 * i) + 1] = rated[i].Count - binary[2 * i];
            }
            var given = Enumerable.Range(0, rated.Length).Sum(i => binary[2 * i]);
            perClass.Add(new ClassAgreement(table.Classes[c], given, Estimate(AgreementMeasures.KrippendorffAlpha, binary, 2, rated.Length, draws, cancellationToken)));
        }
        return new AgreementReport(
            rated.Length,
            rated.SelectMany(ratings => ratings).Select(rating => rating.Rater).Distinct().Count(),
            rated.Sum(ratings => ratings.Count),
            Estimate(AgreementMeasures.Percent, counts, classes, rated.Length, draws, cancellationToken),
            Estimate(AgreementMeasures.FleissKappa, counts, classes, rated.Length, draws, cancellationToken),
            Estimate(AgreementMeasures.KrippendorffAlpha, counts, classes, rated.Length, draws, cancellationToken),
            perClass,
            Pairs(table, rated));
    }

    private delegate double Measure(ReadOnlySpan<int> counts, ReadOnlySpan<int> weights, int classes);

    private static Coefficient Estimate(Measure measure, int[] counts, int classes, int images, int[][] draws, CancellationToken cancellationToken)
    {
        if (images == 0) return new Coefficient(double.NaN, double.NaN, double.NaN);
        var once = new int[images];
        Array.Fill(once, 1);
        var values = new List<double>(draws.Length);
        foreach (var draw in draws)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var value = measure(counts, draw, classes);
            if (!double.IsNaN(value)) values.Add(value);
        }
        values.Sort();
        return new Coefficient(measure(counts, once, classes), Percentile(values, Tail), Percentile(values, 1 - Tail));
    }

    /// <summary>How often each image is drawn, for each resample.</summary>
    private static int[][] Draw(int images, int resamples, int seed)
    {
        if (images == 0) return [];
        var random = new Random(seed);
        var draws = new int[resamples][];
        for (var r = 0; r < resamples; r++)
        {
            var draw = draws[r] = new int[images];
            for (var i = 0; i < images; i++) draw[random.Next(images)]++;
        }
        return draws;
    }

    private static double Percentile(List<double> sorted, double share) =>
        sorted.Count == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Round(share * (sorted.Count - 1)), 0, sorted.Count - 1)];

    private static List<PairAgreement> Pairs(RatingTable table, IReadOnlyList<Rating>[] rated)
    {
        var classes = table.Classes.Count;
        var tables = new Dictionary<(int, int), int[]>();
        foreach (var ratings in rated)
            foreach (var first in ratings)
                foreach (var second in ratings)
                {
                    if (first.Rater >= second.Rater) continue;
                    if (!tables.TryGetValue((first.Rater, second.Rater), out var pair)) tables[(first.Rater, second.Rater)] = pair = new int[classes * classes];
                    pair[(first.Class * classes) + second.Class]++;
                }
        return [.. from entry in tables
                   let images = entry.Value.Sum()
                   let equal = Enumerable.Range(0, classes).Sum(c => entry.Value[(c * classes) + c])
                   orderby images descending, entry.Key
                   select new PairAgreement(
                       table.Raters[entry.Key.Item1], table.Raters[entry.Key.Item2], images, (double)equal / images, AgreementMeasures.CohenKappa(entry.Value, classes))];
    }
}
