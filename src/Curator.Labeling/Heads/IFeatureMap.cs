namespace Curator.Labeling.Heads;

/// <summary>What stands between scaled rows and the linear part of a head. Immutable, thread-safe.</summary>
public interface IFeatureMap
{
    /// <summary>d, of the scaled rows.</summary>
    int Dimension { get; }

    /// <summary>Numbers of a mapped row.</summary>
    int OutputDimension { get; }

    /// <param name="rows">[n, d], scaled.</param>
    /// <param name="mapped">[n, OutputDimension].</param>
    void Map(ReadOnlySpan<float> rows, Span<float> mapped);
}
