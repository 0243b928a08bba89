namespace Curator.Labeling.Heads;

/// <summary>Settings of one fit.</summary>
public sealed record LogisticOptions
{
    /// <summary>λ, with rows of mean squared length 1.</summary>
    public double Regularisation { get; init; } = 1e-3;

    /// <summary>0: every label weighs the same. 1: every class weighs the same. Between: a power of the inverse frequency.</summary>
    public double ClassBalance { get; init; }

    /// <summary>Length of the gradient, relative to that of the weights, at which the fit ends.</summary>
    public double Tolerance { get; init; } = 1e-5;

    public int MaximumSteps { get; init; } = 200;
}
