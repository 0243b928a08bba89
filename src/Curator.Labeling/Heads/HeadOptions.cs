namespace Curator.Labeling.Heads;

/// <summary>How a head is chosen from labels. The defaults serve; measured values are in docs/design/active-learning.md.</summary>
public sealed record HeadOptions
{
    /// <summary>Strengths tried, for rows of mean squared length 1.</summary>
    public IReadOnlyList<double> Regularisations { get; init; } = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

    /// <summary>λ while a class has fewer than two labels, so that nothing can be left out, or one of two fewer than <see cref="FewestOfTwo"/>.</summary>
    public double FewLabelsRegularisation { get; init; } = 1e-3;

    /// <summary>
    /// Labels of each of two classes from which λ and calibration are chosen by leaving labels out. Of two or three positives those left out are scored by heads of one or two, which says
    /// more of chance than of the archive.
    /// </summary>
    public int FewestOfTwo { get; init; } = 5;

    /// <summary>How many standard errors above the smallest loss still count as equal to it.</summary>
    public double StandardErrors { get; init; } = 1;

    /// <summary><see cref="LogisticOptions.ClassBalance"/>.</summary>
    public double ClassBalance { get; init; }

    /// <summary>Parts of the cross-validation, at most as many as the rarest class has labels.</summary>
    public int Folds { get; init; } = 5;

    /// <summary><see cref="KernelFeatures.Count"/>; 0 for a linear head.</summary>
    public int KernelCount { get; init; } = 1024;

    /// <summary><see cref="KernelFeatures.Gamma"/>.</summary>
    public float KernelGamma { get; init; } = 1;

    /// <summary>Hidden units of a small network (<see cref="NetworkTrainer"/>) in place of kernel features; 0 for none.</summary>
    public int HiddenUnits { get; init; }

    /// <summary>λ of a small network, which is not chosen by cross-validation.</summary>
    public double NetworkRegularisation { get; init; } = 1e-3;

    /// <summary>Of the folds, of the kernel features and of a network's first weights.</summary>
    public int Seed { get; init; } = 1;
}
