namespace Curator.Labeling.Strategies.Objectives;

/// <summary>
/// What one row is worth by one rule, 0 or more, greater is better: a factor of <see cref="ProductStrategy"/>. Stateless; what changes while rows are chosen is in the
/// <see cref="ObjectiveRun"/>.
/// </summary>
public abstract class Objective
{
    /// <summary>Kebab case, as in <c>--strategy</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it looks at probabilities.</summary>
    public virtual bool NeedsHead => false;

    /// <summary>Why a row that it alone prefers was chosen.</summary>
    public virtual string Reason => "uncertain";

    /// <summary>Begins a choice among some rows.</summary>
    /// <param name="candidates">Open rows of the pool, ascending.</param>
    public abstract ObjectiveRun Over(QueryPool pool, IReadOnlyList<int> candidates, CancellationToken cancellationToken);
}

/// <summary>The values of one objective in one choice. Owned by that choice; not thread-safe.</summary>
/// <param name="values">[candidates], 0 or more, of the moment.</param>
public class ObjectiveRun(float[] values)
{
    /// <summary>[candidates], 0 or more.</summary>
    public ReadOnlySpan<float> Values => values;

    /// <summary>Whether <see cref="Choose"/> changes values.</summary>
    public virtual bool Changes => false;

    /// <summary>Tells that a candidate was chosen; brings the values of the others up to date.</summary>
    /// <param name="candidate">Its place among the candidates.</param>
    public virtual void Choose(int candidate)
    {
    }
}
