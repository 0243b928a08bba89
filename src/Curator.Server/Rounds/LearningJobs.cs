using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Curator.Server.Rounds;

/// <summary>
/// Runs what pages ask for (<see cref="JobBook"/>) in this process, one work a task at a time, over all processes: whoever holds the task's lock runs it. The book is looked at
/// every two seconds and at each request, so work that was under way when a server was killed is taken up by the next one, and a stop that was asked of one server reaches the
/// other. Rounds and sweep go on where they were by themselves.
/// </summary>
internal sealed class LearningJobs(Workspace workspace, LearningRunner runner, ILogger<LearningJobs> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Work> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _looking = new(1);
    private readonly JobBook _book = new(workspace);

    public Task<LearningJob> GetAsync(string task, CancellationToken cancellationToken) => _book.ReadAsync(task, cancellationToken);

    /// <summary>Pictures of the sweep that are done and that there are, or 0 of 0.</summary>
    public (long Done, long Total) ProgressOf(string task) => _running.TryGetValue(task, out var work) ? (work.Progress.Done, work.Progress.Total) : (0, 0);

    /// <summary>Whether rounds of the task run in another process, or in this one by the command line.</summary>
    public bool RunElsewhere(string task)
    {
        if (_running.ContainsKey(task)) return false;
        using var free = workspace.TryLock($"learn-{task}");
        return free is null;
    }

    /// <summary>Notes the request and begins with it.</summary>
    /// <returns>Null when work of the task is under way already; then nothing is changed.</returns>
    public async Task<LearningJob?> BeginAsync(string task, LearningRequest request, string person, CancellationToken cancellationToken)
    {
        var begun = false;
        var job = await _book.ChangeAsync(task, present =>
        {
            if (present.IsAlive) return null;
            begun = true;
            return new LearningJob(LearningState.Running, request, person, workspace.Clock.GetUtcNow(), null, null, null);
        }, cancellationToken);
        if (!begun) return null;
        await LookAsync(cancellationToken);
        return job;
    }

    /// <summary>Asks the work of the task to end; it does so at its next step, wherever it runs.</summary>
    public async Task<LearningJob> StopAsync(string task, CancellationToken cancellationToken)
    {
        var job = await _book.ChangeAsync(task, present => present.State == LearningState.Running ? present with { State = LearningState.Stopping } : null, cancellationToken);
        await LookAsync(cancellationToken);
        return job;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // What runs here stays "running" in the book: the next server goes on with it.
        foreach (var work in _running.Values) await work.Stop.CancelAsync();
        try
        {
            await Task.WhenAll(_running.Values.Select(work => work.Ended)).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The time to end is over; what runs is killed with the process, which does it no harm.
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _looking.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, workspace.Clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LearningNotLookedAt(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Takes up what nobody runs, and stops what was asked to stop.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            foreach (var task in await workspace.Labels.GetTasksAsync(cancellationToken))
            {
                var job = await _book.ReadAsync(task.Name, cancellationToken);
                if (!job.IsAlive) continue;
                if (_running.TryGetValue(task.Name, out var work))
                {
                    if (job.State == LearningState.Stopping) await work.Stop.CancelAsync();
                }
                else if (workspace.TryLock($"serve-learning-{task.Name}") is { } alone)
                {
                    // Nobody holds it, so a stop that is still asked for was asked of a server that is gone.
                    if (job.State == LearningState.Running) Run(task, job.Request!, alone);
                    else using (alone) await EndAsync(task.Name, LearningState.Stopped, null, null);
                }
            }
        }
        finally
        {
            _looking.Release();
        }
    }

    private void Run(LabelingTask task, LearningRequest request, IDisposable alone)
    {
        var work = new Work();
        _running[task.Name] = work;
        work.Ended = Task.Run(() => RunAsync(task, request, work, alone));
    }

    private async Task RunAsync(LabelingTask task, LearningRequest request, Work work, IDisposable alone)
    {
        try
        {
            var message = await runner.RunAsync(task, request, work.Progress, work.Stop.Token);
            await EndAsync(task.Name, LearningState.Done, message, null);
        }
        catch (OperationCanceledException) when (work.Stop.IsCancellationRequested)
        {
            // By a person, or because this server ends; then the book still says "running", and so it stays.
            await _book.ChangeAsync(
                task.Name, job => job.State == LearningState.Stopping ? job with { State = LearningState.Stopped, EndedAt = workspace.Clock.GetUtcNow() } : null, CancellationToken.None);
        }
        catch (CuratorException e)
        {
            await EndAsync(task.Name, LearningState.Failed, e.WhatHappened, e.NextStep);
        }
        catch (Exception e)
        {
            logger.LearningFailed(e, task.Name);
            await EndAsync(task.Name, LearningState.Failed, "Something went wrong inside the server.", "Try again; if it stays, look into the server's log.");
        }
        finally
        {
            _running.TryRemove(task.Name, out _);
            alone.Dispose();
        }
    }

    private Task<LearningJob> EndAsync(string task, LearningState state, string? message, string? nextStep) => _book.ChangeAsync(
        task, job => job with { State = state, EndedAt = workspace.Clock.GetUtcNow(), Message = message, NextStep = nextStep }, CancellationToken.None);

    private sealed class Work
    {
        /// <summary>Not disposed: whoever looked just before the end may still cancel it, and without a timer it holds nothing.</summary>
        public CancellationTokenSource Stop { get; } = new();

        public Task Ended { get; set; } = Task.CompletedTask;

        public SweepProgress Progress { get; } = new();
    }
}

/// <summary>The last that was told of a sweep.</summary>
internal sealed class SweepProgress : IProgress<StageProgress>
{
    private long _done;
    private long _total;

    public long Done => Interlocked.Read(ref _done);

    public long Total => Interlocked.Read(ref _total);

    public void Report(StageProgress value)
    {
        Interlocked.Exchange(ref _done, value.Done);
        Interlocked.Exchange(ref _total, value.Total);
    }
}
