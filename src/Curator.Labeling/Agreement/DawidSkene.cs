namespace Curator.Labeling.Agreement;

/// <param name="Smoothing">Ratings of each kind that every person is taken to have given beforehand, so that a few answers make nobody infallible; 0 is the paper's estimate.</param>
/// <param name="MostIterations">Steps of EM at most.</param>
/// <param name="Tolerance">EM ends when no probability of a class changes by more.</param>
public sealed record DawidSkeneOptions(double Smoothing = 0.1, int MostIterations = 500, double Tolerance = 1e-8);

/// <summary>What the images probably are, and how reliable each person is.</summary>
/// <param name="Posterior">[images × classes], row-major, as <see cref="RatingTable.Images"/>.</param>
/// <param name="Prior">Share of each class.</param>
/// <param name="Confusion">By rater: [true class × given class], rows sum to 1.</param>
/// <param name="LogLikelihood">Of the ratings, after each step of EM; never falls without smoothing.</param>
public sealed record DawidSkeneResult(double[] Posterior, double[] Prior, IReadOnlyList<double[]> Confusion, IReadOnlyList<double> LogLikelihood)
{
    public int Classes => Prior.Length;

    /// <summary>The most probable class of an image, the lower number at a tie, and its probability.</summary>
    public (int Class, double Probability) Best(int image)
    {
        var row = Posterior.AsSpan(image * Classes, Classes);
        var best = 0;
        for (var c = 1; c < row.Length; c++)
            if (row[c] > row[best])
                best = c;
        return (best, row[best]);
    }

    /// <summary>How often a person's answers are right, over the classes as they occur.</summary>
    public double Accuracy(int rater)
    {
        double right = 0;
        for (var c = 0; c < Classes; c++) right += Prior[c] * Confusion[rater][(c * Classes) + c];
        return right;
    }
}

/// <summary>
/// Consensus that weighs people by how often they are right, without knowing the truth: EM over the images' classes and a confusion matrix a person, begun with the shares of votes. Dawid and Skene, "Maximum
/// Likelihood Estimation of Observer Error-Rates Using the EM Algorithm" (1979), equations 2.3 to 2.5. O(iterations × ratings × classes).
/// </summary>
public static class DawidSkene
{
    public static DawidSkeneResult Estimate(RatingTable table, DawidSkeneOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        int images = table.Images.Count, classes = table.Classes.Count;
        var posterior = Votes(table);
        var prior = new double[classes];
        var confusion = new double[table.Raters.Count][];
        for (var r = 0; r < confusion.Length; r++) confusion[r] = new double[classes * classes];
        var likelihood = new List<double>();
        for (var step = 0; step < options.MostIterations && images > 0; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Maximise(table, posterior, prior, confusion, options.Smoothing);
            var (change, value) = Expect(table, posterior, prior, confusion);
            likelihood.Add(value);
            if (change <= options.Tolerance) break;
        }
        return new DawidSkeneResult(posterior, prior, confusion, likelihood);
    }

    private static double[] Votes(RatingTable table)
    {
        var classes = table.Classes.Count;
        var posterior = new double[table.Images.Count * classes];
        for (var i = 0; i < table.Images.Count; i++)
            foreach (var rating in table.Ratings[i])
                posterior[(i * classes) + rating.Class] += 1.0 / table.Ratings[i].Count;
        return posterior;
    }

    /// <summary>Equations 2.3 and 2.4: matrices and shares that fit the present classes best.</summary>
    private static void Maximise(RatingTable table, double[] posterior, double[] prior, double[][] confusion, double smoothing)
    {
        var classes = prior.Length;
        Array.Clear(prior);
        foreach (var matrix in confusion) Array.Fill(matrix, smoothing);
        for (var i = 0; i < table.Images.Count; i++)
            for (var c = 0; c < classes; c++)
            {
                var p = posterior[(i * classes) + c];
                prior[c] += p / table.Images.Count;
                foreach (var rating in table.Ratings[i]) confusion[rating.Rater][(c * classes) + rating.Class] += p;
            }
        foreach (var matrix in confusion)
            for (var c = 0; c < classes; c++)
            {
                var row = matrix.AsSpan(c * classes, classes);
                double sum = 0;
                foreach (var value in row) sum += value;
                // Nobody thinks that this person ever saw the class: nothing is known of what they would say.
                for (var k = 0; k < classes; k++) row[k] = sum > 0 ? row[k] / sum : 1.0 / classes;
            }
    }

    /// <summary>Equation 2.5: what each image is, given matrices and shares. In logarithms, as products of many ratings vanish.</summary>
    private static (double Change, double LogLikelihood) Expect(RatingTable table, double[] posterior, double[] prior, double[][] confusion)
    {
        var classes = prior.Length;
        Span<double> logs = stackalloc double[classes];
        double change = 0, likelihood = 0;
        for (var i = 0; i < table.Images.Count; i++)
        {
            var highest = double.NegativeInfinity;
            for (var c = 0; c < classes; c++)
            {
                var log = Math.Log(prior[c]);
                foreach (var rating in table.Ratings[i]) log += Math.Log(confusion[rating.Rater][(c * classes) + rating.Class]);
                logs[c] = log;
                highest = Math.Max(highest, log);
            }
            double sum = 0;
            for (var c = 0; c < classes; c++) sum += Math.Exp(logs[c] - highest);
            likelihood += highest + Math.Log(sum);
            for (var c = 0; c < classes; c++)
            {
                var p = Math.Exp(logs[c] - highest) / sum;
                change = Math.Max(change, Math.Abs(p - posterior[(i * classes) + c]));
                posterior[(i * classes) + c] = p;
            }
        }
        return (change, likelihood);
    }
}
