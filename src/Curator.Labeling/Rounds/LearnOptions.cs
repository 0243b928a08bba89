using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Labeling.Rounds;

/// <summary>How a task is learned; section <c>learn</c>.</summary>
public sealed record LearnOptions
{
    [Description("Labels at most, seed included. Default: budget-share of the images, at most budget-cap."), Range(2, int.MaxValue)]
    public int? LabelBudget { get; init; }

    [Description("Labels at most as a share of the images."), Range(0, 1)]
    public double BudgetShare { get; init; } = 0.1;

    [Description("Most labels that the share may come to."), Range(2, int.MaxValue)]
    public int BudgetCap { get; init; } = 2000;

    [Description("Images asked in a round. Default: a twentieth of the budget, from 10 to 100."), Range(1, 100_000)]
    public int? RoundSize { get; init; }

    [Description("Rounds at most, the seed not counted."), Range(0, 100_000)]
    public int Rounds { get; init; } = 1000;

    [Description("Stop when F1 is at least this with 97.5 % confidence. Default: never."), Range(0, 1)]
    public double? TargetF1 { get; init; }

    [Description("Stop when so many rounds in a row found no positive. 0: never."), Range(0, 100_000)]
    public int Patience { get; init; } = 5;

    [Description("Which images are asked next: schedule, a query strategy by name, or several with strengths, such as entropy*k-centre^0.5."), Required]
    public string Strategy { get; init; } = Strategies.QueryStrategies.ScheduleName;

    [Description("Share of each round drawn over all score bands, for honest numbers."), Range(0, 0.9)]
    public double HoldoutShare { get; init; } = 0.1;

    [Description("Share of each round that looks into parts of the archive nobody has seen, until there are none."), Range(0, 0.9)]
    public double CoverShare { get; init; } = 0.3;

    [Description("Share of each round given to the likeliest positives."), Range(0, 0.9)]
    public double LikelyShare { get; init; }

    [Description("Rounds work on so many images; a larger archive is sampled."), Range(100, 2_000_000)]
    public int SampleSize { get; init; } = 100_000;

    [Description("Predictions of an outside model whose scores the strategy goes by (coral, top-n …). Default: none.")]
    public string? Predictions { get; init; }

    [Description("Which score of the predictions counts. Default: least-confidence.")]
    public string? Score { get; init; }

    [Description("Seed of all chance.")]
    public int Seed { get; init; } = 1;

    /// <summary>Labels at most for a pool of <paramref name="images"/>.</summary>
    public int BudgetFor(long images) =>
        (int)Math.Min(images, LabelBudget ?? Math.Clamp((long)Math.Round(images * BudgetShare), Math.Min(2, BudgetCap), BudgetCap));

    /// <summary>Images asked in a round with that budget.</summary>
    public int RoundSizeFor(int budget) => RoundSize ?? Math.Clamp(budget / 20, 10, 100);
}
