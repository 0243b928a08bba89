using Curator.Core.Shards;
using Curator.Labeling.Classification;
using Curator.Labeling.Export;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;

namespace Curator.Labeling.Tests.Rounds;

public sealed class ManyClassesTests
{
    private static readonly string[] Classes = ["water", "forest", "town", "road"];

    private static readonly LearnOptions Options = new() { LabelBudget = 90, RoundSize = 15, Patience = 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_classes_are_learned_swept_and_exported_and_no_image_is_in_two()
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Many(600, 8, 4, 0.35, 3), partitions: 2, files: true, classes: Classes);
        var report = await LearningLoop.RunAsync(made.Workspace, made.Task, [], Options, new SimulatedLabeler(made.Truth), null, Token);
        var last = report.Rounds[^1];
        Assert.Equal(Classes, last.Classes!.Select(c => c.Class));
        Assert.Equal(90, last.Classes!.Sum(c => c.Labels));
        Assert.True(last.Exact!.F1 > 0.93, $"{last.Exact.F1}");
        Assert.Equal(last.Classes!.Average(c => c.Exact!.F1), last.Exact.F1, 9);
        Assert.InRange(last.Exact.F1, last.Estimate!.F1.Low - 0.05, last.Estimate.F1.High + 0.05);
        Assert.Equal(last.Classes!.Average(c => c.Estimate!.F1.Value), last.Estimate.F1.Value, 6);

        var sweep = await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(2), null, Token);
        Assert.Equal(600, sweep.Classes!.Sum(c => c.Human + c.Model));
        Assert.Equal(90, sweep.Classes!.Sum(c => c.Human));
        Assert.Equal(0, (await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(2), null, Token)).PartitionsScored);
        var set = await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).ToListAsync(Token);
        Assert.Equal(600, set.Select(l => l.Image).Distinct().Count());
        Assert.Equal(600, set.Count);
        var exported = await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], new ExportOptions(), Token);
        var files = Classes.SelectMany(c => Directory.GetFiles(made[$"out/{c}"])).Select(File.ReadAllText).ToList();
        Assert.Equal(600, files.Count);
        Assert.Equal(600, files.Distinct().Count());
        Assert.Equal(exported.Classes.Values, Classes.Select(c => (long)set.Count(l => l.Class == c)));
        double right = set.Count(l => made.Truth.TryGet(l.Image, out var value) && Classes[value] == l.Class);
        Assert.True(right / 600 > 0.95, $"{right / 600}");
    }

    [Fact]
    public async Task Rounds_of_several_classes_go_on_where_they_were_and_end_equal()
    {
        var data = Mixture.Many(300, 6, 3, 0.3, 2);
        await using var calm = await SyntheticWorkspace.MakeAsync(data, classes: ["a", "b", "c"]);
        var whole = await LearningLoop.RunAsync(calm.Workspace, calm.Task, [], Options, new SimulatedLabeler(calm.Truth), null, Token);
        await using var rough = await SyntheticWorkspace.MakeAsync(data, classes: ["a", "b", "c"]);
        LearnReport? parts = null;
        for (var rounds = 0; rounds < whole.Rounds.Count; rounds++)
            parts = await LearningLoop.RunAsync(rough.Workspace, rough.Task, [], Options with { Rounds = rounds }, new SimulatedLabeler(rough.Truth), null, Token);
        Assert.Equal(whole.Rounds.Select(r => (r.Labels, r.NewPositives, r.Exact)), parts!.Rounds.Select(r => (r.Labels, r.NewPositives, r.Exact)));
    }

    [Fact]
    public async Task Boundaries_between_every_pair_of_classes_are_asked_about()
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Many(600, 6, 3, 0.8, 4), classes: ["a", "b", "c"]);
        await LearningLoop.RunAsync(made.Workspace, made.Task, [], Options with { Strategy = "boundary", HoldoutShare = 0 }, new SimulatedLabeler(made.Truth), null, Token);
        var asked = (await made.Workspace.Labels.GetQueueAsync("rare", 4, Token)).Select(i => i.Image).ToHashSet();
        var answers = (await made.Workspace.Labels.GetStatesAsync("rare", Token)).Where(s => asked.Contains(s.Image)).Select(s => s.Value).Distinct().Count();
        Assert.Equal(3, answers);
    }

    [Fact]
    public async Task The_review_list_holds_what_nobody_answered_nearest_the_boundary_first()
    {
        await using var two = await SyntheticWorkspace.MakeAsync(Mixture.Draw(400, 8, 10, 2, 0.2, 0.5, 5), partitions: 2);
        await LearningLoop.RunAsync(two.Workspace, two.Task, two.Example, Options with { LabelBudget = 40 }, new SimulatedLabeler(two.Truth), null, Token);
        var sweep = await Classifier.ClassifyAsync(two.Workspace, two.Task, new PoolEngine(1), null, Token);
        var set = await FinalSet.ReadAsync(two.Workspace, two.Task, false, Token).ToDictionaryAsync(l => l.Image, cancellationToken: Token);
        static double Logit(double p) => Math.Log(p / (1 - p));
        double Far(float yes) => Math.Abs(Logit(Math.Clamp(yes, 1e-9, 1 - 1e-9)) - Logit(sweep.Threshold));
        var literal = set.Values.Where(l => !l.IsHuman).Select(l => (l.Image, Far: Far(l.Class == "yes" ? l.Confidence : 1 - l.Confidence))).OrderBy(x => x.Far).Take(25).ToList();
        var review = await ReviewList.ReadAsync(two.Workspace, two.Task, 25, Token);
        Assert.Equal(25, review.Count);
        Assert.All(review.Zip(review.Skip(1)), pair => Assert.True(pair.First.Doubt >= pair.Second.Doubt));
        Assert.Equal(literal.Max(x => x.Far), review.Max(r => Far(r.Class == "yes" ? r.Probability : 1 - r.Probability)), 1e-2);
        Assert.All(review, r => Assert.Equal(set[r.Image].Class, r.Class));
        // An answer takes an image off the list.
        await two.AnswerAsync(review[0].Image, "yes", "zoe");
        Assert.DoesNotContain(review[0].Image, (await ReviewList.ReadAsync(two.Workspace, two.Task, 25, Token)).Select(r => r.Image));
    }

    [Fact]
    public async Task Rounds_stop_when_their_time_is_over()
    {
        var clock = new SteppingClock();
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(300, 6, 8, 2, 0.2, 0.3, 1), clock: clock);
        var report = await LearningLoop.RunAsync(
            made.Workspace, made.Task, made.Example, Options with { TimeLimitMinutes = 5 }, new SimulatedLabeler(made.Truth), new Progress(() => clock.Minutes += 2), Token);
        Assert.Equal((StopReason.Time, 3), (report.Stop, report.Rounds.Count));
        // The next run has its own time.
        var more = await LearningLoop.RunAsync(made.Workspace, made.Task, made.Example, Options with { TimeLimitMinutes = 5 }, new SimulatedLabeler(made.Truth), null, Token);
        Assert.Equal(StopReason.Budget, more.Stop);
    }

    private sealed class Progress(Action then) : IProgress<RoundReport>
    {
        public void Report(RoundReport value) => then();
    }

    private sealed class SteppingClock : TimeProvider
    {
        public int Minutes { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Minutes * 60L;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50).AddMinutes(Minutes);
    }
}
