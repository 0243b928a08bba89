using Curator.Search.Layout;

namespace Curator.Search.Tests.Layout;

/// <summary>The layouts' definitions as sums over all pairs, in double precision.</summary>
internal static class LiteralLayout
{
    /// <summary>A quarter of the gradient of KL(P‖Q): Σⱼ (e pᵢⱼ − qᵢⱼ)(yᵢ − yⱼ)/(1 + |yᵢ − yⱼ|²), van der Maaten and Hinton 2008, equation 5.</summary>
    public static double[] TsneGradient(NeighbourGraph graph, float[] positions, double exaggeration)
    {
        var n = graph.Count;
        double normaliser = 0;
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                if (i != j)
                    normaliser += Similarity(positions, i, j);
        var gradient = new double[2 * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                if (i == j) continue;
                var similarity = Similarity(positions, i, j);
                var factor = ((exaggeration * Weight(graph, i, j)) - (similarity / normaliser)) * similarity;
                gradient[2 * i] += factor * (positions[2 * i] - (double)positions[2 * j]);
                gradient[(2 * i) + 1] += factor * (positions[(2 * i) + 1] - (double)positions[(2 * j) + 1]);
            }
        }

        return gradient;
    }

    public static double Similarity(float[] positions, int i, int j)
    {
        double dx = (double)positions[2 * i] - positions[2 * j], dy = (double)positions[(2 * i) + 1] - positions[(2 * j) + 1];
        return 1 / (1 + (dx * dx) + (dy * dy));
    }

    public static double Weight(NeighbourGraph graph, int i, int j)
    {
        double weight = 0;
        for (var e = graph.Starts[i]; e < graph.Starts[i + 1]; e++)
            if (graph.Points[e] == j)
                weight += graph.Weights[e];
        return weight;
    }

    /// <summary>Venna and Kaski 2001, and the share of neighbours kept; all points, ties by row.</summary>
    public static (double Trustworthiness, double Kept) Quality(float[] rows, int dimension, float[] positions, int k)
    {
        var n = positions.Length / 2;
        double penalty = 0, kept = 0;
        for (var i = 0; i < n; i++)
        {
            var high = Literal.Ranked(rows.AsSpan(i * dimension, dimension), rows, dimension, VectorMetric.Cosine).Select(r => r.Row).Where(r => r != i).ToList();
            var low = Literal.Ranked(positions.AsSpan(2 * i, 2), positions, 2, VectorMetric.Euclidean).Select(r => r.Row).Where(r => r != i).Take(k).ToList();
            foreach (var j in low)
            {
                var rank = high.IndexOf(j) + 1;
                if (rank > k) penalty += rank - k;
                else kept++;
            }
        }

        return (1 - (2 * penalty / (n * k * ((2.0 * n) - (3 * k) - 1))), kept / (n * (double)k));
    }
}
