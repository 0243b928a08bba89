namespace Curator.Labeling.Strategies;

/// <summary>Chooses the images that a person should look at next. Implementations are stateless and deterministic: all chance comes from <see cref="QueryPool.Seed"/>.</summary>
public interface IQueryStrategy
{
    /// <summary>Kebab case, as in <c>--strategy</c>.</summary>
    string Name { get; }

    /// <summary>Why an image was picked, kept with it in the queue: one word such as <c>uncertain</c>.</summary>
    string Reason { get; }

    /// <summary>Rows of the pool, open ones only, each once, best first; fewer than asked for when fewer are open.</summary>
    IReadOnlyList<int> Select(QueryPool pool, int count, CancellationToken cancellationToken);
}
