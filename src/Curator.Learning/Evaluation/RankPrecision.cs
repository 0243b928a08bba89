using System.Numerics.Tensors;
using Curator.Core.Images;

namespace Curator.Learning.Evaluation;

/// <summary>How many of a picture's nearest are of its class, rank by rank: the plot by which the 2016 search was judged.</summary>
/// <param name="Ranks">1, 2, 3, …</param>
/// <param name="Precision">Share of the first r neighbours that have the picture's class, mean over the pictures asked about; 0 to 1.</param>
/// <param name="ByClass">[class][rank] the same over the pictures of each class; not a number where none was asked about.</param>
/// <param name="Chance">What random neighbours would reach.</param>
/// <param name="Confusion">[class][class of the nearest] pictures.</param>
/// <param name="Asked">Pictures asked about.</param>
/// <param name="SamePlace">Pairs left out because both show the same place, though perhaps at another date: finding those says nothing of the class.</param>
public sealed record RankAccuracy(
    IReadOnlyList<int> Ranks, IReadOnlyList<double> Precision, IReadOnlyList<IReadOnlyList<double>> ByClass, double Chance, IReadOnlyList<IReadOnlyList<int>> Confusion, int Asked, long SamePlace);

/// <summary>Precision at rank by cosine, the exhaustive way. O(asked · labeled · dimension).</summary>
internal static class RankPrecision
{
    /// <param name="rows">[N, D], row-major, each of length one.</param>
    /// <param name="classes">Class of each row.</param>
    /// <param name="places">Footprint of each row; null where unknown, which is another place than any.</param>
    /// <param name="most">Rows asked about, evenly drawn; each against all others.</param>
    /// <param name="ranks">Neighbours looked at.</param>
    public static RankAccuracy Of(
        float[] rows, int dimension, int[] classes, IReadOnlyList<BoundingBox?> places, int classCount, int most, int ranks, int threads, CancellationToken cancellationToken)
    {
        var n = classes.Length;
        ranks = Math.Min(ranks, n - 1);
        int[] asked = [.. Enumerable.Range(0, Math.Min(most, n)).Select(i => (int)((((2L * i) + 1) * n) / (2L * Math.Min(most, n))))];
        var right = new bool[asked.Length][];
        var nearest = new int[asked.Length];
        long samePlace = 0;
        Parallel.For(0, asked.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, q =>
        {
            var own = asked[q];
            var scores = new float[n];
            var order = new int[n];
            var leftOut = 0;
            for (var i = 0; i < n; i++)
            {
                order[i] = i;
                var same = i != own && places[own] is { } here && places[i] is { } there && here.OverlapShare(there) > 0;
                if (same) leftOut++;
                // Sorted ascending: the nearest first, what does not count last.
                scores[i] = i == own || same ? float.PositiveInfinity : -TensorPrimitives.Dot(rows.AsSpan(own * dimension, dimension), rows.AsSpan(i * dimension, dimension));
            }

            Array.Sort(scores, order);
            var counted = Math.Min(ranks, n - 1 - leftOut);
            right[q] = [.. Enumerable.Range(0, counted).Select(r => classes[order[r]] == classes[own])];
            nearest[q] = counted == 0 ? -1 : classes[order[0]];
            Interlocked.Add(ref samePlace, leftOut);
        });
        var sizes = new int[classCount];
        foreach (var c in classes) sizes[c]++;
        var confusion = Enumerable.Range(0, classCount).Select(_ => new int[classCount]).ToArray();
        for (var q = 0; q < asked.Length; q++)
            if (nearest[q] >= 0)
                confusion[classes[asked[q]]][nearest[q]]++;
        return new RankAccuracy(
            [.. Enumerable.Range(1, ranks)],
            Mean(right, ranks),
            [.. Enumerable.Range(0, classCount).Select(c => Mean([.. right.Where((_, q) => classes[asked[q]] == c)], ranks))],
            asked.Average(i => n == 1 ? 0 : (sizes[classes[i]] - 1) / (double)(n - 1)),
            confusion, asked.Length, samePlace);
    }

    /// <summary>Mean over pictures of the share that is right up to each rank; a picture with fewer neighbours counts as far as it goes.</summary>
    private static double[] Mean(bool[][] right, int ranks)
    {
        var sums = new double[ranks];
        var counts = new int[ranks];
        foreach (var picture in right)
        {
            var so = 0;
            for (var r = 0; r < picture.Length; r++)
            {
                if (picture[r]) so++;
                sums[r] += so / (double)(r + 1);
                counts[r]++;
            }
        }

        return [.. sums.Select((sum, r) => counts[r] == 0 ? double.NaN : sum / counts[r])];
    }
}
