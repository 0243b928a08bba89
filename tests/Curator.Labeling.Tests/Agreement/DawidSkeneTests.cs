using CsCheck;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Agreement;

namespace Curator.Labeling.Tests.Agreement;

public sealed class DawidSkeneTests
{
    /// <summary>Table 1 of Dawid and Skene (1979): 45 patients; the first anaesthetist's three readings, then one of each of the other four.</summary>
    private const string Patients =
        "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111 "
        + "1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121 "
        + "1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222";

    private static readonly string[] FourClasses = ["1", "2", "3", "4"];

    [Fact]
    public void The_papers_patients_give_the_papers_shares_of_classes()
    {
        var result = DawidSkene.Estimate(Published(), new DawidSkeneOptions(Smoothing: 0), CancellationToken.None);
        // Table 3: 0.40, 0.42, 0.11 and 0.07.
        Assert.Equal([0.40, 0.42, 0.11, 0.07], result.Prior.Select(share => Math.Round(share, 2)));
        // Table 2: the first anaesthetist calls 0.89 of class 1 and 0.88 of class 2 what they are.
        Assert.Equal(0.89, Math.Round(result.Confusion[0][0], 2));
        Assert.Equal(0.88, Math.Round(result.Confusion[0][5], 2));
    }

    [Fact]
    public void Every_step_equals_the_papers_equations_written_out_and_raises_the_likelihood()
    {
        var drawn =
            from raters in Gen.Int[2, 5]
            from classes in Gen.Int[2, 4]
            from cells in Gen.Int[-1, classes - 1].Array[raters].Array[4, 15]
            select (Classes: classes, Cells: cells);
        drawn.Sample(table =>
        {
            var rated = table.Cells.Where(row => row.Any(c => c >= 0)).ToArray();
            if (rated.Length == 0) return;
            var opinions = rated.SelectMany((row, i) => row.Select((c, r) => (i, r, c))).Where(cell => cell.c >= 0)
                .Select(cell => AgreementTests.Said(cell.i, $"r{cell.r}", $"c{cell.c}"));
            var ratings = RatingTable.Of([.. Enumerable.Range(0, table.Classes).Select(c => $"c{c}")], opinions);
            const int Steps = 12;
            DawidSkeneResult After(int steps) => DawidSkene.Estimate(ratings, new DawidSkeneOptions(Smoothing: 0, MostIterations: steps, Tolerance: -1), CancellationToken.None);
            // Each step from where the last one ended: near a saddle EM multiplies a rounding by twenty a step, so two right runs may end apart.
            var present = Votes(rated, table.Classes);
            for (var step = 1; step <= Steps; step++)
            {
                var literal = LiteralStep(rated, present);
                var posterior = After(step).Posterior;
                for (var i = 0; i < literal.Length; i++)
                    for (var c = 0; c < table.Classes; c++) Assert.Equal(literal[i][c], posterior[(i * table.Classes) + c], tolerance: 1e-9);
                present = [.. literal.Select((_, i) => posterior.AsSpan(i * table.Classes, table.Classes).ToArray())];
            }
            var result = After(Steps);
            foreach (var (before, after) in result.LogLikelihood.Zip(result.LogLikelihood.Skip(1))) Assert.True(after >= before - 1e-9);
        }, iter: 200);
    }

    [Fact]
    public void Weighing_people_finds_more_of_the_truth_than_counting_heads()
    {
        // Two careful people and five who guess: the majority follows the guessers. Seen: 392 right of 400 against 327.
        var random = new Random(11);
        var truth = Enumerable.Range(0, 400).Select(_ => random.Next(2)).ToArray();
        var opinions = new List<Opinion>();
        for (var i = 0; i < truth.Length; i++)
            for (var person = 0; person < 7; person++)
                opinions.Add(AgreementTests.Said(i, $"p{person}", $"c{(random.NextDouble() < (person < 2 ? 0.97 : 0.6) ? truth[i] : 1 - truth[i])}"));
        var table = RatingTable.Of(["c0", "c1"], opinions);
        var estimate = DawidSkene.Estimate(table, new DawidSkeneOptions(), CancellationToken.None);
        var consensus = TaskAgreement.Consensus(table, estimate);
        var weighed = consensus.Count(item => item.DawidSkene == $"c{truth[(int)item.Image.Row]}");
        var counted = consensus.Count(item => item.Majority == $"c{truth[(int)item.Image.Row]}");
        Assert.True(weighed > counted + 30, $"{weighed} against {counted}");
        Assert.All(Enumerable.Range(0, 2), person => Assert.InRange(estimate.Accuracy(person), 0.93, 1));
        Assert.All(Enumerable.Range(2, 5), person => Assert.InRange(estimate.Accuracy(person), 0.5, 0.7));
    }

    [Fact]
    public void One_person_alone_is_believed_and_a_tie_has_no_majority()
    {
        var table = RatingTable.Of(
            ["yes", "no"], [AgreementTests.Said(0, "ann", "yes"), AgreementTests.Said(1, "ann", "no"), AgreementTests.Said(1, "ben", "yes"), AgreementTests.Said(2, "ann", null)]);
        var consensus = TaskAgreement.Consensus(table, DawidSkene.Estimate(table, new DawidSkeneOptions(), CancellationToken.None));
        Assert.Equal(["yes", null], consensus.Select(item => item.Majority));
        Assert.Equal([1, 2], consensus.Select(item => item.Votes));
        Assert.Equal("yes", consensus[0].DawidSkene);
        Assert.All(consensus, item => Assert.InRange(item.Probability, 0.5, 1));
    }

    private static RatingTable Published() => RatingTable.Of(
        FourClasses,
        Patients.Split(' ').SelectMany((text, patient) => text.Select((mark, reading) => new Opinion(new ImageId(1, patient), $"o{Math.Max(0, reading - 2)}", mark.ToString(), false, 0))));

    private static double[][] Votes(int[][] cells, int classes) =>
        [.. cells.Select(row => Enumerable.Range(0, classes).Select(c => row.Count(x => x == c) / (double)row.Count(x => x >= 0)).ToArray())];

    /// <summary>Equations 2.3 to 2.5 in plain products, once.</summary>
    private static double[][] LiteralStep(int[][] cells, double[][] t)
    {
        var (raters, classes) = (cells[0].Length, t[0].Length);
        var p = Enumerable.Range(0, classes).Select(j => t.Average(row => row[j])).ToArray();
        double Pi(int k, int j, int l)
        {
            double above = 0, below = 0;
            for (var i = 0; i < cells.Length; i++)
            {
                if (cells[i][k] == l) above += t[i][j];
                if (cells[i][k] >= 0) below += t[i][j];
            }
            return below > 0 ? above / below : 1.0 / classes;
        }

        return
        [
            .. cells.Select(row =>
            {
                var joint = Enumerable.Range(0, classes).Select(j =>
                {
                    var product = p[j];
                    for (var k = 0; k < raters; k++)
                        if (row[k] >= 0)
                            product *= Pi(k, j, row[k]);
                    return product;
                }).ToArray();
                return joint.Select(value => value / joint.Sum()).ToArray();
            }),
        ];
    }
}
