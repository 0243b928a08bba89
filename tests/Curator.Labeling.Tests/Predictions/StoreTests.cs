using Curator.Core;
using Curator.Core.Images;
using Curator.Labeling.Predictions;
using Curator.Labeling.Strategies;

namespace Curator.Labeling.Tests.Predictions;

public sealed class StoreTests
{
    private static readonly string[] Classes = ["a", "b", "c"];

    public static TheoryData<string> Strategies => [.. QueryStrategies.Names.Where(n => n is not (QueryStrategies.ScheduleName or "dropquery")), "score^1", "score*k-centre^0.5"];

    [Fact]
    public async Task What_was_imported_is_found_again_by_image_id_over_partitions()
    {
        await using var site = await MakeAsync(partitions: 3);
        var set = await DrawAsync(site, every: 2);
        var report = await ImportAsync(site, set);
        Assert.Empty(report.Unknown);
        using var scores = await OpenAsync(site);
        Assert.Equal(site.Images.Where((_, i) => i % 2 == 0).Order(), scores.Images);
        var p = new float[3];
        var expected = new float[3];
        for (var i = 0; i < site.Images.Count; i++)
        {
            Assert.Equal(i % 2 == 0, scores.Has(site.Images[i]));
            if (i % 2 != 0) continue;
            scores.Probabilities(site.Images[i], p);
            Assert.Equal(set.Images[i / 2].Probabilities, p);
            ClassificationScorer.Score(p, expected);
            Assert.Equal(expected, Enumerable.Range(0, 3).Select(s => scores.Score(site.Images[i], s)));
        }
        Assert.False(scores.Has(new ImageId(99, 0)));
        Assert.Equal(1, scores.ColumnOf("margin"));
        Assert.Throws<WorkspaceException>(() => scores.ColumnOf("objectness"));
    }

    [Fact]
    public async Task A_certain_prediction_is_no_missing_one()
    {
        await using var site = await MakeAsync();
        await ImportAsync(site, new PredictionSet(PredictionKind.Classification, ["a", "b"], [new ImagePrediction(await NameAsync(site, 4), [1, 0])]));
        using var scores = await OpenAsync(site);
        Assert.Equal([site.Images[4]], scores.Images);
        Assert.Equal(0, scores.Score(site.Images[4], 0));
    }

    [Fact]
    public async Task Unknown_names_are_told_and_none_known_is_an_error()
    {
        await using var site = await MakeAsync();
        var report = await ImportAsync(site, new PredictionSet(
            PredictionKind.Detection, ["x"], [new ImagePrediction("elsewhere.jpg", [], []), new ImagePrediction(await NameAsync(site, 0), [], [new Detection(0, 0.5f)])]));
        Assert.Equal(["elsewhere.jpg"], report.Unknown);
        Assert.Equal(1, report.Predictions.Boxes);
        await Assert.ThrowsAsync<WorkspaceException>(() => ImportAsync(site, new PredictionSet(PredictionKind.Detection, ["x"], [new ImagePrediction("elsewhere.jpg", [], [])])));
        var name = await NameAsync(site, 0);
        await Assert.ThrowsAsync<WorkspaceException>(() => ImportAsync(site, new PredictionSet(PredictionKind.Detection, ["x"], [new(name, [], []), new(string.Join('/', name.Split('/')[^3..]), [], [])])));
    }

