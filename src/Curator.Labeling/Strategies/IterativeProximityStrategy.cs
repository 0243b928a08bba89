using System.Numerics.Tensors;

namespace Curator.Labeling.Strategies;

/// <summary>
/// The original's <c>iterative_proximity_sampling</c>: in steps of ten; first the most uncertain, then the greatest z + d, where z is the uncertainty ½ − |p − ½| brought to
/// mean 0 and deviation 1 over the open rows, and d the distance to the mean of those chosen so far, brought to −0.3 … 0.3.
/// </summary>
public sealed class IterativeProximityStrategy : IQueryStrategy
{
    private const int Step = 10;
    private const float Strength = 0.3f;

    public string Name => "iterative-proximity";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var open = pool.OpenRows();
        var uncertainty = open.Select(i => 0.5 - Math.Abs(pool.Positive(i) - 0.5)).ToArray();
        var mean = uncertainty.DefaultIfEmpty().Average();
        var deviation = Math.Sqrt(uncertainty.Select(u => (u - mean) * (u - mean)).DefaultIfEmpty().Average());
        var z = uncertainty.Select(u => deviation > 0 ? (u - mean) / deviation : 0).ToArray();
        var left = Enumerable.Range(0, open.Count).ToList();
        var chosen = new List<int>();
        var center = new float[pool.Dimension];
        while (chosen.Count < count && left.Count > 0)
        {
            var distances = left.Select(i => chosen.Count == 0 ? 0f : TensorPrimitives.Distance(pool.Row(open[i]), center)).ToArray();
            float low = distances.Min(), span = distances.Max() - low;
            var take = left.Select((i, place) => (Index: i, Score: z[i] + (span > 0 ? ((distances[place] - low) / span * 2 - 1) * Strength : 0)))
                .OrderByDescending(x => x.Score).ThenBy(x => x.Index).Take(Math.Min(Step, count - chosen.Count)).Select(x => x.Index).ToList();
            chosen.AddRange(take.Select(i => open[i]));
            left.RemoveAll(take.Contains);
            Array.Clear(center);
            foreach (var row in chosen) TensorPrimitives.Add(center, pool.Row(row), center);
            TensorPrimitives.Divide(center, chosen.Count, center);
        }
        return chosen;
    }
}
