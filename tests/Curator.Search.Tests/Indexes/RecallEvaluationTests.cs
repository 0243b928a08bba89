using Curator.Core;
using Curator.Search.Indexes;

namespace Curator.Search.Tests.Indexes;

public sealed class RecallEvaluationTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Chooses_the_fewest_probes_that_reach_the_recall_and_searches_use_them()
    {
        await using var space = await SearchWorkspace.CreateAsync(24);
        await space.PutAsync("a", Mixture.Rows(6000, 24, 400, 1));
        await space.PutAsync("b", Mixture.Rows(2000, 24, 400, 2));
        await IndexSearchTests.IndexAsync(space, new IndexOptions { ListsFrom = 0 });
        var report = await RecallEvaluation.RunAsync(space.Workspace, space.Encoder, new RecallOptions { Recall = 0.9, Queries = 100, ExactBelow = 0 }, null, None);
        Assert.True(report.Reached);
        Assert.Equal((100, 8000L, 2), (report.Queries, report.Rows, report.Partitions));
        var point = report.Curve.Single(p => p.Tuning.Probes == report.Chosen.Probes);
        Assert.True(point.RecallAt10 >= 0.9);
        Assert.Equal(point.RecallAt10, report.Chosen.MeasuredRecall);
        Assert.All(report.Curve.TakeWhile(p => p != point), p => Assert.True(p.RecallAt10 < 0.9));
        Assert.All(report.Curve, p => Assert.True(p.QueriesPerSecond > 0 && p.RecallAt50 is > 0 and <= 1));
        Assert.Equal(report.Chosen, await SearchTuning.LoadAsync(space.Workspace, space.Encoder, None));

        // A higher recall takes more probes.
        var higher = await RecallEvaluation.RunAsync(space.Workspace, space.Encoder, new RecallOptions { Recall = 0.99, Queries = 100, ExactBelow = 0 }, null, None);
        Assert.True(higher.Chosen.Probes >= report.Chosen.Probes);
    }

    [Fact]
    public async Task Exact_partitions_have_a_recall_of_one()
    {
        await using var space = await SearchWorkspace.CreateAsync(16);
        await space.PutAsync("a", Mixture.Rows(1000, 16, 10, 1));
        await IndexSearchTests.IndexAsync(space, new IndexOptions());
        var report = await RecallEvaluation.RunAsync(space.Workspace, space.Encoder, new RecallOptions { Queries = 50 }, null, None);
        Assert.Equal([1.0], report.Curve.Select(point => point.RecallAt10));
        Assert.Equal([1.0], report.Curve.Select(point => point.RecallAt50));
        Assert.Equal(new SearchTuning { MeasuredRecall = 1 }, report.Chosen);
    }

    [Fact]
    public async Task Nothing_embedded_names_the_command_that_embeds()
    {
        await using var space = await SearchWorkspace.CreateAsync(8);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => RecallEvaluation.RunAsync(space.Workspace, space.Encoder, new RecallOptions(), null, None));
        Assert.Contains("curator embed", error.NextStep, StringComparison.Ordinal);
    }
}
