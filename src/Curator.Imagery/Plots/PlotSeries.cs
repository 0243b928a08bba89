namespace Curator.Imagery.Plots;

/// <summary>One line of a plot.</summary>
/// <param name="X">Values along x; need not be sorted. Points that are not finite break the line.</param>
/// <param name="Y">As many values as <paramref name="X"/>.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>Lower edge of a pale band round the line, for intervals; with <see cref="High"/>, as many values as <see cref="X"/>.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <inheritdoc cref="Low"/>
    public IReadOnlyList<double>? High { get; init; }

    /// <summary>Broken line, for comparisons and limits.</summary>
    public bool Dashed { get; init; }

    /// <summary>A dot at each point.</summary>
    public bool Markers { get; init; }
}

/// <summary>How a plot looks.</summary>
public sealed record PlotOptions
{
    public string Title { get; init; } = "";

    public string XTitle { get; init; } = "";

    public string YTitle { get; init; } = "";

    /// <summary>Pixels.</summary>
    public int Width { get; init; } = 900;

    /// <inheritdoc cref="Width"/>
    public int Height { get; init; } = 540;

    /// <summary>End of an axis; null for that of the data.</summary>
    public double? XMin { get; init; }

    /// <inheritdoc cref="XMin"/>
    public double? XMax { get; init; }

    /// <inheritdoc cref="XMin"/>
    public double? YMin { get; init; }

    /// <inheritdoc cref="XMin"/>
    public double? YMax { get; init; }
}