    [Fact]
    public async Task Files_of_another_import_are_refused()
    {
        await using var site = await MakeAsync();
        await ImportAsync(site, await DrawAsync(site, every: 2));
        var partition = (await site.Workspace.Catalog.GetPartitionsAsync(TestContext.Current.CancellationToken)).Single();
        var path = site.Workspace.PredictionPath(partition, "outside");
        File.Copy(path, site["kept"]);
        await ImportAsync(site, await DrawAsync(site, every: 3));
        (await OpenAsync(site)).Dispose();
        File.Copy(site["kept"], path, overwrite: true); // as a kill between file and catalog leaves it
        var error = await Assert.ThrowsAsync<EmbeddingStoreException>(() => OpenAsync(site));
        Assert.Contains("curator predictions import outside", error.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task Every_strategy_chooses_by_outside_scores(string strategy)
    {
        await using var site = await MakeAsync(partitions: 2);
        await ImportAsync(site, await DrawAsync(site, every: 2));
        var report = await SelectAsync(site, 12, new SelectOptions { Strategy = strategy, Class = "b" });
        Assert.Equal(12, report.Images.Count);
        Assert.Equal(12, report.Images.Select(i => i.Image).Distinct().Count());
        Assert.All(report.Images, i => Assert.Equal(0, site.Images.IndexOf(i.Image) % 2));
        Assert.All(report.Images, i => Assert.InRange(i.Probability, 0, 1));
        Assert.Equal(60, report.WithoutPrediction);
        Assert.Equal(report.Images, (await SelectAsync(site, 12, new SelectOptions { Strategy = strategy, Class = "b" })).Images);
    }

    [Fact]
    public async Task Uncertainty_follows_the_class_that_is_looked_for_and_answered_pictures_are_left_out()
    {
        await using var site = await MakeAsync();
        var set = await DrawAsync(site, every: 1);
        await ImportAsync(site, set);
        var nearest = set.Images.Select((image, i) => (Image: site.Images[i], Far: Math.Abs(image.Probabilities[1] - 0.5))).OrderBy(e => e.Far).ThenBy(e => e.Image).Select(e => e.Image).ToList();
        var options = new SelectOptions { Strategy = "uncertainty", Class = "b" };
        Assert.Equal(nearest.Take(10), (await SelectAsync(site, 10, options)).Images.Select(i => i.Image));
        await site.AnswerAsync(nearest[0], "yes");
        var next = await Selection.SelectAsync(site.Workspace, null, site.Task, 10, options, TestContext.Current.CancellationToken);
        Assert.Equal(nearest.Skip(1).Take(10), next.Images.Select(i => i.Image));
    }

    [Fact]
    public async Task Of_too_many_candidates_the_highest_scores_stay()
    {
        await using var site = await MakeAsync();
        var set = await DrawAsync(site, every: 1);
        await ImportAsync(site, set);
        var report = await SelectAsync(site, 100, new SelectOptions { Strategy = "random", SampleSize = 100, Score = "entropy" });
        Assert.Equal(100, report.Candidates);
        var scores = set.Images.Select((image, i) => (Image: site.Images[i], Score: ClassificationScorer.Entropy(image.Probabilities))).OrderByDescending(e => e.Score).Take(100).Select(e => e.Image);
        Assert.Equal(scores.Order(), report.Images.Select(i => i.Image).Order());
    }

    [Fact]
    public async Task Without_predictions_the_most_different_pictures_are_chosen_and_uncertainty_is_refused()
    {
        await using var site = await MakeAsync();
        Assert.Equal("k-centre", (await SelectAsync(site, 5, new SelectOptions())).Strategy);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => SelectAsync(site, 5, new SelectOptions { Strategy = "entropy" }));
        Assert.Contains("curator predictions import", error.NextStep, StringComparison.Ordinal);
        Assert.Contains("curator predictions import", (await Assert.ThrowsAsync<WorkspaceException>(() => SelectAsync(site, 5, new SelectOptions { Strategy = "score^1" }))).NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coral_multiplies_the_outside_score_with_the_distance_to_what_was_chosen()
    {
        await using var site = await MakeAsync();
        await ImportAsync(site, await DrawAsync(site, every: 1));
        using var scores = await OpenAsync(site);
        var column = scores.ColumnOf("entropy");
        // The literal rule: first the highest score, for nothing is chosen yet; then again and again the largest score · distance to the nearest chosen one.
        using var source = await Curator.Labeling.Rounds.EmbeddingSource.OpenAsync(site.Workspace, null, TestContext.Current.CancellationToken);
        var rows = source.Read(site.Images);
        Curator.Labeling.Rounds.HeadTrainer.FitScaler(source).Apply(rows, rows);
        float[] Row(int i) => rows[(i * 6)..(i * 6 + 6)];
        var chosen = new List<int>();
        while (chosen.Count < 8)
            chosen.Add(Enumerable.Range(0, site.Images.Count).Except(chosen).MaxBy(i =>
                scores.Score(site.Images[i], column) * (chosen.Count == 0 ? 1.0 : chosen.Min(c => Math.Sqrt(Row(i).Zip(Row(c), (a, b) => ((double)a - b) * (a - b)).Sum())))));
        var report = await SelectAsync(site, 8, new SelectOptions { Strategy = "coral", Score = "entropy" });
        Assert.Equal(chosen.Select(i => site.Images[i]), report.Images.Select(i => i.Image));
        var refused = await Assert.ThrowsAsync<WorkspaceException>(() => SelectAsync(site, 8, new SelectOptions { Strategy = "dropquery" }));
        Assert.Contains("coral", refused.NextStep, StringComparison.Ordinal);
    }

    private static Task<SyntheticWorkspace> MakeAsync(int partitions = 1) =>
        SyntheticWorkspace.MakeAsync(Mixture.Draw(120, 6, 5, 2, 0.3, 0.4, seed: 5), partitions);

    private static async Task<PredictionSet> DrawAsync(SyntheticWorkspace site, int every)
    {
        var random = new Random(11);
        var images = new List<ImagePrediction>();
        for (var i = 0; i < site.Images.Count; i++)
        {
            var weights = Classes.Select(_ => random.NextDouble() + 0.01).ToArray();
            if (i % every == 0) images.Add(new ImagePrediction(await NameAsync(site, i), [.. weights.Select(w => (float)(w / weights.Sum()))]));
        }
        return new PredictionSet(PredictionKind.Classification, Classes, images);
    }

    private static async Task<string> NameAsync(SyntheticWorkspace site, int i) =>
        (await site.Workspace.GetImageAsync(site.Images[i], TestContext.Current.CancellationToken)).Uri;

    private static Task<PredictionImport> ImportAsync(SyntheticWorkspace site, PredictionSet set) =>
        PredictionStore.ImportAsync(site.Workspace, "outside", set, "csv", "file.csv", TestContext.Current.CancellationToken);

    private static Task<OutsideScores> OpenAsync(SyntheticWorkspace site) => OutsideScores.OpenAsync(site.Workspace, null, TestContext.Current.CancellationToken);

    private static Task<SelectionReport> SelectAsync(SyntheticWorkspace site, int count, SelectOptions options) =>
        Selection.SelectAsync(site.Workspace, null, null, count, options, TestContext.Current.CancellationToken);
}
