namespace Curator.Labeling.Strategies.Objectives;

/// <summary>An objective that looks at one row at a time and does not change while rows are chosen.</summary>
/// <param name="value">Of a row of the pool, 0 to 1.</param>
internal sealed class RowObjective(string name, bool needsHead, Func<QueryPool, int, double> value, string reason = "uncertain") : Objective
{
    public override string Name => name;

    public override bool NeedsHead => needsHead;

    public override string Reason => reason;

    public override ObjectiveRun Over(QueryPool pool, IReadOnlyList<int> candidates, CancellationToken cancellationToken)
    {
        var values = new float[candidates.Count];
        for (var i = 0; i < values.Length; i++) values[i] = (float)Math.Max(0, value(pool, candidates[i]));
        return new ObjectiveRun(values);
    }
}
