using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Rounds;

namespace Curator.Labeling.Metrics;

/// <summary>Prices; section <c>cost</c>.</summary>
public sealed record CostOptions
{
    [Description("Seconds a person takes for one picture. Default: as measured in the task's own answers, else 2."), Range(0.01, 86_400)]
    public double? SecondsPerLabel { get; init; }

    [Description("Price of an hour of a person's time."), Range(0, 1e9)]
    public double HourPrice { get; init; } = 20;

    [Description("Price of one label beside the time, as a labeling service asks it."), Range(0, 1e9)]
    public double LabelPrice { get; init; }

    [Description("Price of an hour of the machine that learns."), Range(0, 1e9)]
    public double MachinePrice { get; init; }

    [Description("Written behind sums of money.")]
    public string Currency { get; init; } = "USD";
}

/// <summary>So much looking.</summary>
/// <param name="Labels">Pictures looked at, by each person who did.</param>
/// <param name="Minutes">Of people's time.</param>
/// <param name="Money">People's time and labels, in the currency of the prices.</param>
public sealed record LabelCost(long Labels, double Minutes, double Money)
{
    public static LabelCost operator -(LabelCost left, LabelCost right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new(left.Labels - right.Labels, left.Minutes - right.Minutes, left.Money - right.Money);
    }
}

/// <summary>What the answers of a task cost, beside looking at every picture once.</summary>
/// <param name="Measured">Whether the pace is that of this task's people; else it was told or is the default.</param>
/// <param name="Saved">Everything less what was spent; the machine is not counted against it.</param>
/// <param name="MachineMinutes">Training and measuring between the rounds.</param>
public sealed record CostReport(
    string Task, double SecondsPerLabel, bool Measured, LabelCost Spent, LabelCost Everything, LabelCost Saved, double MachineMinutes, double MachineMoney, string Currency)
{
    /// <summary>How many times less was looked at; 1 while nothing was.</summary>
    public double Factor => Spent.Labels == 0 ? 1 : (double)Everything.Labels / Spent.Labels;
}

/// <summary>
/// Labels, time and money spent and saved. A look is an answer of any kind by anybody, taken back or not; answers that were brought in from files are none. The pace is the
/// median time between two answers of one sitting, pauses of more than a minute left out; of a simulated labeler there is none.
/// </summary>
public static class CostModel
{
    /// <summary>Where nothing was measured: a yes or no by swiping takes a practised person one to three seconds; an assumption, not a measurement.</summary>
    public const double DefaultSeconds = 2;

    private const int FewestGaps = 10;
    private static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(1);

    /// <param name="images">Pictures that would have to be looked at otherwise.</param>
    public static async Task<CostReport> ReadAsync(Workspace workspace, LabelingTask task, long images, CostOptions prices, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(prices);
        var last = new Dictionary<(string Person, string Session), DateTimeOffset>();
        var gaps = new List<double>();
        long looks = 0;
        await foreach (var answer in workspace.Labels.GetEventsAsync(task.Name, 0, cancellationToken))
        {
            if (answer.Person == "import" || answer.Kind == LabelEventKind.Undo) continue;
            looks++;
            if (answer.Person == "simulated") continue;
            var sitting = (answer.Person, answer.Session);
            // A page that was offline sends many at once; the clock of the page tells when they were seen.
            var at = answer.ShownAt ?? answer.ServerAt;
            if (last.TryGetValue(sitting, out var before) && at > before && at - before <= LongestGap) gaps.Add((at - before).TotalSeconds);
            last[sitting] = at;
        }
        var machine = (await LearningLoop.GetReportsAsync(workspace, task.Name, cancellationToken)).Sum(r => r.Seconds) / 60;
        return Of(task.Name, looks, images, gaps, machine, prices);
    }

    /// <param name="gaps">Seconds between answers of one sitting; sorted in place.</param>
    internal static CostReport Of(string task, long looks, long images, List<double> gaps, double machineMinutes, CostOptions prices)
    {
        var measured = prices.SecondsPerLabel is null && gaps.Count >= FewestGaps;
        gaps.Sort();
        var seconds = prices.SecondsPerLabel ?? (measured ? gaps[gaps.Count / 2] : DefaultSeconds);
        LabelCost Cost(long labels) => new(labels, labels * seconds / 60, labels * (seconds / 3600 * prices.HourPrice + prices.LabelPrice));
        LabelCost spent = Cost(looks), everything = Cost(images);
        return new CostReport(task, seconds, measured, spent, everything, everything - spent, machineMinutes, machineMinutes / 60 * prices.MachinePrice, prices.Currency);
    }
}
