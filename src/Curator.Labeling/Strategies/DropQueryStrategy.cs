using System.Numerics.Tensors;
using Curator.Search.Clustering;

namespace Curator.Labeling.Strategies;

/// <summary>
/// DropQuery (Gupte et al., Revisiting Active Learning in the Era of Vision Foundation Models, 2024, algorithm 1): a row is a candidate when more than half of M copies with
/// features dropped at a rate ρ (the others divided by 1 − ρ) get another likeliest class than the row itself. Candidates are clustered by k-means into as many clusters as
/// rows are wanted, and the row nearest to each centre is taken. Where there are fewer candidates than wanted, the rest is the smallest margins.
/// Looks at no more than <see cref="MaximumRows"/> rows, those of the smallest margins. O(M · n) scores.
/// </summary>
/// <param name="rate">ρ; the paper's is 0.75.</param>
/// <param name="copies">M; the paper's is 3.</param>
public sealed class DropQueryStrategy(double rate = 0.75, int copies = 3) : IQueryStrategy
{
    public const int MaximumRows = 20_000;

    private const int Block = 256;

    public string Name => "dropquery";

    public string Reason => "uncertain";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var open = pool.OpenRows();
        count = Math.Min(count, open.Count);
        if (count <= 0) return [];
        var scorer = pool.HasHead && pool.Scorer is { } given ? given
            : throw new InvalidOperationException("dropquery asks the head about changed rows, and there is none: label at least one image of each class.");
        var byMargin = new MarginStrategy().Select(pool, Math.Min(open.Count, MaximumRows), cancellationToken);
        var candidates = Disagreeing(pool, [.. byMargin.Order()], scorer, cancellationToken);
        var chosen = candidates.Count <= count ? candidates : Central(pool, candidates, count, cancellationToken);
        var taken = chosen.ToHashSet();
        chosen.AddRange(byMargin.Where(row => !taken.Contains(row)).Take(count - chosen.Count));
        if (chosen.Count < count)
        {
            taken.UnionWith(chosen);
            chosen.AddRange(open.Where(row => !taken.Contains(row)).Take(count - chosen.Count));
        }
        return chosen;
    }

    /// <summary>Rows whose likeliest class changes in more than half of the copies, ascending.</summary>
    private List<int> Disagreeing(QueryPool pool, int[] rows, RowScorer scorer, CancellationToken cancellationToken)
    {
        var changed = new int[rows.Length];
        var d = pool.Dimension;
        Parallel.For(0, (rows.Length + Block - 1) / Block, b =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var random = new Random(Sampling.Seed(pool.Seed, b, 11));
            var size = Math.Min(Block, rows.Length - b * Block);
            var dropped = new float[size * d];
            var probabilities = new float[size * pool.Classes];
            for (var copy = 0; copy < copies; copy++)
            {
                for (var i = 0; i < size; i++) Drop(pool.Row(rows[b * Block + i]), dropped.AsSpan(i * d, d), random);
                scorer(dropped, probabilities);
                for (var i = 0; i < size; i++)
                {
                    var likeliest = TensorPrimitives.IndexOfMax<float>(probabilities.AsSpan(i * pool.Classes, pool.Classes));
                    if (likeliest != TensorPrimitives.IndexOfMax(pool.ProbabilitiesOf(rows[b * Block + i]))) changed[b * Block + i]++;
                }
            }
        });
        return [.. rows.Where((_, i) => 2 * changed[i] > copies)];
    }

    private void Drop(ReadOnlySpan<float> row, Span<float> target, Random random)
    {
        var scale = (float)(1 / (1 - rate));
        for (var c = 0; c < row.Length; c++) target[c] = random.NextDouble() < rate ? 0 : row[c] * scale;
    }

    /// <summary>Of each of <paramref name="count"/> clusters the row nearest to the centre.</summary>
    private static List<int> Central(QueryPool pool, List<int> candidates, int count, CancellationToken cancellationToken)
    {
        var options = new KMeansOptions { Clusters = count, Seed = pool.Seed, Iterations = 10 };
        var clusters = KMeans.Run(pool.Gather(candidates), pool.Dimension, options, cancellationToken);
        var nearest = new int[clusters.Count];
        Array.Fill(nearest, -1);
        for (var i = 0; i < candidates.Count; i++)
        {
            var cluster = clusters.Assignments[i];
            if (nearest[cluster] < 0 || clusters.Distances[i] < clusters.Distances[nearest[cluster]]) nearest[cluster] = i;
        }
        return [.. nearest.Where(i => i >= 0).Select(i => candidates[i])];
    }
}
