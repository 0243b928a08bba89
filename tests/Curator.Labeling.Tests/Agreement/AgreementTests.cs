using CsCheck;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Agreement;

namespace Curator.Labeling.Tests.Agreement;

public sealed class AgreementTests
{
    private static readonly string[] FiveClasses = ["1", "2", "3", "4", "5"];
    private static readonly string[] Three = ["ann", "ben", "eva"];

    [Fact]
    public void Krippendorffs_own_examples_give_his_alphas()
    {
        // Krippendorff (2011), A: two observers, ten units, binary; C: four observers, twelve units, missing ratings, nominal.
        Assert.Equal(0.095, Alpha("01000000 10", "1110010000"), 3);
        Assert.Equal(0.743, Alpha("12332141 2...", "123322412 5.3", ".33323422 51.", "123324412 51."), 3);
    }

    [Fact]
    public void Fleiss_kappa_of_the_textbook_table_is_0_210()
    {
        // Ten subjects, fourteen raters, five categories: the example that Fleiss's statistic is usually shown with.
        int[][] counts =
        [
            [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
        ];
        var opinions = new List<Opinion>();
        for (var i = 0; i < counts.Length; i++)
        {
            var rater = 0;
            for (var c = 0; c < 5; c++)
                for (var n = 0; n < counts[i][c]; n++)
                    opinions.Add(Said(i, $"r{rater++}", FiveClasses[c]));
        }
        Assert.Equal(0.210, Study(FiveClasses, opinions).FleissKappa.Value, 3);
    }

    [Fact]
    public void Cohens_kappa_of_twenty_five_ten_and_fifteen_is_0_4()
    {
        var opinions = new List<Opinion>();
        void Add(int count, string first, string second)
        {
            for (; count > 0; count--)
            {
                var image = opinions.Count;
                opinions.Add(Said(image, "ann", first));
                opinions.Add(Said(image, "ben", second));
            }
        }

        Add(20, "yes", "yes");
        Add(5, "yes", "no");
        Add(10, "no", "yes");
        Add(15, "no", "no");
        var pair = Assert.Single(Study(["yes", "no"], opinions).Pairs);
        Assert.Equal((50, 0.7), (pair.Images, pair.Percent));
        Assert.Equal(0.4, pair.CohenKappa, 12);
    }

    [Fact]
    public void All_coefficients_equal_their_definitions_written_out_pair_by_pair()
    {
        var table =
            from raters in Gen.Int[2, 5]
            from classes in Gen.Int[2, 4]
            from cells in Gen.Int[-1, classes - 1].Array[raters].Array[3, 12]
            select (Classes: Enumerable.Range(0, classes).Select(c => $"c{c}").ToArray(), Cells: cells);
        table.Sample(drawn =>
        {
            var opinions = new List<Opinion>();
            for (var i = 0; i < drawn.Cells.Length; i++)
                for (var r = 0; r < drawn.Cells[i].Length; r++)
                    if (drawn.Cells[i][r] >= 0)
                        opinions.Add(Said(i, $"r{r}", drawn.Classes[drawn.Cells[i][r]]));
            var report = Study(drawn.Classes, opinions);
            var rated = drawn.Cells.Select(row => row.Where(c => c >= 0).ToArray()).Where(row => row.Length >= 2).ToArray();
            Assert.Equal(rated.Length, report.Images);
            if (rated.Length == 0) return;
            Near(LiteralPercent(rated), report.Percent.Value);
            Near(LiteralAlpha(rated), report.KrippendorffAlpha.Value);
            Near(LiteralFleiss(rated, drawn.Classes.Length), report.FleissKappa.Value);
            foreach (var pair in report.Pairs)
                Near(LiteralCohen(drawn.Cells, int.Parse(pair.First[1..]), int.Parse(pair.Second[1..]), drawn.Classes.Length), pair.CohenKappa);
        }, iter: 300);
    }

    [Fact]
    public void Perfect_agreement_is_one_and_names_and_order_change_nothing()
    {
        var opinions = Enumerable.Range(0, 30).SelectMany(i => Three.Select(person => Said(i, person, i % 3 == 0 ? "yes" : "no"))).ToList();
        var report = Study(["yes", "no"], opinions);
        Assert.Equal((1.0, 1.0, 1.0), (report.Percent.Value, report.FleissKappa.Value, report.KrippendorffAlpha.Value));
        Assert.Equal((1.0, 1.0), (report.KrippendorffAlpha.Low, report.KrippendorffAlpha.High));
        opinions[0] = Said(0, "ann", "no");
        var renamed = opinions.AsEnumerable().Reverse().Select(o => o with { Person = "x" + o.Person, Image = new ImageId(1, 100 - o.Image.Row) });
        Assert.Equal(Study(["yes", "no"], opinions).KrippendorffAlpha.Value, Study(["yes", "no"], renamed).KrippendorffAlpha.Value, 12);
    }

    [Fact]
    public void The_interval_holds_the_value_narrows_with_more_images_and_repeats_for_a_seed()
    {
        var few = Noisy(40);
        var many = Noisy(1000);
        Coefficient small = Study(["yes", "no"], few).KrippendorffAlpha, large = Study(["yes", "no"], many).KrippendorffAlpha;
        Assert.InRange(small.Value, small.Low, small.High);
        Assert.InRange(large.Value, large.Low, large.High);
        Assert.True(large.High - large.Low < (small.High - small.Low) / 2);
        Assert.Equal(small, Study(["yes", "no"], few).KrippendorffAlpha);
    }

    [Fact]
    public void The_interval_covers_the_truth_about_as_often_as_it_says()
    {
        // 120 samples of 60 images from one process whose alpha is that of a very large sample. Seen: 112 of 120.
        var truth = Study(["yes", "no"], Noisy(40_000), resamples: 0).KrippendorffAlpha.Value;
        var covered = Enumerable.Range(100, 120).Count(seed =>
        {
            var alpha = Study(["yes", "no"], Noisy(60, seed), resamples: 300).KrippendorffAlpha;
            return alpha.Low <= truth && truth <= alpha.High;
        });
        Assert.InRange(covered, 100, 120);
    }

    [Fact]
    public void Without_two_ratings_of_anything_there_is_no_coefficient()
    {
        var report = Study(["yes", "no"], [Said(1, "ann", "yes"), Said(2, "ben", "no"), Said(3, "ann", null)]);
        Assert.Equal((0, 0), (report.Images, report.Raters));
        Assert.True(double.IsNaN(report.KrippendorffAlpha.Value) && double.IsNaN(report.Percent.Value));
    }

    internal static Opinion Said(long row, string person, string? value) => new(new ImageId(1, row), person, value, Imported: false, Seq: row);

    private static List<Opinion> Noisy(int images, int seed = 7)
    {
        var random = new Random(seed);
        var opinions = new List<Opinion>();
        for (var i = 0; i < images; i++)
        {
            var really = random.Next(2);
            foreach (var person in Three)
                opinions.Add(Said(i, person, (random.NextDouble() < 0.15 ? 1 - really : really) == 0 ? "yes" : "no"));
        }
        return opinions;
    }

    private static AgreementReport Study(IReadOnlyList<string> classes, IEnumerable<Opinion> opinions, int resamples = 400) =>
        AgreementStudy.Run(RatingTable.Of(classes, opinions), resamples, seed: 3, CancellationToken.None);

    /// <summary>A digit a unit, a dot for a missing rating; blanks are for the eye.</summary>
    private static double Alpha(params string[] observers)
    {
        var opinions = observers.SelectMany((text, observer) => text.Replace(" ", "", StringComparison.Ordinal)
            .Select((mark, unit) => Said(unit, $"o{observer}", mark == '.' ? null : mark.ToString())));
        return Study(["0", "1", "2", "3", "4", "5"], opinions, resamples: 0).KrippendorffAlpha.Value;
    }

    private static void Near(double expected, double actual) =>
        Assert.True((double.IsNaN(expected) && double.IsNaN(actual)) || Math.Abs(expected - actual) < 1e-9, $"{actual}, expected {expected}");

    private static double LiteralPercent(int[][] rated)
    {
        int equal = 0, pairs = 0;
        foreach (var row in rated)
            for (var a = 0; a < row.Length; a++)
                for (var b = 0; b < row.Length; b++)
                    if (a != b)
                    {
                        pairs++;
                        if (row[a] == row[b]) equal++;
                    }
        return (double)equal / pairs;
    }

    /// <summary>By the coincidence matrix, as Krippendorff writes it down.</summary>
    private static double LiteralAlpha(int[][] rated)
    {
        var size = rated.Max(row => row.Max()) + 1;
        var coincidences = new double[size, size];
        foreach (var row in rated)
            for (var a = 0; a < row.Length; a++)
                for (var b = 0; b < row.Length; b++)
                    if (a != b)
                        coincidences[row[a], row[b]] += 1.0 / (row.Length - 1);
        double observed = 0, expected = 0, n = 0;
        var margin = new double[size];
        for (var c = 0; c < size; c++)
            for (var k = 0; k < size; k++) margin[c] += coincidences[c, k];
        n = margin.Sum();
        for (var c = 0; c < size; c++)
            for (var k = 0; k < size; k++)
                if (c != k)
                {
                    observed += coincidences[c, k];
                    expected += margin[c] * margin[k];
                }
        return expected == 0 ? double.NaN : 1 - ((n - 1) * observed / expected);
    }

    private static double LiteralFleiss(int[][] rated, int classes)
    {
        double agreement = 0, all = rated.Sum(row => row.Length), chance = 0;
        foreach (var row in rated) agreement += LiteralPercent([row]) / rated.Length;
        for (var c = 0; c < classes; c++)
        {
            var share = rated.Sum(row => row.Count(value => value == c)) / all;
            chance += share * share;
        }
        return Math.Abs(1 - chance) < 1e-12 ? double.NaN : (agreement - chance) / (1 - chance);
    }

    private static double LiteralCohen(int[][] cells, int first, int second, int classes)
    {
        var both = cells.Where(row => row[first] >= 0 && row[second] >= 0).ToArray();
        var observed = both.Count(row => row[first] == row[second]) / (double)both.Length;
        double chance = 0;
        for (var c = 0; c < classes; c++)
            chance += both.Count(row => row[first] == c) / (double)both.Length * (both.Count(row => row[second] == c) / (double)both.Length);
        return Math.Abs(1 - chance) < 1e-12 ? double.NaN : (observed - chance) / (1 - chance);
    }
}
