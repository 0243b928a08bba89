using Curator.Search;
using Curator.Search.Clustering;
using Curator.Search.Neighbours;

namespace Curator.Labeling.Strategies;

/// <summary>
/// ProbCover (Yehuda et al., Active Learning Through a Covering Lens, 2022, algorithm 1): balls of radius δ around answered rows are covered; again and again the
/// row whose ball holds the most rows not covered yet. δ is the greatest for which 95 % of the balls are pure under k-means pseudo-labels
/// (their §4.2): the 5 % quantile of the distance to the nearest row of another cluster. Works on at most <see cref="MaximumRows"/> rows, drawn evenly.
/// </summary>
/// <param name="radius">δ in the scaled space, or 0 to choose it.</param>
public sealed class ProbCoverStrategy(float radius = 0) : IQueryStrategy
{
    public const int MaximumRows = 10_000;

    private const int PseudoClasses = 10;
    private const int PurityRows = 1000;
    private const double Impure = 0.05;

    public string Name => "probcover";

    public string Reason => "cover";

    public IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken)
    {
        var usable = Sampling.Evenly(pool.OpenRows(), MaximumRows);
        count = Math.Min(count, usable.Count);
        if (count <= 0) return [];
        List<int> all = [.. usable, .. pool.AnsweredRows()];
        var rows = pool.Gather(all);
        var delta = radius > 0 ? radius : PureRadius(rows, pool.Dimension, pool.Seed, cancellationToken);
        var balls = NearestNeighbours.WithinRadius(rows, pool.Dimension, delta, VectorMetric.Euclidean, 0, cancellationToken);
        var covered = new bool[all.Count];
        var gain = new int[all.Count];
        for (var i = 0; i < all.Count; i++) gain[i] = balls.RowsOf(i).Length;
        for (var i = usable.Count; i < all.Count; i++) Cover(i);
        var taken = new bool[usable.Count];
        var chosen = new List<int>(count);
        while (chosen.Count < count)
        {
            var best = -1;
            for (var i = 0; i < usable.Count; i++)
                if (!taken[i] && (best < 0 || gain[i] > gain[best]))
                    best = i;
            taken[best] = true;
            chosen.Add(usable[best]);
            Cover(best);
        }
        return chosen;

        void Cover(int center)
        {
            foreach (var row in balls.RowsOf(center))
            {
                if (covered[row]) continue;
                covered[row] = true;
                // Distances are symmetric: the balls that hold this row are those of the rows in its ball.
                foreach (var other in balls.RowsOf(row)) gain[other]--;
            }
        }
    }

    /// <summary>The greatest radius at which 95 % of balls hold rows of one k-means cluster only.</summary>
    internal static float PureRadius(float[] rows, int dimension, int seed, CancellationToken cancellationToken)
    {
        var options = new KMeansOptions { Clusters = PseudoClasses, Seed = seed, Iterations = 10 };
        var clusters = KMeans.Run(rows, dimension, options, cancellationToken);
        var probes = Sampling.Evenly([.. Enumerable.Range(0, clusters.Assignments.Length)], PurityRows);
        var distances = new List<float>();
        for (var c = 0; c < clusters.Count; c++)
        {
            var inside = Copy(probes.Where(i => clusters.Assignments[i] == c));
            var outside = Copy(Enumerable.Range(0, clusters.Assignments.Length).Where(i => clusters.Assignments[i] != c));
            if (inside.Length > 0 && outside.Length > 0)
                distances.AddRange(NearestNeighbours.Between(inside, outside, dimension, 1, VectorMetric.Euclidean, 0, cancellationToken).Distances);
        }
        if (distances.Count == 0) return 1;
        distances.Sort();
        return distances[(int)(Impure * distances.Count)];

        float[] Copy(IEnumerable<int> indices)
        {
            var list = indices.ToArray();
            var copy = new float[list.Length * dimension];
            for (var i = 0; i < list.Length; i++) rows.AsSpan(list[i] * dimension, dimension).CopyTo(copy.AsSpan(i * dimension));
            return copy;
        }
    }
}
