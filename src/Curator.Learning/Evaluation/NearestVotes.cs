using System.Numerics.Tensors;

namespace Curator.Learning.Evaluation;

/// <summary>How often the nearest labeled neighbours vote right.</summary>
/// <param name="Accuracy">0 to 1.</param>
/// <param name="BalancedAccuracy">Mean over the classes that were asked about, 0 to 1.</param>
/// <param name="ByClass">Accuracy of each class; not a number where none was asked about.</param>
public sealed record VoteAccuracy(double Accuracy, double BalancedAccuracy, IReadOnlyList<double> ByClass);

/// <summary>k nearest neighbours by cosine, the exhaustive way. O(test · known · dimension).</summary>
internal static class NearestVotes
{
    /// <param name="rows">[N, D], row-major, each of length one.</param>
    /// <param name="classes">Class of each row.</param>
    /// <param name="asked">Rows that are asked about; all others are known.</param>
    /// <param name="k">Neighbours; one vote each, ties go to the class of the nearer ones.</param>
    public static VoteAccuracy Of(float[] rows, int dimension, int[] classes, bool[] asked, int classCount, int k, int threads, CancellationToken cancellationToken)
    {
        int[] known = [.. Enumerable.Range(0, classes.Length).Where(i => !asked[i])], questions = [.. Enumerable.Range(0, classes.Length).Where(i => asked[i])];
        var right = new bool[questions.Length];
        Parallel.For(0, questions.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, q =>
        {
            var query = rows.AsSpan(questions[q] * dimension, dimension);
            var scores = new float[known.Length];
            for (var i = 0; i < known.Length; i++) scores[i] = TensorPrimitives.Dot(query, rows.AsSpan(known[i] * dimension, dimension));
            right[q] = Winner(scores, known, classes, classCount, k) == classes[questions[q]];
        });
        var byClass = Enumerable.Range(0, classCount).Select(c =>
        {
            int[] own = [.. Enumerable.Range(0, questions.Length).Where(q => classes[questions[q]] == c)];
            return own.Length == 0 ? double.NaN : own.Average(q => right[q] ? 1.0 : 0);
        }).ToArray();
        return new VoteAccuracy(right.Length == 0 ? double.NaN : right.Average(r => r ? 1.0 : 0), byClass.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average(), byClass);
    }

    private static int Winner(float[] scores, int[] known, int[] classes, int classCount, int k)
    {
        var order = new int[Math.Min(k, scores.Length)];
        for (var place = 0; place < order.Length; place++)
        {
            var best = 0;
            for (var i = 1; i < scores.Length; i++)
                if (scores[i] > scores[best])
                    best = i;
            order[place] = known[best];
            scores[best] = float.NegativeInfinity;
        }
        var votes = new int[classCount];
        foreach (var row in order) votes[classes[row]]++;
        var most = votes.Max();
        return classes[order.First(row => votes[classes[row]] == most)];
    }
}
