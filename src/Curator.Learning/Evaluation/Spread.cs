namespace Curator.Learning.Evaluation;

/// <summary>
/// What can be said of embeddings without labels. Alignment and uniformity: Wang and Isola 2020, "Understanding Contrastive Representation Learning", equations 4 and 5 with
/// α = 2 and t = 2. Effective rank: Roy and Vetterli 2007, "The effective rank", definition 1.
/// </summary>
internal static class Spread
{
    /// <summary>Mean squared distance of a picture and its view; 0 at best, at most 4.</summary>
    /// <param name="pictures">[N, D], each of length one.</param>
    /// <param name="views">[N, D], each of length one.</param>
    public static double Alignment(ReadOnlySpan<float> pictures, ReadOnlySpan<float> views, int dimension)
    {
        double sum = 0;
        for (var i = 0; i < pictures.Length; i++)
        {
            double difference = pictures[i] - views[i];
            sum += difference * difference;
        }
        return sum / (pictures.Length / dimension);
    }

    /// <summary>Logarithm of the mean of exp(−2·distance²) over pairs; the lower the more evenly they lie on the sphere.</summary>
    /// <param name="rows">[N, D], each of length one; N at least 2.</param>
    public static double Uniformity(ReadOnlySpan<float> rows, int dimension)
    {
        var count = rows.Length / dimension;
        double sum = 0;
        for (var i = 0; i < count; i++)
            for (var j = 0; j < i; j++)
            {
                double cosine = System.Numerics.Tensors.TensorPrimitives.Dot(rows.Slice(i * dimension, dimension), rows.Slice(j * dimension, dimension));
                sum += Math.Exp(-2 * (2 - (2 * cosine)));
            }
        return Math.Log(sum / (count * (count - 1) / 2.0));
    }

    /// <summary>Exponential of the entropy of the singular values' shares: 1 when all rows are multiples of one, at most D.</summary>
    /// <param name="singularValues">From 0.</param>
    public static double EffectiveRank(IReadOnlyList<double> singularValues)
    {
        var total = singularValues.Sum();
        return Math.Exp(-singularValues.Where(value => value > 0).Sum(value => value / total * Math.Log(value / total)));
    }
}
