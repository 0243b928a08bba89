using Curator.Search.Clustering;

namespace Curator.Labeling.Strategies.Objectives;

/// <summary>
/// 1 / (1 + rows of the same cluster that have an answer or were chosen before), over k-means clusters of the pool: no part of the space is asked about twice while another
/// was asked once.
/// </summary>
internal sealed class BalanceObjective : Objective
{
    private const int Clusters = 50;
    private const int SamplesPerCluster = 64;

    public override string Name => "cluster-quota";

    public override string Reason => "cover";

    public override ObjectiveRun Over(QueryPool pool, IReadOnlyList<int> candidates, CancellationToken cancellationToken)
    {
        if (candidates.Count == 0) return new ObjectiveRun([]);
        List<int> all = [.. candidates, .. pool.AnsweredRows()];
        var options = new KMeansOptions { Clusters = Math.Min(Clusters, all.Count), Seed = pool.Seed, Iterations = 10, SamplesPerCluster = SamplesPerCluster };
        var clusters = KMeans.Run(pool.Gather(all), pool.Dimension, options, cancellationToken);
        var taken = new int[clusters.Count];
        foreach (var cluster in clusters.Assignments[candidates.Count..]) taken[cluster]++;
        return new Run(clusters.Assignments[..candidates.Count], taken, new float[candidates.Count]);
    }

    private sealed class Run : ObjectiveRun
    {
        private readonly int[] _clusters;
        private readonly int[] _taken;
        private readonly float[] _values;

        public Run(int[] clusters, int[] taken, float[] values)
            : base(values)
        {
            (_clusters, _taken, _values) = (clusters, taken, values);
            for (var i = 0; i < values.Length; i++) values[i] = 1f / (1 + taken[clusters[i]]);
        }

        public override bool Changes => true;

        public override void Choose(int candidate)
        {
            var cluster = _clusters[candidate];
            var value = 1f / (1 + ++_taken[cluster]);
            for (var i = 0; i < _values.Length; i++)
                if (_clusters[i] == cluster)
                    _values[i] = value;
        }
    }
}
