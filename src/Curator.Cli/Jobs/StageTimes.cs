using System.Text.Json;
using Curator.Core;

namespace Curator.Cli.Jobs;

/// <summary>How long each stage of a job took, kept in the catalog so that a resumed job still tells the whole.</summary>
internal sealed class StageTimes
{
    private readonly Workspace _workspace;
    private readonly string _key;
    private readonly Dictionary<string, double> _seconds;
    private readonly List<string> _order;

    private StageTimes(Workspace workspace, string key, IReadOnlyList<StageTime> stored)
    {
        _workspace = workspace;
        _key = key;
        _seconds = stored.ToDictionary(s => s.Stage, s => s.Seconds);
        _order = [.. stored.Select(s => s.Stage)];
    }

    /// <summary>Stages in the order of their first run.</summary>
    public IReadOnlyList<StageTime> All => [.. _order.Select(s => new StageTime(s, _seconds[s]))];

    public static async Task<StageTimes> LoadAsync(Workspace workspace, string job, CancellationToken cancellationToken)
    {
        var key = $"times.{job}";
        var json = await workspace.Catalog.GetValueAsync(key, cancellationToken);
        return new StageTimes(workspace, key, json is null ? [] : JsonSerializer.Deserialize<StageTime[]>(json) ?? []);
    }

    /// <summary>Runs a stage and adds its time to what earlier, interrupted runs of it took.</summary>
    public async Task<T> RunAsync<T>(string stage, Terminal terminal, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var start = _workspace.Clock.GetTimestamp();
        if (!_seconds.ContainsKey(stage)) _order.Add(stage);
        try
        {
            return await work();
        }
        finally
        {
            var elapsed = _workspace.Clock.GetElapsedTime(start);
            _seconds[stage] = _seconds.GetValueOrDefault(stage) + elapsed.TotalSeconds;
            await _workspace.Catalog.SetValueAsync(_key, JsonSerializer.Serialize(All), CancellationToken.None);
            terminal.Note($"{stage,-9} {ProgressLine.Duration(elapsed),8}");
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}

/// <param name="Seconds">Wall-clock, all runs together.</param>
internal sealed record StageTime(string Stage, double Seconds);
