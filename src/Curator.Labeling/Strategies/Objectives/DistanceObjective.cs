using System.Numerics.Tensors;
using Curator.Search;
using Curator.Search.Neighbours;

namespace Curator.Labeling.Strategies.Objectives;

/// <summary>
/// Euclidean distance to the nearest row that has an answer or was chosen before: alone it is greedy k-centre (Sener and Savarese 2018). While there is no such row, all
/// candidates are worth 1. O(n · d) a chosen row.
/// </summary>
internal sealed class DistanceObjective : Objective
{
    public override string Name => "k-centre";

    public override string Reason => "cover";

    public override ObjectiveRun Over(QueryPool pool, IReadOnlyList<int> candidates, CancellationToken cancellationToken)
    {
        var answered = pool.AnsweredRows();
        var rows = pool.Gather(candidates);
        var none = answered.Count == 0 || candidates.Count == 0;
        var values = none ? new float[candidates.Count]
            : NearestNeighbours.Between(rows, pool.Gather(answered), pool.Dimension, 1, VectorMetric.Euclidean, 0, cancellationToken).Distances;
        if (none) Array.Fill(values, 1);
        return new Run(rows, pool.Dimension, values, none);
    }

    private sealed class Run(float[] rows, int dimension, float[] values, bool none) : ObjectiveRun(values)
    {
        private const int Block = 4096;

        private readonly float[] _values = values;
        private bool _none = none;

        public override bool Changes => true;

        public override void Choose(int candidate)
        {
            var first = _none;
            _none = false;
            Parallel.For(0, (_values.Length + Block - 1) / Block, b =>
            {
                var chosen = rows.AsSpan(candidate * dimension, dimension);
                for (var i = b * Block; i < Math.Min(_values.Length, (b + 1) * Block); i++)
                {
                    var distance = TensorPrimitives.Distance(rows.AsSpan(i * dimension, dimension), chosen);
                    _values[i] = first ? distance : Math.Min(_values[i], distance);
                }
            });
        }
    }
}
