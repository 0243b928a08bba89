using System.Collections.Concurrent;
using Curator.Core.Shards;

namespace Curator.Core.Tests.Shards;

public sealed class PoolEngineTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Every_shard_runs_once_and_progress_adds_up_without_going_back()
    {
        await using var project = await Project.CreateAsync();
        var stage = new Stage();
        var reports = new Reports();
        var report = await new PoolEngine(4).RunAsync(project.Workspace, stage, Plan(20), "images", reports, None);
        Assert.Equal(new ShardRunReport(20, 0, 2000, 0), report);
        Assert.Equal(20, stage.Runs.Count);
        Assert.True(stage.Runs.Values.All(runs => runs == 1));
        Assert.True(stage.Most <= 4);
        Assert.Equal(reports.Seen.Select(r => r.Done).Order(), reports.Seen.Select(r => r.Done));
        Assert.Equal(new StageProgress("test", 2000, 2000, "images"), reports.Seen[^1]);
        Assert.All(reports.Seen, r => Assert.InRange(r.Done, 0, 2000));

        report = await new PoolEngine(2).RunAsync(project.Workspace, stage, Plan(20), "images", null, None);
        Assert.Equal(new ShardRunReport(0, 20, 2000, 0), report);
    }

    [Fact]
    public async Task A_stage_that_fails_at_random_is_finished_by_running_it_again()
    {
        await using var project = await Project.CreateAsync();
        var random = new Random(3);
        var stage = new Stage
        {
            Before = _ =>
            {
                lock (random)
                    if (random.Next(4) == 0)
                        throw new InvalidDataException("a bad tile");
            },
        };
        var attempts = 0;
        ShardRunReport? report = null;
        while (report is null)
        {
            Assert.True(++attempts < 200);
            try
            {
                report = await new PoolEngine(3).RunAsync(project.Workspace, stage, Plan(30), "images", null, None);
            }
            catch (InvalidDataException error)
            {
                Assert.Equal("a bad tile", error.Message);
            }
        }

        Assert.True(attempts > 1);
        Assert.Equal(3000, report.UnitsDone);
        Assert.True(stage.Runs.Values.All(runs => runs == 1), "a finished shard was run again");
    }

    [Fact]
    public async Task A_failure_stops_the_run_after_the_running_ones_ended_and_is_recorded()
    {
        await using var project = await Project.CreateAsync();
        var stage = new Stage { Before = id => { if (id == "s003") throw new InvalidDataException("a bad tile"); } };
        await Assert.ThrowsAsync<InvalidDataException>(() => new PoolEngine(1).RunAsync(project.Workspace, stage, Plan(10), "images", null, None));
        Assert.Equal(["s000", "s001", "s002"], stage.Runs.Keys.Order());
        var shards = await project.Workspace.Catalog.GetShardsAsync("test", "", None);
        Assert.Equal((ShardState.Failed, """{"error":"a bad tile"}"""), (shards[3].State, shards[3].Result?.Summary));
        Assert.All(shards.Skip(4), shard => Assert.Equal(ShardState.Planned, shard.State));
    }

    [Fact]
    public async Task A_cancelled_run_can_be_resumed()
    {
        await using var project = await Project.CreateAsync();
        using var stop = new CancellationTokenSource();
        var stage = new Stage { Before = id => { if (id == "s005") stop.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new PoolEngine(2).RunAsync(project.Workspace, stage, Plan(10), "images", null, stop.Token));
        var states = (await project.Workspace.Catalog.GetShardsAsync("test", "", None)).Select(shard => shard.State).ToArray();
        Assert.DoesNotContain(ShardState.Failed, states);
        Assert.Contains(ShardState.Planned, states);
        stage.Before = _ => { };
        var report = await new PoolEngine(2).RunAsync(project.Workspace, stage, Plan(10), "images", null, None);
        Assert.Equal(10, report.Ran + report.AlreadyDone);
        Assert.Equal(1000, report.UnitsDone);
    }

    [Fact]
    public async Task A_zombie_does_not_record_over_a_later_claim()
    {
        await using var project = await Project.CreateAsync();
        var key = new ShardKey("test", "s000");
        await project.Workspace.Catalog.PlanShardsAsync(Plan(1), None);
        var stage = new Stage { BeforeAsync = _ => project.Workspace.Catalog.ClaimShardAsync(key, None) };
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => PoolEngine.WorkAsync(project.Workspace, stage, "s000", null, None));
        Assert.Contains("another process", error.WhatHappened, StringComparison.Ordinal);
        Assert.Equal(ShardState.Running, (await project.Workspace.Catalog.GetShardAsync(key, None))?.State);
    }

    [Fact]
    public async Task A_zombie_takes_the_result_of_the_one_that_overtook_it()
    {
        await using var project = await Project.CreateAsync();
        await project.Workspace.Catalog.PlanShardsAsync(Plan(1), None);
        var inner = new Stage();
        var stage = new Stage { BeforeAsync = _ => PoolEngine.WorkAsync(project.Workspace, inner, "s000", null, None) };
        Assert.Equal(new ShardResult(100, 0), await PoolEngine.WorkAsync(project.Workspace, stage, "s000", null, None));
    }

    [Fact]
    public async Task A_shard_that_nobody_planned_is_refused()
    {
        await using var project = await Project.CreateAsync();
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => PoolEngine.WorkAsync(project.Workspace, new Stage(), "s999", null, None));
        Assert.Contains("test s999", error.WhatHappened, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PoolEngine(0));
    }

    private static ShardSpec[] Plan(int count) => [.. Enumerable.Range(0, count).Select(i => new ShardSpec(new ShardKey("test", $"s{i:d3}"), $$"""{"n":{{i}}}""", 100))];

    private sealed class Reports : IProgress<StageProgress>
    {
        public List<StageProgress> Seen { get; } = [];

        public void Report(StageProgress value) => Seen.Add(value);
    }

    private sealed class Stage : IShardStage
    {
        private int _running;

        public string Name => "test";

        public Action<string> Before { get; set; } = _ => { };

        public Func<string, Task> BeforeAsync { get; init; } = _ => Task.CompletedTask;

        public ConcurrentDictionary<string, int> Runs { get; } = new();

        public int Most { get; private set; }

        public async Task<ShardResult> RunAsync(Workspace workspace, ShardSpec shard, IProgress<long>? unitsDone, CancellationToken cancellationToken)
        {
            lock (Runs) Most = Math.Max(Most, Interlocked.Increment(ref _running));
            try
            {
                Before(shard.Key.Id);
                await BeforeAsync(shard.Key.Id);
                // Out of order and past the end, as careless stages report.
                foreach (var units in (long[])[10, 60, 30, 60, 100])
                {
                    await Task.Yield();
                    cancellationToken.ThrowIfCancellationRequested();
                    unitsDone?.Report(units);
                }

                Runs.AddOrUpdate(shard.Key.Id, 1, (_, runs) => runs + 1);
                return new ShardResult(shard.Units, 0);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }
    }
}
