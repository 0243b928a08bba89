using System.Numerics.Tensors;

namespace Curator.Labeling.Strategies;

/// <summary>
/// BADGE (Ash et al., Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds, 2020, algorithm 1): the gradient of the loss at the head's own guess is
/// (p − onehot(ŷ)) ⊗ x; k-means++ sampling (Arthur and Vassilvitskii 2007) over these gradients takes large ones that differ. The distance of two such outer
/// products is ‖a‖²‖x‖² + ‖b‖²‖y‖² − 2·(a·b)·(x·y), so they are never written out. O(count · n · d).
/// </summary>
public sealed class BadgeStrategy : IQueryStrategy
{
    public string Name => "badge";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var open = pool.OpenRows();
        count = Math.Min(count, open.Count);
        if (count <= 0) return [];
        var errors = open.Select(i => GuessError(pool.ProbabilitiesOf(i))).ToArray();
        var lengths = open.Select((row, i) => (double)TensorPrimitives.SumOfSquares(errors[i]) * TensorPrimitives.SumOfSquares(pool.Row(row))).ToArray();
        var random = new Random(pool.Seed);
        var first = 0;
        for (var i = 1; i < lengths.Length; i++)
            if (lengths[i] > lengths[first])
                first = i;
        var nearest = new double[open.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        var chosen = new List<int>(count);
        for (var next = first; ; next = Draw(nearest, random))
        {
            cancellationToken.ThrowIfCancellationRequested();
            chosen.Add(open[next]);
            for (var i = 0; i < open.Count; i++)
            {
                var cross = (double)TensorPrimitives.Dot<float>(errors[i], errors[next]) * TensorPrimitives.Dot(pool.Row(open[i]), pool.Row(open[next]));
                nearest[i] = Math.Min(nearest[i], Math.Max(0, lengths[i] + lengths[next] - 2 * cross));
            }
            nearest[next] = -1;
            if (chosen.Count == count) return chosen;
        }
    }

    private static float[] GuessError(ReadOnlySpan<float> probabilities)
    {
        var error = probabilities.ToArray();
        error[TensorPrimitives.IndexOfMax(probabilities)] -= 1;
        return error;
    }

    /// <summary>An item drawn with weight its squared distance; chosen ones (−1) never, the first free one where all distances are 0.</summary>
    private static int Draw(double[] nearest, Random random)
    {
        var total = nearest.Sum(d => Math.Max(0, d));
        var target = random.NextDouble() * total;
        for (var i = 0; i < nearest.Length; i++)
        {
            if (nearest[i] <= 0) continue;
            target -= nearest[i];
            if (target <= 0) return i;
        }
        return Array.FindLastIndex(nearest, d => d > 0) is var last and >= 0 ? last : Array.FindIndex(nearest, d => d >= 0);
    }
}
