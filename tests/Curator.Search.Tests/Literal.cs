namespace Curator.Search.Tests;

/// <summary>The slow, obvious forms in double precision, against which the fast ones are checked.</summary>
internal static class Literal
{
    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    public static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return sum;
    }

    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b, VectorMetric metric)
    {
        if (metric == VectorMetric.Euclidean) return Math.Sqrt(SquaredDistance(a, b));
        var lengths = Math.Sqrt(Dot(a, a)) * Math.Sqrt(Dot(b, b));
        return lengths > 0 ? 1 - (Dot(a, b) / lengths) : 1;
    }

    /// <summary>Sum of absolute products: what the rounding error of a dot product is proportional to.</summary>
    public static double Magnitude(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += Math.Abs((double)a[i] * b[i]);
        return sum;
    }

    /// <summary>Row numbers by ascending distance from the query, ties by row.</summary>
    public static (int Row, double Distance)[] Ranked(ReadOnlySpan<float> query, float[] rows, int dimension, VectorMetric metric)
    {
        var ranked = new (int Row, double Distance)[rows.Length / dimension];
        for (var i = 0; i < ranked.Length; i++)
            ranked[i] = (i, Distance(query, rows.AsSpan(i * dimension, dimension), metric));
        return [.. ranked.OrderBy(r => r.Distance).ThenBy(r => r.Row)];
    }
}
