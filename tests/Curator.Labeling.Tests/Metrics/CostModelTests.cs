using Curator.Core.Labels;
using Curator.Labeling.Metrics;

namespace Curator.Labeling.Tests.Metrics;

public sealed class CostModelTests
{
    private static readonly CostOptions Prices = new() { HourPrice = 30, LabelPrice = 0.01, MachinePrice = 0.6, Currency = "EUR" };

    [Fact]
    public void Spent_and_saved_add_up_to_looking_at_everything()
    {
        var cost = CostModel.Of("t", 400, 10_000, [], machineMinutes: 10, Prices with { SecondsPerLabel = 1.5 });
        Assert.Equal((400, 10.0), (cost.Spent.Labels, cost.Spent.Minutes));
        Assert.Equal(400 * (1.5 / 3600 * 30 + 0.01), cost.Spent.Money, 9);
        Assert.Equal((10_000, 250.0), (cost.Everything.Labels, cost.Everything.Minutes));
        Assert.Equal(cost.Everything.Money - cost.Spent.Money, cost.Saved.Money, 9);
        Assert.Equal(25, cost.Factor);
        Assert.Equal(0.1, cost.MachineMoney, 9);
        Assert.False(cost.Measured);
    }

    [Fact]
    public void The_pace_is_the_median_gap_once_there_are_enough()
    {
        List<double> gaps = [1, 1, 1, 2, 2, 3, 9, 1, 50, 2, 2];
        var cost = CostModel.Of("t", 11, 100, gaps, 0, Prices);
        Assert.True(cost.Measured);
        Assert.Equal(2, cost.SecondsPerLabel);
        Assert.False(CostModel.Of("t", 3, 100, [1, 1], 0, Prices).Measured);
        Assert.Equal(CostModel.DefaultSeconds, CostModel.Of("t", 3, 100, [1, 1], 0, Prices).SecondsPerLabel);
    }

    [Fact]
    public async Task Every_look_counts_and_imported_answers_and_pauses_do_not()
    {
        await using var site = await SyntheticWorkspace.MakeAsync(Mixture.Draw(60, 4, 3, 1, 0.3, 0.4, seed: 5));
        var token = TestContext.Current.CancellationToken;
        var start = DateTimeOffset.UnixEpoch;
        NewLabelEvent Answer(int i, string person, LabelEventKind kind, double seconds) =>
            new($"op-{person}-{i}-{kind}", "rare", site.Images[i], person, "sitting", kind, kind == LabelEventKind.Label ? "no" : null, start.AddSeconds(seconds));
        for (var i = 0; i < 12; i++) await site.Workspace.Labels.AppendAsync(Answer(i, "ann", LabelEventKind.Label, 3 * i + (i > 6 ? 600 : 0)), token);
        await site.Workspace.Labels.AppendAsync(Answer(11, "ann", LabelEventKind.Undo, 640), token);
        await site.Workspace.Labels.AppendAsync(Answer(11, "ann", LabelEventKind.Unsure, 642), token);
        await site.Workspace.Labels.AppendAsync(Answer(3, "ben", LabelEventKind.Label, 0), token);
        await site.Workspace.Labels.AppendAsync(Answer(20, "import", LabelEventKind.Label, 0), token);
        var cost = await CostModel.ReadAsync(site.Workspace, site.Task, 60, Prices, token);
        Assert.Equal(14, cost.Spent.Labels);
        Assert.True(cost.Measured);
        Assert.Equal(3, cost.SecondsPerLabel);
    }
}
