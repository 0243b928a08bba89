using Curator.Labeling.Strategies;

namespace Curator.Labeling.Tests.Strategies;

/// <summary>Random pools, seeded: rows in clusters, coarse probabilities so that ties occur, some rows answered, some closed.</summary>
internal static class Pools
{
    public static QueryPool Draw(int count, int dimension, int classes, int seed, double answered = 0.2)
    {
        var random = new Random(seed);
        var rows = Mixture.Draw(count, dimension, 5, 2, 0.3, 0.4, seed).Rows;
        var probabilities = new float[count * classes];
        var answers = new int[count];
        for (var i = 0; i < count; i++)
        {
            var weights = Enumerable.Range(0, classes).Select(_ => random.Next(1, 12)).ToArray();
            for (var k = 0; k < classes; k++) probabilities[i * classes + k] = weights[k] / (float)weights.Sum();
            var draw = random.NextDouble();
            answers[i] = draw < answered ? random.Next(classes) : draw < answered + 0.1 ? QueryPool.Closed : QueryPool.Open;
        }
        return new QueryPool(rows, dimension, classes, probabilities, answers, seed) { Scorer = (given, scores) => Softmax(given, dimension, scores, classes) };
    }

    /// <summary>A head of its own: class k looks at feature k.</summary>
    private static void Softmax(ReadOnlySpan<float> rows, int dimension, Span<float> probabilities, int classes)
    {
        for (var i = 0; i < rows.Length / dimension; i++)
        {
            var target = probabilities.Slice(i * classes, classes);
            for (var k = 0; k < classes; k++) target[k] = MathF.Exp(rows[i * dimension + k % dimension]);
            System.Numerics.Tensors.TensorPrimitives.Divide(target, System.Numerics.Tensors.TensorPrimitives.Sum<float>(target), target);
        }
    }

    public static List<int> Open(QueryPool pool) => [.. Enumerable.Range(0, pool.Count).Where(i => pool.Answers.Span[i] == QueryPool.Open)];

    public static double Distance(QueryPool pool, int a, int b)
    {
        double sum = 0;
        for (var c = 0; c < pool.Dimension; c++) sum += Math.Pow((double)pool.Row(a)[c] - pool.Row(b)[c], 2);
        return Math.Sqrt(sum);
    }
}
