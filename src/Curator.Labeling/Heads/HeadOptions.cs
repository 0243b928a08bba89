namespace Curator.Labeling.Heads;

/// <summary>How a head is chosen from labels. The defaults serve; measured values are in docs/design/active-learning.md.</summary>
public sealed record HeadOptions
{
    /// <summary>Strengths tried, for rows of mean squared length 1.</summary>
    public IReadOnlyList<double> Regularisations { get; init; } = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

    /// <summary>λ while a class has fewer than two labels, so that nothing can be left out.</summary>
    public double FewLabelsRegularisation { get; init; } = 1e-3;

    /// <summary>How many standard errors above the smallest loss still count as equal to it.</summary>
    public double StandardErrors { get; init; } = 1;

    /// <summary><see cref="LogisticOptions.ClassBalance"/>.</summary>
    public double ClassBalance { get; init; }

    /// <summary>Parts of the cross-validation, at most as many as the rarest class has labels.</summary>
    public int Folds { get; init; } = 5;

    public int Seed { get; init; } = 1;
}
