using Curator.Core;

namespace Curator.Labeling.Strategies;

/// <summary>The strategies by name, as <c>--strategy</c> takes them.</summary>
public static class QueryStrategies
{
    /// <summary>The name of the default: not one strategy but a plan over the rounds, <see cref="Schedule"/>.</summary>
    public const string ScheduleName = "schedule";

    private static readonly IQueryStrategy[] All =
    [
        new RandomStrategy(), new UncertaintyStrategy(), new BalancedUncertaintyStrategy(), new GaussianStrategy(), new PositiveStrategy(),
        new LeastConfidenceStrategy(), new MarginStrategy(), new EntropyStrategy(), new BoundaryStrategy(), new UncertainDiverseStrategy(),
        new ClusterQuotaStrategy(), new IterativeProximityStrategy(), new BadgeStrategy(), new KCentreStrategy(), new TypiClustStrategy(), new ProbCoverStrategy(),
        new SpotCheckStrategy(), new DropQueryStrategy(),
        new ProductStrategy("coral", [(StrategyText.ScoreOrMargin, 1), (StrategyText.GetObjective("k-centre"), 1)]),
    ];

    /// <summary>All names, the schedule first.</summary>
    public static IReadOnlyList<string> Names { get; } = [ScheduleName, .. All.Select(s => s.Name)];

    /// <summary>The strategy of that name, or the composition that <see cref="StrategyText"/> describes.</summary>
    /// <exception cref="WorkspaceException">No such strategy; names those there are.</exception>
    public static IQueryStrategy Get(string name) => StrategyText.IsComposed(name) ? StrategyText.Parse(name)
        : All.FirstOrDefault(s => s.Name == name)
        ?? throw new WorkspaceException(
            $"There is no query strategy '{name}'.",
            $"Use --strategy with one of: {string.Join(", ", Names)}; or with factors and strengths, such as entropy*k-centre^0.5, out of: {string.Join(", ", StrategyText.FactorNames)}.");

    /// <summary>The same, refused where it asks for scores of an outside model and there are none.</summary>
    /// <param name="hasScores">Whether the pool will have <see cref="QueryPool.Scores"/>.</param>
    /// <exception cref="WorkspaceException">No such strategy, or one that cannot be used.</exception>
    public static IQueryStrategy Get(string name, bool hasScores)
    {
        var strategy = Get(name);
        return hasScores || strategy is not ProductStrategy { NeedsScores: true } ? strategy : throw new WorkspaceException(
            $"The strategy '{name}' goes by scores of an outside model, and none are given.", "Bring some in with `curator predictions import NAME FILE`, and name them with --predictions.");
    }

    /// <summary>Whether the strategy needs probabilities; the others work before the first head.</summary>
    public static bool NeedsHead(IQueryStrategy strategy) =>
        strategy is ProductStrategy product ? product.NeedsHead : strategy is not (RandomStrategy or KCentreStrategy or TypiClustStrategy or ProbCoverStrategy);
}
