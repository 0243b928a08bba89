using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Shards;
using Curator.Labeling.Classification;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;

namespace Curator.Labeling.Tests.Classification;

public sealed class ClassifierTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sweep_scores_every_image_and_agrees_with_the_last_round()
    {
        await using var made = await LearnedAsync(partitions: 2);
        var rounds = await LearningLoop.GetReportsAsync(made.Workspace, made.Task.Name, Token);
        var report = await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(2), null, Token);
        Assert.Equal(made.Data.Count, report.Images);
        Assert.Equal(rounds[^1].Threshold!.Value, report.Threshold, 1e-4);
        Assert.Equal(report, await Classifier.GetReportAsync(made.Workspace, made.Task.Name, Token));
        var set = await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).ToListAsync(Token);
        Assert.Equal(made.Images, set.Select(l => l.Image).OrderBy(i => made.Images.IndexOf(i)));
        Assert.Equal(report.Positives, set.Count(l => l.Class == "yes"));
        Assert.Equal(report.HumanPositives + report.HumanNegatives, set.Count(l => l.IsHuman));
        double right = set.Count(l => made.Truth.TryGet(l.Image, out var value) && made.Task.Classes[value] == l.Class);
        Assert.True(right / set.Count > 0.97, $"{right / set.Count}");
        Assert.All(set, l => Assert.InRange(l.Confidence, 0, 1));
    }

    [Fact]
    public async Task A_second_sweep_does_nothing_and_new_labels_make_a_new_one()
    {
        await using var made = await LearnedAsync(partitions: 2);
        var first = await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token);
        var bytes = Scores(made);
        Assert.Equal((2, 0), (first.PartitionsScored, (await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token)).PartitionsScored));
        var answered = (await made.Workspace.Labels.GetStatesAsync(made.Task.Name, Token)).Select(s => s.Image).ToHashSet();
        await made.AnswerAsync(made.Images.First(i => !answered.Contains(i)), "yes", "zoe");
        var third = await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token);
        Assert.Equal(2, third.PartitionsScored);
        Assert.NotEqual(first.Head, third.Head);
        Assert.NotEqual(bytes, Scores(made));
        Assert.Single(Directory.GetFiles(made.Workspace.WorkDirectory($"classify-{made.Task.Name}")));
    }

    [Fact]
    public async Task A_sweep_cut_off_anywhere_leaves_the_same_files_when_run_again()
    {
        await using var calm = await LearnedAsync(partitions: 3);
        await Classifier.ClassifyAsync(calm.Workspace, calm.Task, new PoolEngine(1), null, Token);
        await using var rough = await LearnedAsync(partitions: 3);
        for (var after = 0; after < 4; after++)
        {
            using var cut = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                Classifier.ClassifyAsync(rough.Workspace, rough.Task, new CutEngine(after, cut), null, cut.Token));
        }
        await Classifier.ClassifyAsync(rough.Workspace, rough.Task, new PoolEngine(2), null, Token);
        Assert.Equal(Scores(calm), Scores(rough));
    }

    [Fact]
    public async Task Damaged_scores_and_scores_of_other_embeddings_are_made_again()
    {
        await using var made = await LearnedAsync(partitions: 1);
        await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token);
        var bytes = Scores(made);
        var path = made.Workspace.ScorePath((await made.Workspace.Catalog.GetPartitionsAsync(Token))[0], made.Task.Name);
        var damaged = await File.ReadAllBytesAsync(path, Token);
        damaged[^200] ^= 0xFF;
        File.Delete(path);
        await File.WriteAllBytesAsync(path, damaged, Token);
        Assert.Equal(1, (await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token)).PartitionsScored);
        Assert.Equal(bytes, Scores(made));
    }

    [Fact]
    public async Task People_win_over_the_threshold_unsure_ones_do_not_and_hidden_images_are_left_out()
    {
        await using var made = await LearnedAsync(partitions: 1);
        await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token);
        var before = await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).ToListAsync(Token);
        var sure = before.First(l => !l.IsHuman && l.Class == "no");
        var puzzling = before.Last(l => !l.IsHuman && l.Class == "no");
        var twin = made.Images.First(i => i != sure.Image && i != puzzling.Image);
        await made.AnswerAsync(sure.Image, "yes", "zoe");
        await made.AnswerAsync(puzzling.Image, null, "zoe");
        await made.Workspace.Catalog.SetImageStateAsync([twin], ImageState.Duplicate, Token);
        var after = await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).ToDictionaryAsync(l => l.Image, cancellationToken: Token);
        Assert.Equal(("yes", "zoe", 1f), (after[sure.Image].Class, after[sure.Image].Person, after[sure.Image].Confidence));
        Assert.False(after[puzzling.Image].IsHuman);
        Assert.False(after.ContainsKey(twin));
        Assert.Equal(before.Count - 1, after.Count);
    }

    [Fact]
    public async Task Images_without_an_embedding_get_no_score_and_are_counted()
    {
        var data = Mixture.Draw(200, 6, 8, 2, 0.3, 0.3, 1);
        data.Rows.AsSpan(5 * 6, 6).Clear();
        await using var made = await LearnedAsync(1, data);
        var report = await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token);
        Assert.Equal((199L, 1L), (report.Images, report.Unscored));
        using var scores = EmbeddingFile.Open(made.Workspace.ScorePath((await made.Workspace.Catalog.GetPartitionsAsync(Token))[0], made.Task.Name));
        Assert.Equal([5], Enumerable.Range(0, 200).Where(i => scores.IsAbsent(i)));
    }

    [Fact]
    public async Task Without_labels_of_both_classes_the_next_step_is_to_label()
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(50, 4, 6, 2, 0.3, 0.3, 3));
        await made.AnswerAsync(made.Images[0], "yes");
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token));
        Assert.Contains("curator learn rare", error.NextStep);
        await Assert.ThrowsAsync<WorkspaceException>(async () => await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).ToListAsync(Token));
        Assert.Single(await FinalSet.ReadAsync(made.Workspace, made.Task, true, Token).ToListAsync(Token));
    }

    internal static async Task<SyntheticWorkspace> LearnedAsync(int partitions, Mixture? data = null, bool files = false)
    {
        var made = await SyntheticWorkspace.MakeAsync(data ?? Mixture.Draw(400, 8, 10, 2, 0.2, 0.3, 5), partitions, files);
        var options = new LearnOptions { LabelBudget = 60, RoundSize = 20, Patience = 0 };
        await LearningLoop.RunAsync(made.Workspace, made.Task, made.Example, options, new SimulatedLabeler(made.Truth), null, Token);
        return made;
    }

    private static List<string> Scores(SyntheticWorkspace made) =>
        [.. Directory.EnumerateFiles(made.Root, "*.scores", SearchOption.AllDirectories).Order().Select(f => Convert.ToHexString(File.ReadAllBytes(f)))];

    /// <summary>Runs some shards and then pulls the plug.</summary>
    private sealed class CutEngine(int shardsDone, CancellationTokenSource cut) : IShardEngine
    {
        public async Task<ShardRunReport> RunAsync(
            Workspace workspace, IShardStage stage, IReadOnlyList<ShardSpec> shards, string unit, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
        {
            var report = await new PoolEngine(1).RunAsync(workspace, stage, [.. shards.Take(shardsDone)], unit, progress, cancellationToken);
            await cut.CancelAsync();
            if (shardsDone >= shards.Count) return report;
            cancellationToken.ThrowIfCancellationRequested();
            return report;
        }
    }
}
