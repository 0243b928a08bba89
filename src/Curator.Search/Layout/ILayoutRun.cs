namespace Curator.Search.Layout;

/// <summary>A layout that comes about step by step. Not thread-safe.</summary>
internal interface ILayoutRun
{
    /// <summary>Steps done.</summary>
    int Step { get; }

    int Steps { get; }

    /// <summary>[n × 2]; changes with every step.</summary>
    float[] Positions { get; }

    void Advance(CancellationToken cancellationToken);

    /// <summary>All that the next step depends on, [n × 2] each, the positions first: restored together with <see cref="Step"/>, a run ends as if it had never been interrupted.</summary>
    IReadOnlyList<float[]> State { get; }

    /// <summary>Goes on from a state; the arrays of <see cref="State"/> were filled before.</summary>
    void Resume(int step);
}
