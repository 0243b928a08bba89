using System.Globalization;
using Curator.Core;
using Curator.Labeling.Strategies.Objectives;

namespace Curator.Labeling.Strategies;

/// <summary>
/// What <c>--strategy</c> takes: <c>name</c>, or factors with strengths, <c>name^strength*name^strength</c>, where <c>^1</c> may be left out: <c>entropy*k-centre^0.5</c>.
/// Factors are the objectives below; a name alone may be any strategy.
/// </summary>
public static class StrategyText
{
    /// <summary>The factor that is an outside model's score.</summary>
    internal const string ScoreName = "score";

    private static readonly Objective[] Objectives =
    [
        new RowObjective("uncertainty", true, (pool, i) => 1 - 2 * Math.Abs(pool.Positive(i) - 0.5)),
        new RowObjective("least-confidence", true, (pool, i) => (1 - Largest(pool, i)) / (1 - 1.0 / pool.Classes)),
        new RowObjective("margin", true, (pool, i) => 1 - MarginStrategy.Margin(pool.ProbabilitiesOf(i))),
        new RowObjective("entropy", true, (pool, i) => -EntropyStrategy.NegativeEntropy(pool.ProbabilitiesOf(i)) / Math.Log(pool.Classes)),
        new RowObjective("positive", true, (pool, i) => pool.Positive(i), "likely"),
        new RowObjective(ScoreName, false, OutsideScore),
        new DistanceObjective(), new BalanceObjective(), new RandomObjective(),
        new RowObjective("top-n", false, (_, _) => 1),
    ];

    /// <summary>What CORAL multiplies with distance: an outside model's score where there is one, else the margin.</summary>
    internal static Objective ScoreOrMargin { get; } =
        new RowObjective("score-or-margin", true, (pool, i) => pool.HasScores ? pool.Scores.Span[i] : 1 - MarginStrategy.Margin(pool.ProbabilitiesOf(i)));

    /// <summary>Names that may be factors.</summary>
    public static IReadOnlyList<string> FactorNames { get; } = [.. Objectives.Select(o => o.Name)];

    /// <summary>The objective of that name.</summary>
    /// <exception cref="WorkspaceException">No such objective; names those there are.</exception>
    public static Objective GetObjective(string name) =>
        Array.Find(Objectives, o => o.Name == name)
        ?? throw new WorkspaceException($"'{name}' cannot be a factor of a strategy.", $"Use factors out of: {string.Join(", ", FactorNames)}; for example entropy*k-centre^0.5.");

    /// <summary>A composed strategy.</summary>
    /// <param name="text">With at least one <c>*</c> or <c>^</c>.</param>
    /// <exception cref="WorkspaceException">An unknown factor, or a strength that is no number above 0.</exception>
    public static ProductStrategy Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new ProductStrategy(text, [.. text.Split('*').Select(Factor)]);
    }

    /// <summary>Whether the text is a composition, not a name.</summary>
    internal static bool IsComposed(string text) => text.AsSpan().ContainsAny('*', '^');

    private static (Objective Objective, double Strength) Factor(string text)
    {
        var parts = text.Trim().Split('^');
        double strength = 1;
        if (parts.Length > 2 || (parts.Length == 2 && !(double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out strength) && strength > 0 && double.IsFinite(strength))))
            throw new WorkspaceException($"'{text.Trim()}' is no factor with a strength above 0.", "Write for example entropy*k-centre^0.5.");
        return (GetObjective(parts[0].Trim()), strength);
    }

    private static float Largest(QueryPool pool, int row) => System.Numerics.Tensors.TensorPrimitives.Max(pool.ProbabilitiesOf(row));

    private static double OutsideScore(QueryPool pool, int row) => pool.HasScores ? pool.Scores.Span[row]
        : throw new InvalidOperationException("The factor 'score' needs scores of an outside model, and there are none.");
}
