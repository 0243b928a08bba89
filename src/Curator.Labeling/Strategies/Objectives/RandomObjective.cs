namespace Curator.Labeling.Strategies.Objectives;

/// <summary>A number drawn evenly from 0 to 1 for each row: loosens the order of the other factors, the more the greater its strength.</summary>
internal sealed class RandomObjective : Objective
{
    public override string Name => "random";

    public override string Reason => "random";

    public override ObjectiveRun Over(QueryPool pool, IReadOnlyList<int> candidates, CancellationToken cancellationToken) => new(Draw(pool.Seed, candidates.Count));

    private static float[] Draw(int seed, int count)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = (float)(1 - random.NextDouble());
        return values;
    }
}
