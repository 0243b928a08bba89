using System.Text.Json;
using Curator.Cli.Reports;
using Curator.Core;

namespace Curator.Cli.Jobs;

/// <summary>How long each stage of a job took, kept in the catalog so that a resumed job still tells the whole.</summary>
internal sealed class JobClock
{
    private readonly Workspace _workspace;
    private readonly string _key;
    private readonly List<StageTime> _stages;

    private JobClock(Workspace workspace, string key, IEnumerable<StageTime> stored)
    {
        _workspace = workspace;
        _key = key;
        _stages = [.. stored];
    }

    /// <summary>Stages in the order of their first run; times of interrupted runs are added up.</summary>
    public IReadOnlyList<StageTime> Stages => _stages;

    /// <summary>All stages together.</summary>
    public TimeSpan Total => new(_stages.Sum(s => s.Time.Ticks));

    public static async Task<JobClock> LoadAsync(Workspace workspace, string job, CancellationToken cancellationToken)
    {
        var key = $"job.{job}.stages";
        var json = await workspace.Catalog.GetValueAsync(key, cancellationToken);
        return new JobClock(workspace, key, json is null ? [] : JsonSerializer.Deserialize<StageTime[]>(json) ?? []);
    }

    /// <summary>Runs a stage, prints and stores its time.</summary>
    /// <param name="detail">What it did, for the report: <c>8,512 tiles</c>.</param>
    public async Task<T> RunAsync<T>(string stage, Terminal terminal, Func<T, string> detail, Func<Task<T>> work)
    {
        var start = _workspace.Clock.GetTimestamp();
        var text = "interrupted";
        try
        {
            var result = await work();
            text = detail(result);
            return result;
        }
        finally
        {
            var elapsed = _workspace.Clock.GetElapsedTime(start);
            var at = _stages.FindIndex(s => s.Name == stage);
            if (at < 0) _stages.Add(new StageTime(stage, elapsed, text));
            else _stages[at] = new StageTime(stage, _stages[at].Time + elapsed, text);
            // Kept even when the stage was interrupted: its time was spent.
            await _workspace.Catalog.SetValueAsync(_key, JsonSerializer.Serialize(_stages), CancellationToken.None);
            terminal.Note($"{stage,-10} {ProgressLine.Duration(elapsed),8}  {text}");
        }
    }
}
