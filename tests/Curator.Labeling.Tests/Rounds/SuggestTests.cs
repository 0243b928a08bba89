using Curator.Labeling.Labelers;
using Curator.Labeling.Predictions;
using Curator.Labeling.Rounds;

namespace Curator.Labeling.Tests.Rounds;

public sealed class SuggestTests
{
    private static readonly LearnOptions Options = new() { LabelBudget = 60, RoundSize = 20 };

    [Fact]
    public async Task Suggestions_are_what_the_next_round_asks_and_store_nothing()
    {
        await using var site = await MakeAsync();
        var token = TestContext.Current.CancellationToken;
        var first = await LearningLoop.SuggestAsync(site.Workspace, site.Task, site.Example, Options, 20, token);
        Assert.All(first, item => Assert.True(float.IsNaN(item.Probability)));
        Assert.Empty(await site.Workspace.Labels.GetRoundsAsync("rare", token));
        await LearningLoop.RunAsync(site.Workspace, site.Task, site.Example, Options with { Rounds = 0 }, new SimulatedLabeler(site.Truth), null, token);
        Assert.Equal(first.Select(i => i.Image), (await site.Workspace.Labels.GetQueueAsync("rare", 0, token)).Select(i => i.Image));
        var second = await LearningLoop.SuggestAsync(site.Workspace, site.Task, site.Example, Options, 20, token);
        await LearningLoop.RunAsync(site.Workspace, site.Task, site.Example, Options with { Rounds = 1 }, new SimulatedLabeler(site.Truth), null, token);
        var asked = await site.Workspace.Labels.GetQueueAsync("rare", 1, token);
        Assert.Equal(asked.Select(i => (i.Image, i.Probability, i.Reason)), second.Select(i => (i.Image, i.Probability, i.Reason)));
        Assert.All(second, item => Assert.InRange(item.Probability, 0, 1));
    }

    [Fact]
    public async Task More_than_the_budget_may_be_asked_for_and_answered_pictures_never_come()
    {
        await using var site = await MakeAsync();
        var token = TestContext.Current.CancellationToken;
        await LearningLoop.RunAsync(site.Workspace, site.Task, site.Example, Options, new SimulatedLabeler(site.Truth), null, token);
        var answered = (await site.Workspace.Labels.GetStatesAsync("rare", token)).Select(s => s.Image).ToHashSet();
        var items = await LearningLoop.SuggestAsync(site.Workspace, site.Task, site.Example, Options, 1000, token);
        Assert.Equal(site.Images.Count - answered.Count, items.Count);
        Assert.DoesNotContain(items, i => answered.Contains(i.Image));
        Assert.Equal(items.Count, items.Select(i => i.Image).Distinct().Count());
    }

    [Fact]
    public async Task Outside_scores_reach_the_strategies_of_rounds()
    {
        await using var site = await MakeAsync();
        var token = TestContext.Current.CancellationToken;
        var predictions = new List<ImagePrediction>();
        for (var i = 0; i < site.Images.Count; i += 2)
            predictions.Add(new ImagePrediction((await site.Workspace.GetImageAsync(site.Images[i], token)).Uri, [0.5f + 0.001f * i, 0.5f - 0.001f * i]));
        await PredictionStore.ImportAsync(site.Workspace, "outside", new PredictionSet(PredictionKind.Classification, ["a", "b"], predictions), "csv", "f.csv", token);
        var scores = await OutsideScores.OfAsync(site.Workspace, "outside", "margin", site.Images, token);
        Assert.Equal(site.Images.Select((_, i) => i % 2 == 0 ? 1 - 0.002f * i : 0), scores.Select(s => MathF.Round(s, 5)), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Empty(await OutsideScores.OfAsync(site.Workspace, null, null, site.Images, token));
    }

    private static Task<SyntheticWorkspace> MakeAsync() => SyntheticWorkspace.MakeAsync(Mixture.Draw(200, 6, 5, 2, 0.3, 0.4, seed: 5), 2);
}
